import type { Result, Transaction } from "../../foundation/database/index.ts";
import { newToken, sha256 } from "../../foundation/ids/index.ts";
import { withSealingVault } from "../../kernel/tenancy/index.ts";
import { type KeyProvider, openVault, type Vault, type Where } from "../../kernel/vault/index.ts";

/** The cells in which a connection's sealed values stand. A former secret was sealed as the secret, and is opened as one. */
export const secretOf = (connection: string): Where => ({
  table: "sso_connection",
  column: "secret",
  rowId: connection,
});
const proofOf = (connection: string): Where => ({
  table: "sso_connection",
  column: "proof_sealed",
  rowId: connection,
});

/** A connection as the door gets it: what is sealed, and a vault that opens it, for the time of `work`. */
export interface SealedConnection {
  readonly id: string;
  readonly tenantId: string;
  readonly proofSealed: Buffer;
}

/** Keys as kernel.sso_client and kernel.sso_setup_keys hand them out, wrapped. */
export type WrappedKeys = readonly { readonly id: number; readonly wrapped: string }[];

/** The vault of one organization outside of any binding; its opened keys are overwritten when `work` is over. */
export async function withHandedKeys<T>(
  provider: KeyProvider,
  tenantId: string,
  keys: WrappedKeys,
  work: (vault: Vault) => Promise<T>,
): Promise<T> {
  const refuse = (): Promise<never> => Promise.reject(new Error("a sign-in makes no keys"));
  const read = async () =>
    keys.map(({ id, wrapped }) => ({ tenantId, keyId: id, wrapped: Buffer.from(wrapped, "base64") }));
  const vault = openVault({ provider, store: { read, add: refuse, rewrap: refuse } });
  try {
    return await work(vault);
  } finally {
    vault.forget(tenantId);
  }
}

/** The digest by which the door shows that it holds the organization's key: its password alone says nothing about who came. */
export function openProof(vault: Vault, { id, tenantId, proofSealed }: SealedConnection): Promise<Buffer> {
  return vault.use(tenantId, proofOf(id), proofSealed, (token) => sha256(token));
}

/** A new connection's proof: sealed for its row, and the digest that it is compared with. */
export async function newProof(
  t: Pick<Transaction, "run">,
  keys: KeyProvider,
  tenantId: string,
  connection: string,
): Promise<{ readonly sealed: Buffer; readonly digest: Buffer }> {
  const token = Buffer.from(newToken());
  const sealed = await withSealingVault(t, keys, tenantId, (vault) =>
    vault.seal(tenantId, proofOf(connection), token),
  );
  return { sealed, digest: sha256(sha256(token)) };
}

/** Seals what a client shows its provider. */
export function sealSecret(
  t: Pick<Transaction, "run">,
  keys: KeyProvider,
  tenantId: string,
  connection: string,
  secret: string,
): Promise<Buffer> {
  return withSealingVault(t, keys, tenantId, (vault) =>
    vault.seal(tenantId, secretOf(connection), Buffer.from(secret, "utf8")),
  );
}

/** The wrapped keys in a column of an answer. */
export function keysIn(result: Result | undefined): WrappedKeys {
  // Both functions build just this array, or null for an organization without a key.
  return (result?.rows[0]?.["keys"] ?? []) as WrappedKeys;
}
