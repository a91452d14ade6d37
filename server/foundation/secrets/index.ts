import { join } from "node:path";
import type { Config } from "../config/index.ts";
import { deriveKey } from "../ids/index.ts";
import { log, rememberSecrets } from "../log/index.ts";
import { createSecret, readSecret } from "./secret-file.ts";

/** What a derived key is for. A name never changes: what was sealed or signed under it could not be opened any more. */
export type Purpose = "csrf" | "cursors" | "links" | "key-check" | "sso";

/**
 * The one secret of this installation, 32 bytes: from RINGFENCE_SECRET, or from the file `secret` in RINGFENCE_DATA,
 * which is made at the first start and never replaced. The log strikes it out from now on.
 */
export function installationSecret(config: Pick<Config, "secret" | "dataFolder">): Buffer {
  const secret = config.secret ?? fromFile(join(config.dataFolder, "secret"));
  rememberSecrets([secret.toString("base64"), secret.toString("base64url"), secret.toString("hex")]);
  return secret;
}

/** The key for one purpose; who learns it learns neither the installation secret nor any other key. */
export function keyFor(secret: Buffer, purpose: Purpose): Buffer {
  const key = deriveKey(secret, `ringfence/1/key/${purpose}`);
  rememberSecrets([key.toString("base64"), key.toString("base64url"), key.toString("hex")]);
  return key;
}

/** The password with which a door's database role signs in: nobody ever types or stores it, each start derives it. */
export function rolePassword(secret: Buffer, role: string): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(role)) throw new RangeError("A role is named in lower case");
  const password = deriveKey(secret, `ringfence/1/role-password/${role}`).toString("base64url");
  rememberSecrets([password]);
  return password;
}

function fromFile(path: string): Buffer {
  const found = readSecret(path);
  if (found !== null) return found;
  createSecret(path);
  const made = readSecret(path);
  if (made === null) throw new Error("The secret file went away while it was made");
  log.event("secret-created", {});
  return made;
}
