import { splitPath } from "./attributes.ts";
import type { Document } from "./names.ts";
import { partsOf } from "./read-value.ts";
import { ScimRefusal } from "./refusal.ts";

/** Which attributes an answer shows; null where nothing was chosen. */
export interface Projection {
  readonly only: readonly Chosen[] | null;
  readonly without: readonly Chosen[];
}

type Chosen = readonly [outer: string, inner: string | null];

const namesMax = 100;

/** Reads `attributes` and `excludedAttributes`, which do not go together (RFC 7644 section 3.9). */
export function projectionOf(attributes: string | undefined, excluded: string | undefined): Projection {
  return {
    only: attributes === undefined ? null : chosen(attributes),
    without: excluded === undefined ? [] : chosen(excluded),
  };
}

function chosen(names: string): Chosen[] {
  const list = names
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (list.length > namesMax) throw new ScimRefusal("invalidValue", "Too many attributes are named.");
  return list.map(splitPath);
}

/** Whether an attribute is shown at all, so that what is dear to read is left unread. */
export function shows({ only, without }: Projection, name: string): boolean {
  if (only !== null) return only.some(([outer]) => outer === name);
  return !without.some(([outer, inner]) => outer === name && inner === null);
}

const always = new Set(["schemas", "id"]);

/** The resource with what was asked for; `schemas` and `id` are always there. */
export function projected(resource: Document, { only, without }: Projection): Document {
  if (only === null && without.length === 0) return resource;
  const shown: Document = {};
  for (const [name, value] of Object.entries(resource)) {
    const kept = always.has(name) ? value : keptOf(value, name.toLowerCase(), only, without);
    if (kept !== undefined) shown[name] = kept;
  }
  return shown;
}

function keptOf(
  value: unknown,
  name: string,
  only: readonly Chosen[] | null,
  without: readonly Chosen[],
): unknown {
  const about = (only ?? without).filter(([outer]) => outer === name);
  const whole = about.some(([, inner]) => inner === null);
  if (only !== null) {
    if (about.length === 0) return undefined;
    return whole ? value : parts(value, (part) => about.some(([, inner]) => inner === part));
  }
  if (whole) return undefined;
  return about.length === 0 ? value : parts(value, (part) => !about.some(([, inner]) => inner === part));
}

function parts(value: unknown, keeps: (part: string) => boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => parts(one, keeps));
  return Object.fromEntries(Object.entries(partsOf(value)).filter(([part]) => keeps(part.toLowerCase())));
}
