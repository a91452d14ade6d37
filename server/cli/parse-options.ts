import type { TObject, TSchema } from "@sinclair/typebox";
import { nearestName } from "../foundation/config/index.ts";
import { flagOf } from "./option-faults.ts";
import { UsageFault } from "./usage-fault.ts";

interface Written {
  readonly flag: string;
  readonly value: string | null;
}

/**
 * Reads `--name value`, `--name=value`, `--switch` and `--no-switch` into an object for the command's schema. What the
 * command does not declare is refused with a guess, and nothing is taken twice.
 */
export function parseOptions(
  command: string,
  options: TObject,
  words: readonly string[],
): Record<string, unknown> {
  const properties = new Map(
    Object.entries(options.properties).map(([name, schema]) => [flagOf(name), { name, schema }]),
  );
  const parsed: Record<string, unknown> = {};
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const written = writtenIn(word, command);
    const { name, schema, negated } = declaredAs(written.flag, properties, command);
    const value = isSwitch(schema)
      ? switchValue(written, negated, command)
      : (written.value ?? follower(rest, written, command));
    const typed = coerced(schema, value);
    if (schema["type"] === "array") parsed[name] = [...listSoFar(parsed[name]), typed];
    else if (name in parsed) throw new UsageFault(`${written.flag} is given twice`, command);
    else parsed[name] = typed;
  }
  return parsed;
}

function writtenIn(word: string, command: string): Written {
  const [, flag, value] = /^(--[a-z][a-z0-9-]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (flag !== undefined) return { flag, value: value ?? null };
  // What stands there may be a secret in the wrong place, so it is not repeated unless it has a flag's shape.
  const shape = /^-{1,2}[\w-]{1,30}$/.test(word)
    ? `${word} is not an option`
    : "A word stands where an option is expected";
  throw new UsageFault(`${shape}; options are written --name value`, command);
}

function declaredAs(
  flag: string,
  properties: ReadonlyMap<string, { readonly name: string; readonly schema: TSchema }>,
  command: string,
): { readonly name: string; readonly schema: TSchema; readonly negated: boolean } {
  const plain = properties.get(flag);
  if (plain !== undefined) return { ...plain, negated: false };
  const switched = flag.startsWith("--no-") ? properties.get(`--${flag.slice("--no-".length)}`) : undefined;
  if (switched !== undefined && isSwitch(switched.schema)) return { ...switched, negated: true };
  const meant = nearestName(flag, properties.keys());
  throw new UsageFault(
    `${flag} is not an option${meant === null ? "" : `; did you mean ${meant}?`}`,
    command,
  );
}

function isSwitch(schema: TSchema): boolean {
  return schema["type"] === "boolean";
}

function switchValue({ flag, value }: Written, negated: boolean, command: string): boolean {
  if (value !== null) throw new UsageFault(`${flag} takes no value`, command);
  return !negated;
}

function follower(rest: string[], { flag }: Written, command: string): string {
  const next = rest.shift();
  if (next === undefined || next.startsWith("--")) {
    throw new UsageFault(
      `${flag} needs a value; one that begins with -- is written ${flag}=--value`,
      command,
    );
  }
  return next;
}

/** Numbers are turned into numbers only when written as such; the schema refuses what stays a text. */
function coerced(schema: TSchema, value: string | boolean): unknown {
  // The items of an array option are a schema by TypeBox's own construction.
  const own = schema["type"] === "array" ? (schema["items"] as TSchema) : schema;
  const numeric = own["type"] === "number" || own["type"] === "integer";
  return numeric && typeof value === "string" && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(value)
    ? Number(value)
    : value;
}

function listSoFar(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
