import { closeSync, constants, openSync, readdirSync, readSync, statSync } from "node:fs";
import path from "node:path";

const bytesMax = 2_000;

/** The end of the server's newest log file, for a refusal; empty when there is none. */
export function lastServerLines(cluster: string): string {
  try {
    const directory = path.join(cluster, "log");
    const files = readdirSync(directory).map((name) => path.join(directory, name));
    const [newest] = files.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
    return newest === undefined ? "" : endOf(newest);
  } catch {
    return "";
  }
}

/** O_NOFOLLOW: we may be root, and the directory is the server account's, which could put a link to anything. */
function endOf(file: string): string {
  const handle = openSync(
    file,
    constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
  );
  try {
    const from = Math.max(0, statSync(file).size - bytesMax);
    const buffer = Buffer.alloc(bytesMax);
    return buffer.toString("utf8", 0, readSync(handle, buffer, 0, bytesMax, from));
  } finally {
    closeSync(handle);
  }
}
