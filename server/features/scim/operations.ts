import type { Attributes } from "./attributes.ts";
import { splitPath } from "./attributes.ts";
import { type Filter, parseFilter } from "./filter/index.ts";
import { type Document, limits, patchSchema } from "./names.ts";
import { demandObject } from "./read-value.ts";
import { ScimRefusal } from "./refusal.ts";

/** One operation of a PATCH; `path` null means that `value` names the attributes itself. */
export interface Operation {
  readonly op: "add" | "replace" | "remove";
  readonly path: Path | null;
  /** `undefined` where none was sent, which is not the same as an empty list. */
  readonly value: unknown;
}

export interface Path {
  readonly outer: string;
  readonly filter: Filter | null;
  readonly inner: string | null;
}

/** The operations of a PATCH body, bounded; names and verbs in whatever case they were sent. */
export function operationsOf(body: unknown): Operation[] {
  const given = lowered(demandObject(body));
  const schemas = given["schemas"];
  if (Array.isArray(schemas) && !schemas.includes(patchSchema))
    throw new ScimRefusal("invalidSyntax", `A PATCH is of the schema ${patchSchema}.`);
  const operations = given["operations"];
  if (!Array.isArray(operations))
    throw new ScimRefusal("invalidSyntax", "A PATCH holds a list of Operations.");
  if (operations.length > limits.patchOperations)
    throw new ScimRefusal("tooMany", `A PATCH holds at most ${limits.patchOperations} operations.`);
  return operations.map(operationOf);
}

function operationOf(given: unknown): Operation {
  const fields = lowered(demandObject(given));
  const op = typeof fields["op"] === "string" ? fields["op"].toLowerCase() : "";
  if (op !== "add" && op !== "replace" && op !== "remove")
    throw new ScimRefusal("invalidSyntax", "An operation is add, replace or remove.");
  const path = fields["path"];
  if (path !== undefined && path !== null && typeof path !== "string")
    throw new ScimRefusal("invalidPath", "A path is a text.");
  const read = typeof path === "string" && path !== "" ? pathOf(path) : null;
  if (read === null && op === "remove")
    throw new ScimRefusal("noTarget", "What to remove is not said: a path is missing.");
  return { op, path: read, value: fields["value"] };
}

const valuePath = /^([^[\]]+)\[(.+)\](?:\.([A-Za-z$][\w$-]*))?$/s;

/** Reads `name.givenName`, `emails[type eq "work"].value` and `urn:…:User:department`. */
export function pathOf(path: string): Path | null {
  if (path.length > 4096) throw new ScimRefusal("invalidPath", "The path is too long.");
  const [, attribute, filter, inner] = valuePath.exec(path) ?? [];
  if (attribute !== undefined && filter !== undefined) {
    const [outer, dotted] = splitPath(attribute);
    if (dotted !== null) throw new ScimRefusal("invalidPath", "The path is not one that is understood.");
    return { outer, filter: parseFilter(filter), inner: inner?.toLowerCase() ?? null };
  }
  const [outer, dotted] = splitPath(path);
  if (outer === "") return null;
  if (
    !/^(?:urn:[\w:.$-]+|[a-z$][\w$-]*)$/.test(outer) ||
    (dotted !== null && !/^[a-z$][\w$.-]*$/.test(dotted))
  )
    throw new ScimRefusal("invalidPath", "The path is not one that is understood.");
  return { outer, filter: null, inner: dotted };
}

/**
 * The attribute of a path, or null for one that is taken and forgotten: standard ones that are not kept here, and those of
 * schemas that other products define, which directories send along with the rest.
 */
export function targetOf({ outer }: Path, attributes: Attributes) {
  const attribute = attributes.get(outer);
  if (attribute === undefined) {
    if (outer.startsWith("urn:")) return null;
    throw new ScimRefusal("invalidPath", `There is no attribute "${outer.slice(0, 100)}".`);
  }
  if (attribute.kind === "readOnly")
    throw new ScimRefusal("mutability", `"${attribute.name}" is not the client's to change.`);
  return attribute.kind === "ignored" ? null : attribute;
}

function lowered(fields: Document): Document {
  const found: Document = {};
  for (const [name, value] of Object.entries(fields)) {
    const key = name.toLowerCase();
    if (Object.hasOwn(found, key))
      throw new ScimRefusal("invalidSyntax", `"${name.slice(0, 100)}" is there twice, in two spellings.`);
    found[key] = value;
  }
  return found;
}
