import { type TSchema, Type } from "@sinclair/typebox";

/** Query parameters of a list that is read page by page; `after` is the id of the last thing seen. */
export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  after: Type.Optional(Type.String({ format: "uuid" })),
};

/** The answer of such a list. */
export function pageOf<Item extends TSchema>(item: Item) {
  return Type.Object({
    items: Type.Array(item),
    next: Type.Union([Type.String({ format: "uuid" }), Type.Null()]),
  });
}

/** A page, from one row more than it holds: that row only tells that there are more. */
export function pageFrom<Item extends { readonly id: string }>(
  rows: readonly Item[],
  limit: number,
): { items: Item[]; next: string | null } {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

export const pageSize = 50;
