import { assert, property, string, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  needsReseal,
  open,
  overheadBytes,
  plaintextBytesMax,
  seal,
  UnsealError,
  useOpened,
  type Where,
} from "./index.ts";
import { lengthPrefixed } from "./length-prefixed.ts";
import { putAway, tenantKeysOf } from "./tenant-keys.ts";

const where: Where = {
  table: "mailbox",
  column: "imap_password",
  rowId: "018f0000-0000-7000-8000-000000000001",
};
const secret = Buffer.from("correct horse");
const keysOf = (tenantId: string, ...keys: number[]) =>
  tenantKeysOf(tenantId, new Map(keys.map((fill, index) => [index + 1, Buffer.alloc(32, fill)])));
const acme = keysOf("acme", 1);

/** What an opening says when it fails; it must be one sentence for every cause. */
function complaintOf(keys: typeof acme, place: Where, sealed: Buffer): string {
  try {
    return `opened: ${open(keys, place, sealed).toString("hex")}`;
  } catch (error) {
    return error instanceof UnsealError && error.cause === undefined
      ? error.message
      : `another error: ${String(error)}`;
  }
}
const shut = "A sealed value could not be opened.";

describe("a sealed value", () => {
  test("opens in its place, whatever its bytes", () => {
    assert(
      property(uint8Array({ maxLength: 300 }), string({ minLength: 1, maxLength: 100 }), (bytes, rowId) => {
        const place = { ...where, rowId };
        const sealed = seal(acme, place, Buffer.from(bytes));
        expect(sealed).toHaveLength(bytes.length + overheadBytes);
        expect(open(acme, place, sealed)).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 200 },
    );
  });

  test("never looks the same twice, and does not contain what was sealed", () => {
    const seen = new Set(Array.from({ length: 1000 }, () => seal(acme, where, secret).toString("hex")));
    expect(seen.size).toBe(1000);
    expect([...seen].filter((sealed) => sealed.includes(secret.toString("hex")))).toEqual([]);
  });

  test("opens nowhere else: not in another tenant, table, column or row, even under the same key bytes", () => {
    const tenants = [acme, keysOf("globex", 1), keysOf("initech", 2)];
    const places = ["mailbox", "webhook"].flatMap((table) =>
      ["imap_password", "secret"].flatMap((column) => ["1", "2"].map((rowId) => ({ table, column, rowId }))),
    );
    const cells = tenants.flatMap((keys) =>
      places.map((place) => ({ keys, place, sealed: seal(keys, place, secret) })),
    );
    for (const [from, { sealed }] of cells.entries()) {
      for (const [to, { keys, place }] of cells.entries()) {
        expect(complaintOf(keys, place, sealed)).toBe(
          from === to ? `opened: ${secret.toString("hex")}` : shut,
        );
      }
    }
  });

  test("opens for no neighbour whose names only join to the same text", () => {
    const sealed = seal(acme, { table: "mail", column: "box_secret", rowId: "1" }, secret);
    expect(complaintOf(acme, { table: "mail_box", column: "secret", rowId: "1" }, sealed)).toBe(shut);
    expect(lengthPrefixed(["ab", "c"])).not.toEqual(lengthPrefixed(["a", "bc"]));
    expect(lengthPrefixed(["a", ""])).not.toEqual(lengthPrefixed(["a"]));
  });

  test("does not open after any one bit has changed", () => {
    const sealed = seal(acme, where, secret);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(complaintOf(acme, where, changed)).toBe(shut);
    }
  });

  test("does not open when cut short or lengthened, anywhere", () => {
    const sealed = seal(acme, where, secret);
    for (let length = 0; length < sealed.length; length += 1) {
      expect(complaintOf(acme, where, sealed.subarray(0, length))).toBe(shut);
      expect(complaintOf(acme, where, sealed.subarray(sealed.length - length))).toBe(shut);
    }
    expect(complaintOf(acme, where, Buffer.concat([sealed, Buffer.alloc(1)]))).toBe(shut);
    expect(complaintOf(acme, where, Buffer.concat([Buffer.alloc(1), sealed]))).toBe(shut);
  });

  test("does not open with another key under the same number", () => {
    expect(complaintOf(keysOf("acme", 9), where, seal(acme, where, secret))).toBe(shut);
  });

  test("does not open in a place that no cell could have", () => {
    const sealed = seal(acme, where, secret);
    for (const place of [
      { ...where, table: "Mailbox" },
      { ...where, column: "a.b" },
      { ...where, rowId: "" },
    ]) {
      expect(complaintOf(acme, place, sealed)).toBe(shut);
      expect(() => seal(acme, place, secret)).toThrow(RangeError);
    }
  });
});

describe("size", () => {
  test("is at most 64 KiB, when sealing and when opening", () => {
    const largest = Buffer.alloc(plaintextBytesMax, 7);
    expect(open(acme, where, seal(acme, where, largest))).toEqual(largest);
    expect(() => seal(acme, where, Buffer.alloc(plaintextBytesMax + 1))).toThrow(RangeError);
    const header = seal(acme, where, Buffer.alloc(0));
    expect(complaintOf(acme, where, Buffer.concat([header, Buffer.alloc(10_000_000)]))).toBe(shut);
  });
});

describe("several keys", () => {
  const older = keysOf("acme", 1);
  const both = keysOf("acme", 1, 2);

  test("open what each sealed; the newest seals", () => {
    const before = seal(older, where, secret);
    const after = seal(both, where, secret);
    expect(open(both, where, before)).toEqual(secret);
    expect(open(both, where, after)).toEqual(secret);
    expect(complaintOf(older, where, after)).toBe(shut);
    expect([needsReseal(both, before), needsReseal(both, after)]).toEqual([true, false]);
  });

  test("open nothing under the number of the other", () => {
    const forged = seal(older, where, secret);
    forged.writeUInt32BE(2, 1);
    expect(complaintOf(both, where, forged)).toBe(shut);
  });
});

test("an opened value is overwritten once its work is done or has failed", async () => {
  const sealed = seal(acme, where, secret);
  const seen: Buffer[] = [];
  await useOpened(acme, where, sealed, (plaintext) => {
    expect(plaintext).toEqual(secret);
    seen.push(plaintext);
  });
  await expect(
    useOpened(acme, where, sealed, (plaintext) => {
      seen.push(plaintext);
      throw new Error("the provider did not answer");
    }),
  ).rejects.toThrow("the provider did not answer");
  expect(seen).toEqual([Buffer.alloc(secret.length), Buffer.alloc(secret.length)]);
});

test("keys that were put away neither seal nor open, and are overwritten", () => {
  const bytes = Buffer.alloc(32, 5);
  const keys = tenantKeysOf("acme", new Map([[1, bytes]]));
  const sealed = seal(keys, where, secret);
  putAway(keys);
  expect(bytes).toEqual(Buffer.alloc(32));
  expect(complaintOf(keys, where, sealed)).toBe(shut);
  expect(() => seal(keys, where, secret)).toThrow("put away");
});

test("the key bytes are not to be seen on the object that stands for them", () => {
  expect(JSON.stringify(acme)).toBe('{"tenantId":"acme","currentKeyId":1}');
});
