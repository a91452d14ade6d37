import type { IncomingMessage } from "node:http";
import { Problem } from "../foundation/problem/index.ts";

const headersMax = 100;
const targetMax = 8192;
/** Headers that mean one thing. Node keeps the first or joins; a proxy before us may keep the last. */
const single = new Set([
  "authorization",
  "content-encoding",
  "content-length",
  "content-type",
  "host",
  "idempotency-key",
  "if-match",
  "if-none-match",
  "origin",
  "sec-fetch-site",
  "transfer-encoding",
  "x-csrf-token",
]);

/**
 * Refuses requests that two readers could read differently: doubled headers, addresses in absolute form, dot
 * segments, doubled or encoded slashes, encoded NUL, double encoding, overlong UTF-8.
 *
 * What decides is the declared route, never a path string; this only keeps proxies, logs and us of one mind.
 */
export function refuseAmbiguous(raw: IncomingMessage): void {
  refuseDoubledHeaders(raw);
  const target = raw.url ?? "";
  if (target.length > targetMax) throw new Problem("too-large", { detail: "The address is too long." });
  const end = target.indexOf("?");
  const path = end < 0 ? target : target.slice(0, end);
  if (!wellFormedTarget.test(target) || ambiguousPath.test(path) || !decodes(path)) {
    throw new Problem("bad-request", { detail: "The address is not written in its plain form." });
  }
}

/** What a target consists of: printable ASCII from a slash on, without a fragment or a backslash; in terms of every edge. */
export const plainTarget = "^/[\\x21\\x22\\x24-\\x5b\\x5d-\\x7e]*$";
const wellFormedTarget = new RegExp(plainTarget);
/** What no path holds: see `refuseAmbiguous`. */
export const ambiguousPath = /\/\/|\/\.{1,2}(?:\/|$)|;|%(?:[01][0-9a-f]|2[5ef]|5c|7f|3b)/i;

function decodes(path: string): boolean {
  if (!path.includes("%")) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function refuseDoubledHeaders({ rawHeaders, headers }: IncomingMessage): void {
  const count = rawHeaders.length / 2;
  if (count > headersMax) throw new Problem("too-large", { detail: "There are too many headers." });
  let distinct = 0;
  for (const _name in headers) distinct += 1;
  if (distinct === count) return;
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    if (single.has(name) && seen.has(name)) {
      throw new Problem("bad-request", { detail: `The header ${name} was sent twice.` });
    }
    seen.add(name);
  }
}
