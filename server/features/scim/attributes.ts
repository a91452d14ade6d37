import { enterpriseSchema, groupSchema, userSchema } from "./names.ts";

/** How an attribute is treated when a directory sends it. */
export type Attribute =
  | { readonly kind: "text" | "boolean"; readonly name: string }
  | { readonly kind: "complex"; readonly name: string; readonly parts: Attributes }
  /** Several values, each with parts. */
  | { readonly kind: "many"; readonly name: string; readonly parts: Attributes }
  /** Standard, and none of our business: taken and forgotten. A password is one of these. */
  | { readonly kind: "ignored" }
  /** Ours to say. */
  | { readonly kind: "readOnly"; readonly name: string };

/** Attributes by their lower-case names: SCIM does not tell cases apart (RFC 7643 section 2.1). */
export type Attributes = ReadonlyMap<string, Attribute>;

/** What is told of a user and kept; everything else of RFC 7643 is taken and forgotten. */
export const userAttributes: Attributes = new Map<string, Attribute>([
  ...texts("userName", "externalId", "displayName", "title"),
  ["active", { kind: "boolean", name: "active" }],
  [
    "name",
    {
      kind: "complex",
      name: "name",
      parts: new Map([
        ...texts("formatted", "givenName", "familyName"),
        ...ignored("middleName", "honorificPrefix", "honorificSuffix"),
      ]),
    },
  ],
  ["emails", { kind: "many", name: "emails", parts: valueParts() }],
  [
    enterpriseSchema.toLowerCase(),
    {
      kind: "complex",
      name: enterpriseSchema,
      parts: new Map([
        ...texts("department", "employeeNumber"),
        ...ignored("costCenter", "organization", "division", "manager"),
      ]),
    },
  ],
  ...readOnly("id", "meta", "groups", "roles"),
  ...ignored("schemas", "password", "nickName", "profileUrl", "userType", "preferredLanguage", "locale"),
  ...ignored("timezone", "phoneNumbers", "ims", "photos", "addresses", "entitlements", "x509Certificates"),
]);

/** What is told of a group; its members are people that the same connection provisioned. */
export const groupAttributes: Attributes = new Map<string, Attribute>([
  ...texts("displayName", "externalId"),
  ["members", { kind: "many", name: "members", parts: valueParts() }],
  ...readOnly("id", "meta"),
  ...ignored("schemas"),
]);

function valueParts(): Attributes {
  return new Map<string, Attribute>([
    ...texts("value", "type", "display"),
    ["primary", { kind: "boolean", name: "primary" }],
    ...ignored("$ref"),
  ]);
}

function texts(...names: string[]): [string, Attribute][] {
  return names.map((name) => [name.toLowerCase(), { kind: "text", name }]);
}

function ignored(...names: string[]): [string, Attribute][] {
  return names.map((name) => [name.toLowerCase(), { kind: "ignored" }]);
}

function readOnly(...names: string[]): [string, Attribute][] {
  return names.map((name) => [name.toLowerCase(), { kind: "readOnly", name }]);
}

/** Takes the schema of the resource itself off the front of a path; `""` is what remains of the schema alone. */
export function withoutSchema(path: string): string {
  for (const schema of [userSchema, groupSchema]) {
    if (path.toLowerCase() === schema.toLowerCase()) return "";
    if (path.toLowerCase().startsWith(`${schema.toLowerCase()}:`)) return path.slice(schema.length + 1);
  }
  return path;
}

/** An attribute's name and the part of it that a path such as `name.givenName` goes on to. */
export function splitPath(path: string): readonly [outer: string, inner: string | null] {
  const plain = withoutSchema(path);
  if (/^urn:/i.test(plain)) {
    const own = enterpriseSchema.toLowerCase();
    if (plain.toLowerCase().startsWith(`${own}:`)) return [own, plain.slice(own.length + 1).toLowerCase()];
    return [plain.toLowerCase(), null];
  }
  const dot = plain.indexOf(".");
  if (dot < 0) return [plain.toLowerCase(), null];
  return [plain.slice(0, dot).toLowerCase(), plain.slice(dot + 1).toLowerCase()];
}
