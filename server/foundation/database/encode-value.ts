/** What is bound to a placeholder: text, bytes (sent in binary format, so only for bytea) or NULL. */
export type Encoded = string | Uint8Array | null;

/**
 * The wire form of a value: null and undefined are NULL, Date is ISO-8601 in UTC, bytes stay bytes, an array becomes a
 * PostgreSQL array, any other object JSON. Throws for what has no meaning there.
 */
export function encodeValue(value: unknown): Encoded {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
      return String(value);
    case "boolean":
      return value ? "true" : "false";
    case "undefined":
      return null;
    case "object":
      return encodeObject(value);
    default:
      throw new TypeError(`A ${typeof value} cannot be a parameter`);
  }
}

function encodeObject(value: object | null): Encoded {
  if (value === null) return null;
  if (value instanceof Uint8Array) return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return arrayLiteral(value);
  return JSON.stringify(value);
}

function arrayLiteral(items: readonly unknown[]): string {
  const elements: string[] = [];
  // A bulk insert comes through here with a hundred thousand items at a time, nearly all of them text.
  for (const item of items) elements.push(typeof item === "string" ? quoted(item) : arrayElement(item));
  return `{${elements.join(",")}}`;
}

function arrayElement(item: unknown): string {
  if (Array.isArray(item)) return arrayLiteral(item);
  const encoded = encodeValue(item);
  if (encoded === null) return "NULL";
  if (typeof encoded !== "string") return `"\\\\x${hexOf(encoded)}"`;
  return typeof item === "number" ? encoded : quoted(encoded);
}

/** Few texts hold one of these, and looking for them is cheaper than a regular expression. */
function quoted(text: string): string {
  const isPlain = !text.includes('"') && !text.includes("\\");
  return `"${isPlain ? text : text.replace(/["\\]/g, "\\$&")}"`;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
