import { randomBytes } from "node:crypto";

export { deriveKey, equalInConstantTime, hmacSha256, sha256 } from "./digests.ts";
export { newApiKey, type NewApiKey } from "./new-api-key.ts";
export { scramVerifier } from "./scram-verifier.ts";
export { uuidv7 } from "./uuidv7.ts";
export { randomBytes };

/** A new secret of 256 random bits as 43 base64url characters: sessions, links, API keys. Keep only its hash. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}
