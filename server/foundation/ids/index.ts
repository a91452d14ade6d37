import { randomBytes } from "node:crypto";

export { type Certificate, readCertificate } from "./certificate.ts";
export { deriveKey, equalInConstantTime, hmacSha256, sha1Hex, sha256 } from "./digests.ts";
export { type HybridCiphertext, openHybrid } from "./hybrid-decryption.ts";
export { newApiKey, type NewApiKey } from "./new-api-key.ts";
export { scramVerifier } from "./scram-verifier.ts";
export { type SelfSigned, selfSignedCertificate } from "./self-signed-certificate.ts";
export {
  type Digest,
  digestBase64,
  faultOfKey,
  isSignedBy,
  type SignatureScheme,
  signRsaSha256,
} from "./signature.ts";
export { uuidv7 } from "./uuidv7.ts";
export { randomBytes };

/** A new secret of 256 random bits as 43 base64url characters: sessions, links, API keys. Keep only its hash. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}
