import { type Static, Type } from "@sinclair/typebox";
import { nothing, personRoute, type Route } from "../../../http/index.ts";
import { strict, uuid } from "../inputs.ts";
import type { Places } from "../tokens/places.ts";

const text = Type.Union([Type.String(), Type.Null()]);

const notice = Type.Object({
  id: uuid,
  kind: Type.String(),
  at: Type.String(),
  /** The part of the address of the organization where it happened. */
  organization: text,
  details: Type.Record(Type.String(), Type.Unknown()),
  ip: text,
  /** Such as "Vienna, AT", when a file of places is mounted. */
  place: text,
  device: text,
  seen: Type.Boolean(),
});
type Notice = Static<typeof notice>;

const pageSize = 50;

/** What happened to one's account: new devices, unusual sign-ins, passwords, factors, keys, support access. */
export function noticeRoutes({ places }: { readonly places: Places }): Route[] {
  return [
    personRoute({
      method: "GET",
      path: "/auth/notices",
      summary: "What happened to one's account, the newest first",
      query: Type.Object({
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
        after: Type.Optional(uuid),
      }),
      answer: Type.Object({
        unseen: Type.Integer(),
        items: Type.Array(notice),
        next: Type.Union([uuid, Type.Null()]),
      }),
      handle: async ({ scope, query }) => {
        const limit = query.limit ?? pageSize;
        const { rows } = await scope.run({
          text: "select kernel.notices($1, $2, $3) as told",
          values: [scope.caller.tokenHash, query.after ?? null, limit + 1],
        });
        // kernel.notices builds just this object.
        const told = rows[0]?.["told"] as { unseen: number; items: Omit<Notice, "place">[] };
        const items = told.items.slice(0, limit).map((one) => ({ ...one, place: placeOf(one.ip, places) }));
        const next = told.items.length > limit ? (items.at(-1)?.id ?? null) : null;
        return { unseen: told.unseen, items, next };
      },
    }),
    personRoute({
      method: "POST",
      path: "/auth/notices/seen",
      summary: "Say that one has looked at a notice and at all before it",
      body: Type.Object({ upTo: uuid }, strict),
      answer: nothing,
      status: 204,
      handle: async ({ scope, body }) => {
        await scope.run({
          text: "select kernel.see_notices($1, $2)",
          values: [scope.caller.tokenHash, body.upTo],
        });
      },
    }),
  ];
}

function placeOf(ip: string | null, places: Places): string | null {
  return ip === null ? null : places.of(ip);
}
