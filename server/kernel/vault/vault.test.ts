import { beforeEach, describe, expect, test } from "vitest";
import {
  installationKeys,
  openVault,
  UnsealError,
  type KeyStore,
  type Vault,
  type WrappedKey,
} from "./index.ts";

const where = { table: "mailbox", column: "imap_password", rowId: "1" };
const secret = Buffer.from("correct horse");
const installationSecret = Buffer.alloc(32, 3);
const asText = (plaintext: Buffer): string => plaintext.toString();

const nameOf = ({ tenantId, keyId }: { tenantId: string; keyId: number }): string => `${tenantId} ${keyId}`;

/** A store in memory with the promises of the interface. */
function openStore() {
  const rows = new Map<string, WrappedKey>();
  const counts = { reads: 0 };
  const store: KeyStore = {
    async read(tenantId) {
      counts.reads += 1;
      return [...rows.values()].filter((row) => row.tenantId === tenantId);
    },
    async add(row) {
      if (!rows.has(nameOf(row))) rows.set(nameOf(row), row);
    },
    async rewrap(row, before) {
      if (rows.get(nameOf(row))?.wrapped.equals(before) === true) rows.set(nameOf(row), row);
    },
  };
  return { store, rows, counts };
}

let trial: ReturnType<typeof openStore>;
let clock: number;
let vault: Vault;
const provider = installationKeys(installationSecret);

beforeEach(async () => {
  trial = openStore();
  clock = 0;
  vault = openVault({ provider, store: trial.store, openMax: 3, openMsMax: 300_000, clockMs: () => clock });
  await vault.create("acme");
});

describe("the vault", () => {
  test("seals and opens for a tenant", async () => {
    const sealed = await vault.seal("acme", where, secret);
    expect(await vault.use("acme", where, sealed, asText)).toBe("correct horse");
    await expect(vault.use("acme", { ...where, rowId: "2" }, sealed, asText)).rejects.toThrow(UnsealError);
  });

  test("opens nothing of one tenant for another, not even when the other's wrapped key is put in its place", async () => {
    await vault.create("globex");
    const sealed = await vault.seal("acme", where, secret);
    await expect(vault.use("globex", where, sealed, asText)).rejects.toThrow(UnsealError);
    const row = trial.rows.get("acme 1");
    if (row === undefined) throw new Error("acme has a key");
    trial.rows.set("globex 1", { ...row, tenantId: "globex" });
    vault.forget("globex");
    await expect(vault.use("globex", where, sealed, asText)).rejects.toThrow(UnsealError);
  });

  test("makes no key for a tenant that has none", async () => {
    await expect(vault.seal("erased", where, secret)).rejects.toThrow(UnsealError);
    await expect(vault.rotate("erased")).rejects.toThrow(UnsealError);
    expect(trial.rows.size).toBe(1);
  });

  test("keeps the first key when two create at once", async () => {
    const sealed = await vault.seal("acme", where, secret);
    await Promise.all([vault.create("acme"), vault.create("acme")]);
    expect(await vault.use("acme", where, sealed, asText)).toBe("correct horse");
  });

  test("opens nothing any more once the stored keys are destroyed, from any backup of the rows", async () => {
    const sealed = await vault.seal("acme", where, secret);
    const keys = await vault.keysOf("acme");
    trial.rows.clear();
    vault.forget("acme");
    await expect(vault.use("acme", where, sealed, asText)).rejects.toThrow(UnsealError);
    expect(keys.tenantId).toBe("acme");
    await vault.create("acme");
    await expect(vault.use("acme", where, sealed, asText)).rejects.toThrow(UnsealError);
  });

  test("opens nothing with keys that were read before they were destroyed, but arrived after", async () => {
    const sealed = await vault.seal("acme", where, secret);
    vault.forget("acme");
    const late = vault.use("acme", where, sealed, asText);
    vault.forget("acme");
    await expect(late).rejects.toThrow(UnsealError);
  });
});

