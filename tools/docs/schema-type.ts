/** A JSON Schema, as the declarations carry it. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema | readonly Schema[];
}

/** Names for shapes that occur in many places; whoever asks with an equal shape gets the name. */
export type ShapeNames = ReadonlyMap<string, string>;

/** How a shape is recognized. */
export function shapeOf(schema: Schema): string {
  return JSON.stringify(schema);
}

/** The TypeScript type of what fits a schema. */
export function typeOfSchema(schema: Schema, names: ShapeNames, indent = ""): string {
  return names.get(shapeOf(schema)) ?? ownType(schema, names, indent);
}

/** The same, spelled out even where the shape has a name: for the place where it is declared. */
export function ownType(schema: Schema, names: ShapeNames, indent: string): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.anyOf !== undefined) {
    return unique(schema.anyOf.map((one) => typeOfSchema(one, names, indent))).join(" | ");
  }
  const types = [schema.type ?? []].flat();
  if (types.length === 0) return "unknown";
  return types.map((type) => plainType(type, schema, names, indent)).join(" | ");
}

function plainType(type: string, schema: Schema, names: ShapeNames, indent: string): string {
  if (type === "array") return arrayOf(itemType(schema.items, names, indent));
  if (type === "object") return objectType(schema, names, indent);
  if (type === "integer") return "number";
  return type;
}

function arrayOf(item: string): string {
  const simple = item.startsWith("{") || /^[\w"]+$/.test(item);
  return simple ? `readonly ${item}[]` : `readonly (${item})[]`;
}

function itemType(items: Schema["items"], names: ShapeNames, indent: string): string {
  const all = [items ?? []].flat() as readonly Schema[]; // as: flat() forgets that both sides are schemas
  return all.length === 0
    ? "unknown"
    : unique(all.map((one) => typeOfSchema(one, names, indent))).join(" | ");
}

function objectType(schema: Schema, names: ShapeNames, indent: string): string {
  const properties = Object.entries(schema.properties ?? {});
  const [pattern] = Object.values(schema.patternProperties ?? {});
  const others =
    pattern ?? (typeof schema.additionalProperties === "object" ? schema.additionalProperties : null);
  if (properties.length === 0) {
    return `Readonly<Record<string, ${others === null ? "unknown" : typeOfSchema(others, names, indent)}>>`;
  }
  const inner = `${indent}  `;
  const lines = properties.map(([name, property]) => {
    const mark = schema.required?.includes(name) === true ? "" : "?";
    const type = typeOfSchema(property, names, inner);
    return `${inner}readonly ${nameOf(name)}${mark}: ${type}${mark === "" ? "" : " | undefined"};`;
  });
  return `{\n${lines.join("\n")}\n${indent}}`;
}

function nameOf(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

function unique(types: readonly string[]): string[] {
  return [...new Set(types)];
}
