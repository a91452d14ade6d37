import { createCipheriv, scrypt } from "node:crypto";
import { performance } from "node:perf_hooks";
import { hashRaw } from "@node-rs/argon2";
import { randomBytes } from "../server/foundation/ids/index.ts";
import {
  argon2idByDefault,
  bcryptByDefault,
  derive,
  faultsOfPassword,
  hashingLimits,
  newRecipe,
  type HashingConfig,
} from "../server/kernel/passwords/index.ts";
import {
  installationKeys,
  open,
  openVault,
  seal,
  type TenantKeys,
  type WrappedKey,
} from "../server/kernel/vault/index.ts";

const password = "velvet orbit mango window";

/** Hashes a second through the queue with as many askers as run at once, and what one hash costs in CPU time. */
async function hashesPerSecond(name: string, one: () => Promise<unknown>, seconds: number): Promise<number> {
  await one();
  const cpuBefore = process.cpuUsage();
  const end = performance.now() + seconds * 1000;
  let count = 0;
  const asker = async (): Promise<void> => {
    for (; performance.now() < end; count += 1) await one();
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: hashingLimits.atOnce }, asker));
  const cpu = process.cpuUsage(cpuBefore);
  const perSecond = (count * 1000) / (performance.now() - begin);
  const cpuMs = (cpu.user + cpu.system) / 1000 / count;
  console.log(`${name}: ${perSecond.toFixed(1)} hashes/s, ${cpuMs.toFixed(1)} ms CPU each`);
  return perSecond;
}

/** How late a timer of 5 ms comes, as every other route would feel it, while `load` arrives 200 times a second. */
async function lateness(name: string, load: ((index: number) => Promise<unknown>) | null): Promise<void> {
  const [late, cpuBefore] = [[] as number[], process.cpuUsage()];
  const outcomes = { done: 0, busy: 0 };
  const pending: Promise<void>[] = [];
  const begin = performance.now();
  for (let tick = 0; tick < 800; tick += 1) {
    const due = performance.now() + 5;
    await new Promise((resume) => setTimeout(resume, 5));
    late.push(Math.max(0, performance.now() - due));
    const one = load?.(tick).then(
      () => void (outcomes.done += 1),
      () => void (outcomes.busy += 1),
    );
    if (one !== undefined) pending.push(one);
  }
  const seconds = (performance.now() - begin) / 1000;
  const backlogBegin = performance.now();
  await Promise.all(pending);
  const backlogMs = performance.now() - backlogBegin;
  const cpu = process.cpuUsage(cpuBefore);
  late.sort((a, b) => a - b);
  const at = (share: number): string => (late[Math.floor(late.length * share)] ?? 0).toFixed(2);
  console.log(
    `${name}: timer late p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(0.9999)} ms; ` +
      `${(800 / seconds).toFixed(0)} asked/s, ${outcomes.done} done, ${outcomes.busy} refused, ` +
      `backlog ${backlogMs.toFixed(0)} ms, ${((cpu.user + cpu.system) / 1e6 / seconds).toFixed(2)} cores`,
  );
}

function microseconds(name: string, one: () => unknown, times = 50_000): number {
  for (let index = 0; index < 2000; index += 1) one();
  const begin = performance.now();
  for (let index = 0; index < times; index += 1) one();
  const each = ((performance.now() - begin) * 1000) / times;
  console.log(`${name}: ${each.toFixed(2)} µs`);
  return each;
}

const by = (config: HashingConfig) => () => derive(password, newRecipe(config));

/** The rival's default: better-auth hashes with scrypt. */
const scryptOfBetterAuth = (): Promise<unknown> =>
  new Promise((resolve, reject) =>
    scrypt(
      password,
      randomBytes(16),
      64,
      { N: 16_384, r: 16, p: 1, maxmem: 64 * 1024 * 1024 },
      (error, key) => (error === null ? resolve(key) : reject(error)),
    ),
  );

async function passwords(): Promise<void> {
  const argon2 = await hashesPerSecond("argon2id 19 MiB t2, queued", by(argon2idByDefault), 4);
  const bcrypt = await hashesPerSecond("bcrypt 12, queued", by(bcryptByDefault), 4);
  const rival = await hashesPerSecond("scrypt N16384 r16 (better-auth's)", scryptOfBetterAuth, 4);
  console.log(
    `ratio argon2id : scrypt ${(argon2 / rival).toFixed(2)}, argon2id : bcrypt ${(argon2 / bcrypt).toFixed(2)}`,
  );

  const { salt } = newRecipe();
  const unbounded = (): Promise<unknown> =>
    hashRaw(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32, salt });
  await lateness("idle", null);
  await lateness("flood of sign-ins, queued", (index) =>
    derive(password, newRecipe(), { name: `client ${index % 50}`, known: false }),
  );
  await lateness("flood of sign-ins, no queue", unbounded);
  microseconds(
    "policy on a passphrase",
    () => faultsOfPassword(password, { words: ["Acme", "zoe@acme.example"] }),
    2000,
  );
}

async function openedKeys(): Promise<TenantKeys> {
  const rows: WrappedKey[] = [];
  const store = {
    read: async () => rows,
    add: async (row: WrappedKey) => void rows.push(row),
    rewrap: async () => undefined,
  };
  const vault = openVault({ provider: installationKeys(randomBytes(32)), store });
  await vault.create("acme");
  return vault.keysOf("acme");
}

async function sealing(): Promise<void> {
  const keys = await openedKeys();
  const where = { table: "mailbox", column: "imap_password", rowId: "018f0000-0000-7000-8000-000000000001" };
  const value = randomBytes(200);
  const sealed = seal(keys, where, value);
  const ours = microseconds("seal 200 bytes", () => seal(keys, where, value));
  microseconds("open 200 bytes", () => open(keys, where, sealed));
  const key = randomBytes(32);
  const bare = microseconds("bare AES-256-GCM, no address, 200 bytes", () => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });
    return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  });
  console.log(
    `ratio seal : bare ${(bare / ours).toFixed(2)} of its speed, ${sealed.length - value.length} bytes more`,
  );
}

await passwords();
await sealing();
