import { describeError, type ErrorDescription } from "./describe-error.ts";
import type { Kind } from "./events.ts";
import { scrub } from "./scrub.ts";
import { scrubOnce } from "./scrub-once.ts";

export type FieldValue = string | number | boolean | ErrorDescription;

const unfit = "[unfit]";
const textMax = 300;
// A number with thirteen digits could be a card; nothing that we count or time comes near.
const numberMax = 1e12;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const word = /^(?=.*[A-Za-z.*/])[\w*/][\w.:/*-]{0,119}$/;

/** What of a value may be written in a field of this kind; "[unfit]" when it is something else. */
export function fieldValue(kind: Kind, value: unknown): FieldValue {
  switch (kind) {
    case "id":
      return typeof value === "string" && uuid.test(value) ? value : unfit;
    case "number":
      return typeof value === "number" && Math.abs(value) < numberMax
        ? Math.round(value * 1000) / 1000
        : unfit;
    case "flag":
      return typeof value === "boolean" ? value : unfit;
    case "word":
      return typeof value === "string" && word.test(value) ? scrubOnce(value) : unfit;
    case "text":
      return typeof value === "string" ? capped(scrub(value)) : unfit;
    case "origin":
      return typeof value === "string" ? originOf(value) : unfit;
    case "error":
      return describeError(value);
  }
}

/** Cut after scrubbing: cut before, half a secret would be left that no pattern knows. */
function capped(clean: string): string {
  return clean.length <= textMax ? clean : `${clean.slice(0, textMax)}…`;
}

function originOf(value: string): string {
  const origin = URL.canParse(value) ? new URL(value).origin : unfit;
  return origin === "null" ? unfit : origin;
}
