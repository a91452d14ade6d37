import type { IncomingHttpHeaders } from "node:http";
import { Problem } from "../foundation/problem/index.ts";

/** What a route accepts as its body. */
export type Accepts = "nothing" | "json" | readonly string[];

/**
 * Refuses a body of the wrong kind before a byte of it is read.
 *
 * The header is compared as a whole: parsers that tolerate tabs, several types or odd parameters have let bodies past
 * validation (CVE-2025-32442, CVE-2026-25223, CVE-2026-33806, GHSA-573f-x89g-hqp9).
 */
export function refuseOtherMedia(headers: IncomingHttpHeaders, accepts: Accepts): void {
  const type = headers["content-type"];
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    throw new Problem("unsupported-media-type", { detail: "Send the body uncompressed." });
  }
  const present = isPresent(headers);
  if (accepts === "nothing") {
    if (present) throw new Problem("bad-request", { detail: "This address takes no body." });
    return;
  }
  if (!present && type === undefined) return;
  if (accepts === "json" ? json.test(type ?? "") : accepts.includes(bareType(type ?? ""))) return;
  const wanted = accepts === "json" ? "application/json" : accepts.join(" or ");
  throw new Problem("unsupported-media-type", { detail: `Send the body as ${wanted}.` });
}

const json = /^application\/json(?:; ?charset=utf-8)?$/i;
const plainType = /^([a-z]+\/[a-z0-9.+-]+)(?:; ?[a-z]+=[a-z0-9._-]+){0,3}$/i;

function bareType(type: string): string {
  return plainType.exec(type)?.[1]?.toLowerCase() ?? "";
}

function isPresent(headers: IncomingHttpHeaders): boolean {
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}
