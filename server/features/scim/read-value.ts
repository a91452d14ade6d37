import type { Attribute, Attributes } from "./attributes.ts";
import { splitPath } from "./attributes.ts";
import type { Document } from "./names.ts";
import { ScimRefusal } from "./refusal.ts";

const valuesMax = 10_000;
const textMax = 1000;

/** The attributes that a body names, under their proper names; null for one that it clears. */
export function readAttributes(body: unknown, attributes: Attributes): Document {
  const found: Document = {};
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(demandObject(body))) {
    const [outer, inner] = splitPath(name);
    const key = `${outer}.${inner ?? ""}`;
    if (seen.has(key))
      throw new ScimRefusal("invalidSyntax", `"${name.slice(0, 100)}" is there twice, in two spellings.`);
    seen.add(key);
    // A schema's own name holds its attributes: they stand as if they were written one level up.
    if (outer === "") Object.assign(found, readAttributes(value, attributes));
    else place(found, attributes.get(outer), inner, value);
  }
  return found;
}

/** Puts one named value where it belongs. What is not known is left out, as RFC 7644 section 3.3 has it. */
function place(
  found: Document,
  attribute: Attribute | undefined,
  inner: string | null,
  value: unknown,
): void {
  if (attribute === undefined || attribute.kind === "ignored" || attribute.kind === "readOnly") return;
  if (inner === null) {
    found[attribute.name] = readValue(value, attribute);
    return;
  }
  // `"name.givenName": "Ada"`, as Entra writes it.
  const part = attribute.kind === "complex" ? attribute.parts.get(inner) : undefined;
  if (part === undefined || !("name" in part)) return;
  found[attribute.name] = { ...partsOf(found[attribute.name]), [part.name]: readValue(value, part) };
}

/** A value as its attribute wants it, null for none; refuses what cannot be that. */
export function readValue(value: unknown, attribute: Attribute): unknown {
  switch (attribute.kind) {
    case "text":
      return readText(value, attribute.name);
    case "boolean":
      return readBoolean(value, attribute.name);
    case "complex":
      return isNothing(value) ? null : readAttributes(value, attribute.parts);
    case "many":
      return readMany(value, attribute.parts, attribute.name);
    case "ignored":
    case "readOnly":
      return null;
  }
}

/** Several values; a single one stands for a list of one, and a bare text for its `value`. */
export function readMany(value: unknown, parts: Attributes, name: string): Document[] {
  if (value === null || value === undefined) return [];
  const values = Array.isArray(value) ? value : [value];
  if (values.length > valuesMax) throw new ScimRefusal("tooMany", `"${name}" has too many values.`);
  return values.map((one) => readAttributes(typeof one === "string" ? { value: one } : one, parts));
}

function readText(value: unknown, name: string): string | null {
  const plain = unwrapped(value);
  if (isNothing(plain)) return null;
  if (typeof plain !== "string" && typeof plain !== "number")
    throw new ScimRefusal("invalidValue", `"${name}" is a text.`);
  const text = String(plain);
  if (text.length > textMax) throw new ScimRefusal("invalidValue", `"${name}" is too long.`);
  return text;
}

/** Entra sends "True" and "False". */
function readBoolean(value: unknown, name: string): boolean | null {
  const plain = unwrapped(value);
  if (isNothing(plain)) return null;
  const text = typeof plain === "boolean" || typeof plain === "string" ? String(plain).toLowerCase() : "";
  if (text !== "true" && text !== "false")
    throw new ScimRefusal("invalidValue", `"${name}" is true or false.`);
  return text === "true";
}

/** `[{"value": x}]` and `{"value": x}`, which some directories send for x. */
function unwrapped(value: unknown): unknown {
  const one: unknown = Array.isArray(value) && value.length <= 1 ? value[0] : value;
  return typeof one === "object" && one !== null && "value" in one ? one.value : one;
}

function isNothing(value: unknown): boolean {
  return (
    value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)
  );
}

/** The parts of a complex value; of anything else, none. */
export function partsOf(value: unknown): Document {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The body as an object, or a refusal. */
export function demandObject(body: unknown): Document {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new ScimRefusal("invalidSyntax", "An object is wanted here.");
  return { ...body };
}
