import { type Attribute, type Attributes, userAttributes } from "./attributes.ts";
import { describedBy, type Filter, matches } from "./filter/index.ts";
import type { Document } from "./names.ts";
import { type Operation, type Path, targetOf } from "./operations.ts";
import { partsOf, readAttributes, readMany, readValue } from "./read-value.ts";
import { ScimRefusal } from "./refusal.ts";

/** A user after these operations; what they were before is not touched. */
export function patchUser(user: Document, operations: readonly Operation[]): Document {
  return operations.reduce((so, operation) => bounded(applied(so, operation)), user);
}

/** A user has few addresses, also between two operations: each of a thousand could have a filter look at ten thousand of them. */
const emailsMax = 20;

function bounded(user: Document): Document {
  if (listOf(user["emails"]).length > emailsMax)
    throw new ScimRefusal("tooMany", '"emails" has too many values.');
  return user;
}

function applied(user: Document, { op, path, value }: Operation): Document {
  if (path === null) return merged(user, readAttributes(value, userAttributes), op);
  const attribute = targetOf(path, userAttributes);
  if (attribute === null) return user;
  if (attribute.kind === "many")
    return { ...user, [attribute.name]: changedMany(user, attribute, op, path, value) };
  if (path.filter !== null) throw new ScimRefusal("invalidPath", `"${attribute.name}" has one value only.`);
  if (path.inner !== null) return withPart(user, attribute, path.inner, op === "remove" ? null : value);
  if (op === "remove") return { ...user, [attribute.name]: null };
  return merged(user, { [attribute.name]: readValue(value, attribute) }, op);
}

/** Parts that are not named stay as they are, in `name` as in the user itself (RFC 7644 section 3.5.2.3). */
function merged(user: Document, given: Document, op: Operation["op"]): Document {
  const next = { ...user };
  for (const [name, value] of Object.entries(given)) {
    const attribute = [...userAttributes.values()].find((one) => "name" in one && one.name === name);
    if (attribute?.kind === "complex" && value !== null)
      next[name] = { ...partsOf(user[name]), ...partsOf(value) };
    else if (attribute?.kind === "many" && op === "add")
      next[name] = joined(listOf(user[name]), listOf(value));
    else next[name] = value;
  }
  return next;
}

function withPart(user: Document, attribute: Attribute, inner: string, value: unknown): Document {
  const part = attribute.kind === "complex" ? attribute.parts.get(inner) : undefined;
  if (attribute.kind !== "complex" || part === undefined)
    throw new ScimRefusal("invalidPath", `There is no part "${inner.slice(0, 100)}" of that attribute.`);
  if (!("name" in part)) return user;
  return {
    ...user,
    [attribute.name]: { ...partsOf(user[attribute.name]), [part.name]: readValue(value, part) },
  };
}

type Many = Extract<Attribute, { kind: "many" }>;

function changedMany(
  user: Document,
  { name, parts }: Many,
  op: Operation["op"],
  path: Path,
  value: unknown,
): Document[] {
  const values = listOf(user[name]);
  const { filter } = path;
  if (filter !== null) return changedWhere(values, filter, parts, op, path.inner, value);
  if (path.inner !== null) return values.map((one) => changedOne(one, parts, path.inner, op, value));
  if (op === "add") return joined(values, readMany(value, parts, name));
  if (op === "replace") return readMany(value, parts, name);
  // Without values everything goes; with a list of them only those, and with an empty list none.
  if (value === undefined || value === null) return [];
  const gone = new Set(readMany(value, parts, name).map(keyOf));
  return values.filter((one) => !gone.has(keyOf(one)));
}

function changedWhere(
  values: readonly Document[],
  filter: Filter,
  parts: Attributes,
  op: Operation["op"],
  inner: string | null,
  value: unknown,
): Document[] {
  const fits = values.map((one) => matches(filter, one));
  if (op === "remove" && inner === null) return values.filter((_, at) => fits[at] !== true);
  if (fits.includes(true))
    return values.map((one, at) => (fits[at] === true ? changedOne(one, parts, inner, op, value) : one));
  if (op === "remove") return [...values];
  // Entra replaces `emails[type eq "work"].value` of somebody who has none yet, and means that there be one.
  const described = describedBy(filter);
  if (described === null) throw new ScimRefusal("noTarget", "Nothing fits the filter of the path.");
  const made = readAttributes(Object.fromEntries(described), parts);
  return [...values, changedOne(made, parts, inner, op, value)];
}

function changedOne(
  one: Document,
  parts: Attributes,
  inner: string | null,
  op: Operation["op"],
  value: unknown,
): Document {
  if (inner === null) return { ...one, ...readAttributes(value, parts) };
  const part = parts.get(inner);
  if (part === undefined) throw new ScimRefusal("invalidPath", `There is no part "${inner.slice(0, 100)}".`);
  if (!("name" in part)) return one;
  return { ...one, [part.name]: op === "remove" ? null : readValue(value, part) };
}

/** What is added takes the place of the same value; at most one stays the primary one. */
function joined(values: readonly Document[], more: readonly Document[]): Document[] {
  const keys = new Set(more.map(keyOf));
  const kept = values.filter((one) => !keys.has(keyOf(one)));
  const primary = more.some((one) => one["primary"] === true);
  return [...(primary ? kept.map((one) => ({ ...one, primary: false })) : kept), ...more];
}

function keyOf(value: Document): string {
  return String(value["value"] ?? "").toLowerCase();
}

/** The values of an attribute as they are kept in a document. */
export function listOf(value: unknown): Document[] {
  return Array.isArray(value) ? value.map(partsOf) : [];
}
