import { Type, type TObject, type TProperties, type TSchema } from "@sinclair/typebox";
import type { FieldSpec } from "./field.ts";
import { isCredential, type Resource } from "./resource.ts";

const uuidSchema = { type: "string", format: "uuid" } as const;
const strict = { additionalProperties: false };
const nullable = (schema: TSchema): TSchema => Type.Union([schema, Type.Null()]);

/** The JSON schema of a field's value as it crosses the wire. */
export function valueSchema(field: FieldSpec): TSchema {
  switch (field.kind) {
    case "email":
      return Type.String({ format: "email", maxLength: field.max });
    case "text":
    case "url":
    case "phone":
    case "credential":
      return Type.String({ minLength: 1, maxLength: field.max });
    case "choice":
      return Type.Unsafe<string>({ type: "string", enum: [...field.options] });
    case "ref":
    case "member":
      return Type.Unsafe<string>(uuidSchema);
    case "tags":
      return Type.Array(Type.String({ minLength: 1, maxLength: 80 }), {
        maxItems: field.max,
        uniqueItems: true,
      });
    case "entries":
      return Type.Array(
        Type.Object(
          {
            kind: Type.String({ minLength: 1, maxLength: 40 }),
            [field.entryValue ?? "value"]: Type.String({ minLength: 1, maxLength: 320 }),
          },
          strict,
        ),
        { maxItems: field.max },
      );
    case "values":
      return Type.Record(
        Type.String({ pattern: "^[a-z][a-z0-9_]{0,40}$" }),
        Type.Union([Type.String({ maxLength: 2000 }), Type.Number(), Type.Boolean()]),
        { maxProperties: field.max },
      );
    case "boolean":
      return Type.Boolean();
    case "integer":
      return Type.Integer({ minimum: -2_147_483_648, maximum: field.max });
    case "date":
      return Type.String({ format: "date" });
    case "moment":
      return Type.String({ format: "date-time" });
  }
}

/** What a new record may be given: nothing but declared fields, required ones present. */
export function givenSchema(resource: Resource): TObject {
  return Type.Object(
    inputs(resource, (field) => field.isRequired && field.kind !== "choice"),
    strict,
  );
}

/** What a change may say: any of the declared fields, at least one. Many records at once share no credential. */
export function changeSchema(
  resource: Resource,
  which: "all fields" | "open fields" = "all fields",
): TObject {
  const fields = Object.entries(resource.fields).filter(
    ([, field]) => which === "all fields" || !isCredential(field),
  );
  return Type.Object(
    inputs({ ...resource, fields: Object.fromEntries(fields) }, () => false),
    { ...strict, minProperties: 1 },
  );
}

function inputs(resource: Resource, mustBeGiven: (field: FieldSpec) => boolean): TProperties {
  return Object.fromEntries(
    Object.entries(resource.fields).map(([name, field]) => {
      const schema = mayBeNull(field) ? nullable(valueSchema(field)) : valueSchema(field);
      return [name, mustBeGiven(field) ? schema : Type.Optional(schema)];
    }),
  );
}

/** What a reader is shown. Credential fields are not in it; `<ref>Name` says what a reference points to. */
export function shownSchema(resource: Resource): TObject {
  const fields = Object.entries(resource.fields).flatMap(([name, field]): [string, TSchema][] => {
    if (isCredential(field)) return [];
    const own: [string, TSchema] = [
      name,
      mayBeNull(field) ? nullable(valueSchema(field)) : valueSchema(field),
    ];
    return field.kind === "ref" ? [own, [nameOfReference(name), nullable(Type.String())]] : [own];
  });
  return Type.Object({
    id: Type.Unsafe<string>(uuidSchema),
    version: Type.Integer(),
    ...Object.fromEntries(fields),
    createdAt: Type.String({ format: "date-time" }),
    updatedAt: Type.String({ format: "date-time" }),
    archivedAt: nullable(Type.String({ format: "date-time" })),
  });
}

/** `accountId` is shown with `accountName` beside it. */
export function nameOfReference(field: string): string {
  return field.replace(/Id$/, "Name");
}

/** Whether a field may be empty: lists, maps and yes-or-no have an empty value of their own instead. */
export function mayBeNull(field: FieldSpec): boolean {
  return !field.isRequired && !["tags", "entries", "values", "boolean", "choice"].includes(field.kind);
}
