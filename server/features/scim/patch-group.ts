import { type Attribute, groupAttributes } from "./attributes.ts";
import type { Filter } from "./filter/index.ts";
import type { Document } from "./names.ts";
import { type Operation, targetOf } from "./operations.ts";
import { readAttributes, readMany, readValue } from "./read-value.ts";
import { ScimRefusal } from "./refusal.ts";

/**
 * What a request makes of a group. However many operations it has, they fold into one change of its members: everybody there was
 * (or nobody, when `emptied`), less `minus`, and `plus`.
 */
export interface GroupChange {
  readonly displayName: string;
  readonly externalId: string | null;
  readonly emptied: boolean;
  readonly plus: ReadonlySet<string>;
  readonly minus: ReadonlySet<string>;
}

interface Folding {
  displayName: string;
  externalId: string | null;
  emptied: boolean;
  plus: Set<string>;
  minus: Set<string>;
}

/** The change that these operations come to. */
export function patchGroup(
  group: { readonly displayName: string; readonly externalId: string | null },
  operations: readonly Operation[],
): GroupChange {
  const folding: Folding = { ...group, emptied: false, plus: new Set(), minus: new Set() };
  for (const operation of operations) apply(folding, operation);
  return folding;
}

/** The change that a whole group comes to; one that does not speak of members leaves them as they are. */
export function replaceGroup(body: unknown): GroupChange {
  const given = readAttributes(body, groupAttributes);
  const folding: Folding = {
    displayName: "",
    externalId: null,
    emptied: false,
    plus: new Set(),
    minus: new Set(),
  };
  take(folding, given, "replace");
  if (folding.displayName === "") throw new ScimRefusal("invalidValue", '"displayName" is missing.');
  return folding;
}

function apply(folding: Folding, { op, path, value }: Operation): void {
  if (path === null) {
    take(folding, readAttributes(value, groupAttributes), op);
    return;
  }
  const attribute = targetOf(path, groupAttributes);
  if (attribute === null) return;
  if (attribute.kind === "many") {
    // `members[value eq "…"]` and nothing below it: a member has no part that changes.
    if (path.filter !== null) byFilter(folding, path.filter, op);
    else if (path.inner === null || path.inner === "value") changeMembers(folding, op, value, attribute);
    return;
  }
  if (path.filter !== null || path.inner !== null)
    throw new ScimRefusal("invalidPath", "That attribute has one value only.");
  setText(folding, attribute, op === "remove" ? null : value);
}

function take(folding: Folding, given: Document, op: Operation["op"]): void {
  for (const attribute of groupAttributes.values()) {
    if (!("name" in attribute) || !(attribute.name in given)) continue;
    const value = given[attribute.name];
    if (attribute.kind === "many") changeMembers(folding, op, value, attribute);
    else if (attribute.kind === "text") setText(folding, attribute, value);
  }
}

function setText(folding: Folding, attribute: Attribute, value: unknown): void {
  const text = readValue(value, attribute);
  if (!("name" in attribute)) return;
  if (attribute.name === "externalId") {
    folding.externalId = typeof text === "string" ? text : null;
    return;
  }
  if (typeof text !== "string" || text.trim() === "" || text.length > 256)
    throw new ScimRefusal("invalidValue", '"displayName" is a text of 1 to 256 characters.');
  folding.displayName = text.trim();
}

function changeMembers(
  folding: Folding,
  op: Operation["op"],
  value: unknown,
  attribute: Extract<Attribute, { kind: "many" }>,
): void {
  // A removal that names nobody removes everybody (RFC 7644 section 3.5.2.2); one that names an empty list, nobody.
  if (op === "replace" || (op === "remove" && (value === undefined || value === null))) empty(folding);
  const ids = readMany(value, attribute.parts, attribute.name).map((one) => String(one["value"] ?? ""));
  for (const id of ids) (op === "remove" ? leave : join)(folding, id);
}

function byFilter(folding: Folding, filter: Filter, op: Operation["op"]): void {
  for (const id of idsIn(filter)) (op === "remove" ? leave : join)(folding, id);
}

/** The members that `value eq "…"`, or several of these joined by `or`, names. */
function idsIn(filter: Filter): string[] {
  if (filter.kind === "or") return filter.parts.flatMap(idsIn);
  if (filter.kind !== "compare" || filter.path.toLowerCase() !== "value" || filter.operator !== "eq")
    throw new ScimRefusal("invalidFilter", 'Members are chosen by value eq "…".');
  return [String(filter.value)];
}

function empty(folding: Folding): void {
  folding.emptied = true;
  folding.plus.clear();
  folding.minus.clear();
}

function join({ plus, minus }: Folding, id: string): void {
  plus.add(id.toLowerCase());
  minus.delete(id.toLowerCase());
}

function leave({ plus, minus }: Folding, id: string): void {
  minus.add(id.toLowerCase());
  plus.delete(id.toLowerCase());
}
