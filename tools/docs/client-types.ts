import { ownType, type Schema, type ShapeNames, shapeOf, typeOfSchema } from "./schema-type.ts";

/** As much of an OpenAPI document as the client's types come from. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
}

interface ApiOperation {
  readonly operationId: string;
  readonly summary?: string;
  readonly "x-needs"?: readonly string[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Door {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: ApiOperation;
}

/**
 * The types of the whole API as a TypeScript module: a named interface for each kind of record, and what each operation
 * takes and answers. The same document gives the same text.
 */
export function clientTypes(document: ApiDocument): string {
  const doors = doorsOf(document);
  const names = namedShapes(doors);
  return `// Written by \`npm run docs\` from the declared doors; do not edit.

${[...names].map(([shape, name]) => namedType(shape, name, names)).join("\n\n")}

/** What each operation takes and answers. */
export interface Operations {
${doors.map((door) => operationType(door, names)).join("\n")}
}

/** Where each operation is. */
export const doors = {
${doors.map(doorLine).join("\n")}
} as const satisfies Record<keyof Operations, { method: string; path: string; sends?: string }>;
`;
}

/** The function of an operation: \`list_contacts\` is \`listContacts\`. */
export function functionName(operationId: string): string {
  return operationId.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function doorsOf({ paths }: ApiDocument): Door[] {
  const doors = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: functionName(operation.operationId),
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
  const known = new Set<string>();
  for (const { name } of doors) {
    if (known.has(name)) throw new Error(`two operations are called ${name}`);
    known.add(name);
  }
  // A key cannot use what belongs to a browser's session, and directories bring clients of their own.
  return doors
    .filter(({ path }) => !path.startsWith("/auth/") && !path.startsWith("/scim/"))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** What reading, creating and changing a kind of record is about, under the record's name. */
function namedShapes(doors: readonly Door[]): ShapeNames {
  const names = new Map<string, string>();
  const add = (schema: Schema | undefined, name: string): void => {
    if (schema?.type === "object" && !names.has(shapeOf(schema))) names.set(shapeOf(schema), name);
  };
  for (const { name, operation } of doors) {
    const [, act, rest = ""] = /^(read|create|change)([A-Z]\w*)$/.exec(name) ?? [];
    if (act === "read") add(answerOf(operation), rest);
    if (act === "create") add(jsonOf(operation.requestBody?.content), `New${rest}`);
    if (act === "change") add(jsonOf(operation.requestBody?.content), `${rest}Change`);
  }
  return names;
}

function namedType(shape: string, name: string, names: ShapeNames): string {
  // Made by shapeOf a moment ago.
  return `export interface ${name} ${ownType(JSON.parse(shape) as Schema, names, "")}`;
}

function operationType({ name, operation }: Door, names: ShapeNames): string {
  const members = [
    ...parametersOf(operation, "path", "params", names),
    ...parametersOf(operation, "query", "query", names),
    ...bodyOf(operation, names),
    `    readonly answer: ${answerType(operation, names)};`,
  ];
  const needs = operation["x-needs"]?.join(", ");
  const says = [operation.summary, needs === undefined ? undefined : `Needs ${needs}.`];
  return `  /** ${says.filter((part) => part !== undefined).join(". ")} */
  readonly ${name}: {
${members.join("\n")}
  };`;
}

function parametersOf(
  { parameters }: ApiOperation,
  where: "path" | "query",
  as: string,
  names: ShapeNames,
): string[] {
  const wanted = parameters.filter((parameter) => parameter.in === where);
  if (wanted.length === 0) return [];
  const schema: Schema = {
    type: "object",
    properties: Object.fromEntries(wanted.map((parameter) => [parameter.name, parameter.schema])),
    required: wanted.filter(({ required }) => required).map((parameter) => parameter.name),
  };
  const mark = schema.required?.length === 0 ? "?" : "";
  return [`    readonly ${as}${mark}: ${typeOfSchema(schema, names, "    ")};`];
}

function bodyOf({ requestBody }: ApiOperation, names: ShapeNames): string[] {
  if (requestBody === undefined) return [];
  const json = jsonOf(requestBody.content);
  const type = json === undefined ? "string | Uint8Array<ArrayBuffer>" : typeOfSchema(json, names, "    ");
  return [`    readonly body: ${type};`];
}

function answerType(operation: ApiOperation, names: ShapeNames): string {
  const schema = answerOf(operation);
  if (schema === undefined) return "void";
  // A door that streams a file declares no shape.
  return Object.keys(schema).length === 0 ? "string" : typeOfSchema(schema, names, "    ");
}

function answerOf({ responses }: ApiOperation): Schema | undefined {
  const [success] = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  return jsonOf(success?.[1].content);
}

function jsonOf(content: Content | undefined): Schema | undefined {
  return content?.["application/json"]?.schema;
}

function doorLine({ name, method, path, operation }: Door): string {
  const [type] = Object.keys(operation.requestBody?.content ?? {});
  const sends = type === undefined || type === "application/json" ? "" : `, sends: ${JSON.stringify(type)}`;
  return `  ${name}: { method: ${JSON.stringify(method)}, path: ${JSON.stringify(path)}${sends} },`;
}
