import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";

/** What a file that holds a secret contained, and what is worth telling the operator about it. */
export type SecretFile =
  | { readonly text: string; readonly warning: string | null }
  | { readonly fault: string };

const bytesMax = 65_536;

/**
 * Reads a secret from a file, without the line break at its end.
 *
 * A file that others may write is refused: whoever writes it chooses our secret. One that others may read is only
 * warned about, since Docker and Kubernetes mount secrets readable by all (0444, 0644) inside a container where
 * nobody else lives, and refusing those would drive people to put the secret into the environment instead.
 */
export function readSecretFile(path: string): SecretFile {
  let file: number | null = null;
  try {
    file = openSync(path, "r");
    const { mode, size } = fstatSync(file);
    if ((mode & 0o170000) === 0o040000) return { fault: "names a folder, not a file" };
    if ((mode & 0o002) !== 0) return { fault: "names a file that everybody may write; run chmod o-w on it" };
    if (size > bytesMax) return { fault: `names a file of more than ${bytesMax} bytes` };
    const text = readFileSync(file, "utf8").replace(/\r?\n$/, "");
    const warning = (mode & 0o004) === 0 ? null : "names a file that everybody on this machine may read";
    return text === "" ? { fault: "names an empty file" } : { text, warning };
  } catch (error) {
    return { fault: `names a file that cannot be read (${codeOf(error)})` };
  } finally {
    if (file !== null) closeSync(file);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}
