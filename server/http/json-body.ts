import { Problem } from "../foundation/problem/index.ts";
import { screenInput } from "./screen-input.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Parses a body strictly: real UTF-8, real JSON, and nothing that `screenInput` objects to. */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  const body = parsed(bytes);
  const errors = screenInput(body);
  if (errors.length > 0) throw new Problem("not-valid", { errors });
  return body;
}

function parsed(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw new Problem("bad-request", { detail: "The body is not valid UTF-8.", cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem("bad-request", { detail: "The body is not valid JSON.", cause });
  }
}
