import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import { newToken } from "../../../foundation/ids/index.ts";

/** A key pair with which a client signs its requests for tokens (RFC 7523): the private half is sealed, the public one shown. */
export interface ClientKey {
  readonly secret: string;
  readonly publicKey: Readonly<Record<string, unknown>>;
}

/** Makes one; it is known by `kid`, so that the provider finds the right one of two during a change. */
export async function newClientKey(): Promise<ClientKey> {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const kid = newToken().slice(0, 16);
  const shared = { kid, alg: "ES256", use: "sig" };
  return {
    secret: JSON.stringify({ ...(await exportJWK(privateKey)), ...shared }),
    publicKey: { ...(await exportJWK(publicKey)), ...shared },
  };
}

/** The private half, for signing only. */
export async function signingKey(secret: Buffer): Promise<{ readonly key: CryptoKey; readonly kid: string }> {
  // Only newClientKey writes these.
  const jwk = JSON.parse(secret.toString("utf8")) as JWK;
  const key = await importJWK(jwk, "ES256", { extractable: false });
  if (key instanceof Uint8Array) throw new Error("a client key is not symmetric");
  return { key, kid: String(jwk.kid) };
}
