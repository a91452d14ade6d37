import { type FileHandle, open } from "node:fs/promises";
import { sha1Hex } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { normalised } from "./password-bytes.ts";

/** Passwords that are known to be leaked, in a file of the operator's: nobody outside is asked. */
export interface BreachedList {
  has(password: string): Promise<boolean>;
  close(): Promise<void>;
}

const line = /^[0-9A-F]{40}(?::\d{1,12})?\r?$/;
const hexLength = 40;
/** A line of 40 digits, a count and its end is shorter. */
const window = 256;
const scanned = 8192;

/**
 * Opens a list of SHA-1 digests in hex, one a line, sorted, as Have I Been Pwned publishes them (`HASH:count`). It is searched where it
 * lies: some thirty reads for its 40 GB, and nothing of it is kept in memory.
 */
export async function openBreachedList(path: string): Promise<BreachedList> {
  const file = await open(path, "r").catch((cause: unknown) => {
    throw unusable("cannot be read", cause);
  });
  const { size } = await file.stat();
  const [first = ""] = await textAt(file, 0, window).then(
    (text) => text.split("\n"),
    () => [],
  );
  if (!line.test(first)) {
    await file.close();
    throw unusable("does not begin with a SHA-1 in upper-case hex");
  }
  return {
    // As it was typed and as it is hashed: lists are made of either.
    has: async (password) =>
      (await holds(file, size, sha1Hex(password))) ||
      (await holds(file, size, sha1Hex(normalised(password)))),
    close: () => file.close(),
  };
}

async function holds(file: FileHandle, size: number, digest: string): Promise<boolean> {
  // `from` is always the beginning of a line, and no line before it can be the one.
  let from = 0;
  let to = size;
  while (to - from > scanned) {
    const middle = Math.floor((from + to) / 2);
    const text = await textAt(file, middle, window);
    const start = text.indexOf("\n") + 1;
    if (start > 0 && text.slice(start, start + hexLength) <= digest) from = middle + start;
    else to = middle;
  }
  // A line that begins before `to` may end after it.
  const rest = await textAt(file, from, to - from + window);
  return rest.split("\n").some((each) => each.startsWith(digest));
}

async function textAt(file: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.toString("latin1", 0, bytesRead);
}

function unusable(what: string, cause?: unknown): Problem {
  return new Problem("not-valid", {
    detail: `RINGFENCE_BREACHED_PASSWORDS names a file that ${what}.`,
    ...(cause === undefined ? {} : { cause }),
  });
}
