import {
  calculateJwkThumbprint,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from "jose";
import { monotonicMs } from "../../../foundation/clock/index.ts";
import type { Pool, Statement } from "../../../foundation/database/index.ts";
import { sha256 } from "../../../foundation/ids/index.ts";
import { log } from "../../../foundation/log/index.ts";
import type { InstallationVault, Where } from "../../../kernel/vault/index.ts";

/** What signs and verifies now: one key signs, those before and after it verify too. */
export interface SigningKeys {
  readonly current: { readonly kid: string; readonly key: CryptoKey };
  readonly verifying: ReadonlyMap<string, CryptoKey>;
  /** The public halves, as `/.well-known/jwks.json` shows them. */
  readonly published: readonly JWK[];
  /** Another number whenever a key comes or goes. */
  readonly version: number;
}

export interface SigningKeyRing {
  /** The keys as of a minute ago at most; makes the first ones, and a new one when the current one is old. */
  keys(): Promise<SigningKeys>;
  /** The same when this key is not among them: asks the database, though not more often than every five seconds. */
  keysWith(kid: string): Promise<SigningKeys>;
}

const algorithm = "EdDSA";
const staleMs = 60_000;
const askAgainMs = 5_000;

/** The ring of this process. Private keys are opened when they are read, and are in this process only. */
export function openSigningKeys(auth: Pool, vault: InstallationVault): SigningKeyRing {
  let loaded: { readonly keys: SigningKeys; readonly atMs: number } | null = null;
  let loading: Promise<SigningKeys> | null = null;
  const load = (): Promise<SigningKeys> => {
    loading ??= readKeys(auth, vault)
      .then((keys) => {
        loaded = { keys, atMs: monotonicMs() };
        return keys;
      })
      .finally(() => {
        loading = null;
      });
    return loading;
  };
  const within = (ms: number): SigningKeys | null =>
    loaded !== null && monotonicMs() - loaded.atMs < ms ? loaded.keys : null;
  return {
    keys: async () => within(staleMs) ?? load(),
    keysWith: async (kid) => {
      const known = within(staleMs) ?? (await load());
      return known.verifying.has(kid) ? known : (within(askAgainMs) ?? load());
    },
  };
}

/**
 * Makes a key and hands it to the database: in place of the next one, which then signs. `force` does so though the current
 * one is young. Says what became of it; null when it was not needed.
 */
export async function rotateSigningKey(
  pool: Pool,
  vault: InstallationVault,
  force: boolean,
): Promise<string | null> {
  const { privateKey } = await generateKeyPair(algorithm, { crv: "Ed25519", extractable: true });
  const { kty, crv, x, d } = await exportJWK(privateKey);
  const shape = { kty: String(kty), crv: String(crv), x: String(x) };
  const kid = await calculateJwkThumbprint(shape);
  const sealed = vault.seal(cellOf(kid), Buffer.from(JSON.stringify({ ...shape, d }), "utf8"));
  const rotate: Statement = {
    text: "select kernel.rotate_signing_key($1, $2::jsonb, $3, $4) as became",
    values: [kid, JSON.stringify({ ...shape, kid, alg: algorithm, use: "sig" }), sealed, force],
  };
  const [result] = await pool.batch([rotate]);
  const became = result?.rows[0]?.["became"];
  log.event("task-finished", { task: `signing key ${became === null ? "kept" : "rotated"}`, count: 1 });
  return typeof became === "string" ? became : null;
}

interface KeyRow {
  readonly kid: string;
  readonly state: "next" | "current" | "previous";
  readonly public: JWK;
  readonly sealed: Buffer;
  readonly due: boolean;
}

async function readKeys(auth: Pool, vault: InstallationVault): Promise<SigningKeys> {
  // The first start finds none and makes two; after that, one at most is missing or due.
  for (let tries = 0; tries < 4; tries += 1) {
    const rows = await readRows(auth);
    const current = rows.find(({ state }) => state === "current");
    if (current !== undefined && !current.due && rows.some(({ state }) => state === "next")) {
      return ringOf(rows, current, vault);
    }
    await rotateSigningKey(auth, vault, false);
  }
  throw new Error("no key to sign with could be made");
}

async function readRows(auth: Pool): Promise<KeyRow[]> {
  const [result] = await auth.batch([{ text: "select * from kernel.signing_keys()", values: [] }]);
  // The columns of kernel.signing_keys.
  return (result?.rows ?? []) as unknown as KeyRow[];
}

async function ringOf(
  rows: readonly KeyRow[],
  current: KeyRow,
  vault: InstallationVault,
): Promise<SigningKeys> {
  const key = await vault.use(cellOf(current.kid), current.sealed, (bytes) =>
    // Only rotateSigningKey seals these cells.
    asymmetric(JSON.parse(bytes.toString("utf8")) as JWK),
  );
  const verifying = await Promise.all(
    rows.map(async (row) => [row.kid, await asymmetric(row.public)] as const),
  );
  return {
    current: { kid: current.kid, key },
    verifying: new Map(verifying),
    published: rows.map((row) => row.public),
    version: sha256(rows.map(({ kid }) => kid).join()).readUIntBE(0, 6),
  };
}

async function asymmetric(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, algorithm);
  if (key instanceof Uint8Array) throw new TypeError("a signing key is never a shared secret");
  return key;
}

function cellOf(kid: string): Where {
  return { table: "signing_key", column: "sealed", rowId: kid };
}
