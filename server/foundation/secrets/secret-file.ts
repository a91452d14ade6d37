import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { Misconfigured } from "../config/index.ts";
import { newToken, randomBytes } from "../ids/index.ts";

/**
 * The secret that the file holds, or null when there is no such file. A file that anyone else may read or write, that
 * belongs to someone else, or that is a link is refused: whoever controls it knows or chooses every key.
 */
export function readSecret(path: string): Buffer | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw refused(path, `cannot be read (${codeOf(error)})`, error);
  }
  try {
    refuseOthers(path, file);
    const text = readFileSync(file, "utf8").trim();
    const secret = Buffer.from(text, "base64");
    if (secret.length === 32 && secret.toString("base64") === text) return secret;
    throw refused(path, "does not hold 32 bytes in base64; restore it from your copy, do not make a new one");
  } finally {
    closeSync(file);
  }
}

/**
 * Makes the file with a new secret. It appears whole or not at all, readable by its owner only, and never in the
 * place of another: when two processes start at once, one of them wins and both read the winner's.
 */
export function createSecret(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${newToken()}`;
  const file = openSync(draft, "wx", 0o600);
  try {
    fchmodSync(file, 0o600); // A umask may have taken even the owner's permissions away.
    writeSync(file, `${randomBytes(32).toString("base64")}\n`);
    fsyncSync(file);
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw refused(path, `cannot be made (${codeOf(error)})`, error);
  } finally {
    closeSync(file);
    unlinkSync(draft);
  }
  syncFolder(dirname(path));
}

function refuseOthers(path: string, file: number): void {
  const { mode, uid } = fstatSync(file);
  const self = process.getuid?.();
  if (self === undefined) return; // Windows keeps no such permissions.
  if ((mode & 0o170000) !== 0o100000) throw refused(path, "is not a file");
  if (uid !== self && uid !== 0) throw refused(path, "belongs to another user of this machine");
  if ((mode & 0o077) !== 0)
    throw refused(path, "can be read by others; run chmod 600 on it, and consider it known");
}

/** Without this, a power cut could undo the link after the first data were sealed under the secret. */
function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function refused(path: string, fault: string, cause?: unknown): Misconfigured {
  const error = new Misconfigured([{ name: path, fault }]);
  error.cause = cause;
  return error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}
