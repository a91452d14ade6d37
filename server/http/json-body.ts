import { Problem } from "../foundation/problem/index.ts";
import { screenInput } from "./screen-input.ts";
import { hasUniqueNames } from "./unique-names.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Parses a body strictly: real UTF-8, real JSON, no name twice, and nothing that `screenInput` objects to. */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  const text = decoded(bytes);
  const body = parsed(text);
  const errors = screenInput(body);
  if (errors.length > 0) throw new Problem("not-valid", { errors });
  // After the screening, which bounds how deep there is to look.
  if (!hasUniqueNames(text, body))
    throw new Problem("bad-request", { detail: "An object of the body names the same field twice." });
  return body;
}

function decoded(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new Problem("bad-request", { detail: "The body is not valid UTF-8.", cause });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem("bad-request", { detail: "The body is not valid JSON.", cause });
  }
}