describe("rotation", () => {
  test("of a tenant's key leaves old values readable and seals new ones anew", async () => {
    const before = await vault.seal("acme", where, secret);
    await vault.rotate("acme");
    const after = await vault.seal("acme", where, secret);
    expect([before.readUInt32BE(1), after.readUInt32BE(1)]).toEqual([1, 2]);
    expect(await vault.use("acme", where, before, asText)).toBe("correct horse");
    expect(await vault.use("acme", where, after, asText)).toBe("correct horse");
  });

  test("on another node is noticed as soon as one of its values comes by", async () => {
    await vault.seal("acme", where, secret);
    const other = openVault({ provider, store: trial.store });
    await other.rotate("acme");
    const sealed = await other.seal("acme", where, secret);
    clock += 1000;
    expect(await vault.use("acme", where, sealed, asText)).toBe("correct horse");
  });

  test("of the installation's secret wraps the keys anew and changes no sealed value", async () => {
    const sealed = await vault.seal("acme", where, secret);
    const newSecret = Buffer.alloc(32, 4);
    const during = openVault({
      provider: installationKeys(newSecret, [installationSecret]),
      store: trial.store,
    });
    expect(await during.use("acme", where, sealed, asText)).toBe("correct horse");
    expect(await during.rewrap("acme")).toBe(1);
    expect(await during.rewrap("acme")).toBe(0);
    const after = openVault({ provider: installationKeys(newSecret), store: trial.store });
    expect(await after.use("acme", where, sealed, asText)).toBe("correct horse");
    const without = openVault({ provider, store: trial.store });
    await expect(without.use("acme", where, sealed, asText)).rejects.toThrow(UnsealError);
  });
});

describe("opened keys", () => {
  test("are read once for many askers", async () => {
    await Promise.all(Array.from({ length: 50 }, () => vault.seal("acme", where, secret)));
    expect(trial.counts.reads).toBe(1);
  });

  test("stay for five minutes, and are read anew then", async () => {
    await vault.seal("acme", where, secret);
    clock += 299_999;
    await vault.seal("acme", where, secret);
    expect(trial.counts.reads).toBe(1);
    clock += 1;
    await vault.seal("acme", where, secret);
    expect(trial.counts.reads).toBe(2);
  });

  test("give way to others, the least used first", async () => {
    for (const tenant of ["b", "c", "d"]) await vault.create(tenant);
    for (const tenant of ["acme", "b", "c", "acme", "d"]) await vault.seal(tenant, where, secret);
    expect(trial.counts.reads).toBe(4);
    await vault.seal("acme", where, secret);
    expect(trial.counts.reads).toBe(4);
    await vault.seal("b", where, secret);
    expect(trial.counts.reads).toBe(5);
  });

  test("are not read anew for each made-up key number", async () => {
    const sealed = await vault.seal("acme", where, secret);
    sealed.writeUInt32BE(7, 1);
    for (let index = 0; index < 20; index += 1) {
      await expect(vault.use("acme", where, sealed, asText)).rejects.toThrow(UnsealError);
    }
    expect(trial.counts.reads).toBe(1);
  });

  test("are not kept from a read that failed", async () => {
    const sealed = await vault.seal("acme", where, secret);
    let broken = true;
    const store: KeyStore = {
      ...trial.store,
      read: (tenantId) => (broken ? Promise.reject(new Error("no connection")) : trial.store.read(tenantId)),
    };
    const shaky = openVault({ provider, store });
    await expect(shaky.use("acme", where, sealed, asText)).rejects.toThrow("no connection");
    broken = false;
    expect(await shaky.use("acme", where, sealed, asText)).toBe("correct horse");
  });
});

describe("keys wrapped by the installation's secret", () => {
  const key = Buffer.alloc(32, 8);
  const address = { tenantId: "acme", keyId: 1 };

  test("unwrap for their tenant and number only", async () => {
    const wrapped = await provider.wrap(key, address);
    expect(wrapped).toHaveLength(65);
    expect(await provider.unwrap(wrapped, address)).toEqual(key);
    await expect(provider.unwrap(wrapped, { ...address, tenantId: "globex" })).rejects.toThrow(UnsealError);
    await expect(provider.unwrap(wrapped, { ...address, keyId: 2 })).rejects.toThrow(UnsealError);
    await expect(installationKeys(Buffer.alloc(32, 9)).unwrap(wrapped, address)).rejects.toThrow(UnsealError);
  });

  test("do not unwrap when empty, cut, lengthened or changed in any bit", async () => {
    const wrapped = await provider.wrap(key, address);
    for (let length = 0; length < wrapped.length; length += 1) {
      await expect(provider.unwrap(wrapped.subarray(0, length), address)).rejects.toThrow(UnsealError);
    }
    await expect(provider.unwrap(Buffer.concat([wrapped, Buffer.alloc(1)]), address)).rejects.toThrow(
      UnsealError,
    );
    for (let bit = 0; bit < wrapped.length * 8; bit += 1) {
      const changed = Buffer.from(wrapped);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      await expect(provider.unwrap(changed, address)).rejects.toThrow(UnsealError);
    }
  });

  test("are whole keys, under a secret of at least 32 bytes", async () => {
    await expect(provider.wrap(Buffer.alloc(16), address)).rejects.toThrow(RangeError);
    expect(() => installationKeys(Buffer.alloc(16))).toThrow(RangeError);
  });
});
