import { pbkdf2Sync, randomBytes } from "node:crypto";
import { hmacSha256, sha256 } from "./digests.ts";

const iterations = 4096;

/**
 * What PostgreSQL keeps of a password (RFC 5803, RFC 7677), so that a statement which sets one does not carry it: with
 * `log_statement` on, or in `pg_stat_activity`, the password itself would be there to read. ASCII passwords only, for which
 * SASLprep changes nothing.
 */
export function scramVerifier(password: string, salt = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const storedKey = sha256(hmacSha256(salted, "Client Key"));
  const serverKey = hmacSha256(salted, "Server Key");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey.toString("base64")}:${serverKey.toString("base64")}`;
}
