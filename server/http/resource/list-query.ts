import { type TObject, Type } from "@sinclair/typebox";
import { type ListWish, type Resource, sortNames, valueSchema } from "../../kernel/resource/index.ts";

/** What a list may be asked: a page, an order, a search text, a tag, and the fields that can filter. */
export function listQuery(resource: Resource): TObject {
  const filters = Object.entries(resource.fields)
    .filter(([, field]) => field.canFilter)
    .map(([name, field]) => {
      const value = field.isRequired
        ? valueSchema(field)
        : Type.Union([valueSchema(field), Type.Literal("none")]);
      return [name, Type.Optional(value)] as const;
    });
  return Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    after: Type.Optional(Type.String({ maxLength: 800 })),
    sort: Type.Optional(Type.Unsafe<(typeof sortNames)[number]>({ type: "string", enum: [...sortNames] })),
    q: Type.Optional(Type.String({ maxLength: 200 })),
    tag: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
    archived: Type.Optional(Type.Boolean()),
    ...Object.fromEntries(filters),
  });
}

/** The query as the statements take it. */
export function wishOf(resource: Resource, asked: Readonly<Record<string, unknown>>): ListWish {
  const text = (name: string): string | null =>
    typeof asked[name] === "string" && asked[name].trim() !== "" ? asked[name] : null;
  const filters = Object.entries(resource.fields).flatMap(([name, field]): [string, string][] => {
    const value = text(name);
    return field.canFilter && value !== null ? [[name, value]] : [];
  });
  return {
    limit: typeof asked["limit"] === "number" ? asked["limit"] : 50,
    after: text("after"),
    // The schema lets nothing else through.
    sort: (text("sort") ?? "-createdAt") as ListWish["sort"],
    q: text("q"),
    tag: text("tag"),
    filters: Object.fromEntries(filters),
    archived: asked["archived"] === true,
  };
}
