import type { TSchema } from "@sinclair/typebox";
import { choosesTenant } from "./screen-input.ts";

type Json = Record<string, unknown>;

/**
 * The schema by which an input is checked: every object refuses fields that it does not declare, at any depth.
 *
 * Throws while the server is being built for what cannot be closed (`Type.Intersect`: compose the objects instead,
 * `Type.Recursive`) and for a field that would choose the tenant.
 */
export function closedSchema(schema: TSchema): Json {
  return prepared(schema, true);
}

/** The schema by which an answer is written: what it does not declare is dropped. */
export function answerSchema(schema: TSchema): Json {
  return prepared(schema, false);
}

function prepared(schema: TSchema, close: boolean): Json {
  if (schema["allOf"] !== undefined) throw new Error("Use Type.Composite: an intersection cannot be closed");
  if (schema["$ref"] !== undefined) throw new Error("Recursive schemas are not supported");
  if (Array.isArray(schema["anyOf"])) return preparedUnion(schema, schema["anyOf"], close);
  const { $id: _, ...copy } = plain(schema);
  const properties: Record<string, TSchema> | undefined = schema["properties"];
  if (properties !== undefined) copy["properties"] = mapped(properties, close);
  if (schema["patternProperties"] !== undefined) {
    copy["patternProperties"] = mapped(schema["patternProperties"], close);
  }
  if (isSchema(schema["additionalProperties"])) {
    copy["additionalProperties"] = prepared(schema["additionalProperties"], close);
  }
  if (isSchema(schema["items"])) copy["items"] = prepared(schema["items"], close);
  if (Array.isArray(schema["items"])) {
    copy["items"] = schema["items"].map((item) => prepared(item, close));
  }
  if (close && schema["type"] === "object") copy["additionalProperties"] ??= false;
  return copy;
}

function mapped(properties: Record<string, TSchema>, close: boolean): Json {
  const entries = Object.entries(properties);
  const tenant = close ? entries.find(([name]) => choosesTenant(name)) : undefined;
  if (tenant !== undefined)
    throw new Error(`"${tenant[0]}" may not be an input: the credential names the tenant`);
  return Object.fromEntries(entries.map(([name, schema]) => [name, prepared(schema, close)]));
}

/** "X or null" becomes one type list and a choice of constants one `enum`: faster to write, and clearer when refused. */
function preparedUnion(schema: TSchema, members: readonly TSchema[], close: boolean): Json {
  const { anyOf: _, $id: __, ...rest } = plain(schema);
  const constants = members.map((member) => member["const"]);
  if (constants.every((constant) => typeof constant === "string")) {
    return { ...rest, type: "string", enum: constants };
  }
  const [only, another] = members.filter((member) => member["type"] !== "null");
  const nullable = members.some((member) => member["type"] === "null");
  if (nullable && only !== undefined && another === undefined && typeof only["type"] === "string") {
    return nullableOf({ ...prepared(only, close), ...rest });
  }
  return { ...rest, anyOf: members.map((member) => prepared(member, close)) };
}

function nullableOf(schema: Json): Json {
  const nullable: Json = { ...schema, type: [schema["type"], "null"] };
  if (Array.isArray(schema["enum"])) nullable["enum"] = [...schema["enum"], null];
  if ("const" in schema) {
    nullable["enum"] = [schema["const"], null];
    delete nullable["const"];
  }
  return nullable;
}

function plain(schema: TSchema): Json {
  return Object.fromEntries(Object.entries(schema));
}

function isSchema(value: unknown): value is TSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
