import { type Static, type TObject, type TSchema, Type } from "@sinclair/typebox";
import type { Result, Statement, Transaction } from "../foundation/database/index.ts";
import { sha256, uuidv7 } from "../foundation/ids/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import {
  changeSchema,
  givenSchema,
  type ListWish,
  permission,
  type Resource,
  shownSchema,
  sortNames,
  statementsOf,
  type Values,
  valueSchema,
} from "../kernel/resource/index.ts";
import type { Entered, TenantScope } from "../kernel/tenancy/index.ts";
import type { Asked } from "./asked.ts";
import { type Need, type Needs, route, type TenantRoute } from "./route.ts";

export interface ResourceDoors {
  readonly resource: Resource;
  /** Where its addresses begin, when that is not its plural. */
  readonly path?: string;
  /** Brings given values into the form in which they are kept; throws Problem("not-valid"). */
  readonly prepare?: (values: Values, entered: Entered) => Values;
}

const uuid = Type.String({ format: "uuid" });
const versioned = Type.Object({ id: uuid, version: Type.Integer() });

/** What the audit trail says of one change. */
export const eventSchema = Type.Object({
  id: uuid,
  at: Type.String(),
  actorId: Type.Union([uuid, Type.Null()]),
  actorEmail: Type.String(),
  action: Type.String(),
  resourceType: Type.String(),
  resourceId: Type.Union([uuid, Type.Null()]),
  severity: Type.String(),
  requestId: Type.Union([uuid, Type.Null()]),
  before: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
  after: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
});

/** The permissions that showing a record takes: its own, and those of what it names. */
export function readNeeds(resource: Resource): [Need, ...Need[]] {
  const named = Object.values(resource.fields).flatMap(({ kind, to }): Need[] => (kind === "ref" && to !== null ? [`${to}.read`] : []));
  return [need(resource, "read"), ...new Set(named)];
}

function need(resource: Resource, action: Parameters<typeof permission>[1]): Need {
  // Resource names and actions are words, so this is `<word>.<word>`.
  return permission(resource, action) as Need;
}

/**
 * Every door of a declared resource: list, count, read, history, create, change, archive, restore and bulk.
 *
 * Each binds just what it declares; the statements name no organization, since the policies do.
 */
export function resourceRoutes(doors: ResourceDoors): TenantRoute[] {
  const { resource } = doors;
  const at: `/${string}` = `/${doors.path ?? resource.many}`;
  const statements = statementsOf(resource);
  const shown = shownSchema(resource);
  const query = listQuery(resource);
  const read = readNeeds(resource);
  const also = (action: "create" | "change" | "archive"): Needs => [...read, need(resource, action)];
  const name = resource.name;

  return [
    route({
      method: "GET",
      path: at,
      summary: `List ${resource.many}, search them and filter them`,
      operation: `list_${resource.many}`,
      needs: read,
      query,
      answer: Type.Object({ items: Type.Array(shown), next: Type.Union([Type.String(), Type.Null()]) }),
      handle: async ({ scope, query: asked }) => {
        const wish = wishOf(resource, asked);
        const { rows } = await scope.run(statements.list(wish));
        const items = rows.slice(0, wish.limit);
        const last = items.at(-1);
        const more = rows.length > wish.limit && last !== undefined;
        return { items, next: more ? statements.cursorAfter(last, wish) : null };
      },
    }),
    route({
      method: "GET",
      path: `${at}/count`,
      summary: `Count ${resource.many} that fit the same search and filters`,
      operation: `count_${resource.many}`,
      needs: read,
      query,
      answer: Type.Object({ count: Type.Integer() }),
      handle: async ({ scope, query: asked }) => {
        const { rows } = await scope.run(statements.count(wishOf(resource, asked)));
        return { count: Number(rows[0]?.["count"]) };
      },
    }),
    route({
      method: "GET",
      path: `${at}/:id`,
      summary: `Read one of the ${resource.many}`,
      operation: `read_${name}`,
      needs: read,
      answer: shown,
      handle: async ({ scope, params, respond }) => {
        const { rows } = await scope.run(statements.read(String(params["id"])));
        const [record] = rows;
        if (record === undefined) throw new Problem("not-found");
        respond.etag(Number(record["version"]));
        return record;
      },
    }),
    route({
      method: "GET",
      path: `${at}/:id/history`,
      summary: `Everything that happened to one of the ${resource.many}, the newest first`,
      operation: `history_of_${name}`,
      needs: [need(resource, "read")],
      query: Type.Object({
        after: Type.Optional(uuid),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
      }),
      answer: Type.Object({ items: Type.Array(eventSchema), next: Type.Union([uuid, Type.Null()]) }),
      handle: async ({ scope, params, query: asked }) => {
        const limit = asked.limit ?? 50;
        const { rows } = await scope.run(historyOf(name, String(params["id"]), asked.after ?? null, limit));
        // The statement names exactly the columns of the schema.
        const items = rows as Static<typeof eventSchema>[];
        return { items, next: rows.length === limit ? String(rows.at(-1)?.["id"]) : null };
      },
    }),
    route({
      method: "POST",
      path: at,
      summary: `Add one to the ${resource.many}`,
      operation: `create_${name}`,
      needs: also("create"),
      body: givenSchema(resource),
      status: 201,
      answer: shown,
      handle: async ({ scope, body, request, respond }) => {
        const record = await create(doors, scope, body as Values, request);
        respond.etag(Number(record["version"]));
        return record;
      },
    }),
    route({
      method: "PATCH",
      path: `${at}/:id`,
      summary: `Change one of the ${resource.many}; If-Match names the version that you saw`,
      operation: `change_${name}`,
      needs: also("change"),
      body: changeSchema(resource),
      answer: shown,
      handle: async ({ scope, params, body, request, respond }) => {
        const id = String(params["id"]);
        const version = request.ifMatch();
        const [changed, state] = await scope.tx(async (t, entered) => {
          const values = kept(doors, body as Values, entered);
          return t.batch([statements.change(id, version, values), statements.state(id)]);
        });
        const record = changed?.rows[0];
        if (record === undefined) throw whyNot(state, version);
        respond.etag(Number(record["version"]));
        return record;
      },
    }),
    ...(["archive", "restore"] as const).map((act) =>
      route({
        method: "POST",
        path: `${at}/:id/${act}`,
        summary: act === "archive" ? `Archive one of the ${resource.many}; it can be restored for ${resource.keepArchivedDays} days` : `Bring one of the ${resource.many} back from the archive`,
        operation: `${act}_${name}`,
        needs: also("archive"),
        answer: shown,
        handle: async ({ scope, params, request, respond }) => {
          const id = String(params["id"]);
          const version = request.ifMatch();
          const [done, state, record] = await scope.batch([
            statements.setArchived([id], [version], act === "archive"),
            statements.state(id),
            statements.read(id),
          ]);
          if (done?.rows.length !== 1) throw whyNot(state, version);
          const shownNow = record?.rows[0];
          if (shownNow === undefined) throw new Problem("not-found");
          respond.etag(Number(shownNow["version"]));
          return shownNow;
        },
      }),
    ),
    ...bulkRoutes(doors, at),
  ];
}

function bulkRoutes(doors: ResourceDoors, at: `/${string}`): TenantRoute[] {
  const { resource } = doors;
  const statements = statementsOf(resource);
  const ids = Type.Array(uuid, { minItems: 1, maxItems: 500, uniqueItems: true });
  const answer = Type.Object({ items: Type.Array(versioned), missed: Type.Array(uuid) });
  const missed = (wanted: readonly string[], rows: readonly Record<string, unknown>[]): string[] => {
    const done = new Set(rows.map((row) => row["id"]));
    return wanted.filter((id) => !done.has(id));
  };
  return [
    ...(["archive", "restore"] as const).map((act) =>
      route({
        method: "POST",
        path: `${at}/bulk/${act}`,
        summary: `${act === "archive" ? "Archive" : "Restore"} up to 500 ${resource.many} at once`,
        operation: `bulk_${act}_${resource.many}`,
        needs: [need(resource, "read"), need(resource, "archive")],
        limit: "bulk",
        body: Type.Object({ ids }, { additionalProperties: false }),
        answer,
        handle: async ({ scope, body }) => {
          const { rows } = await scope.run(statements.setArchived(body.ids, null, act === "archive"));
          return { items: rows as Static<typeof versioned>[], missed: missed(body.ids, rows) };
        },
      }),
    ),
    route({
      method: "POST",
      path: `${at}/bulk/change`,
      summary: `Give up to 500 ${resource.many} the same values`,
      operation: `bulk_change_${resource.many}`,
      needs: [...readNeeds(resource), need(resource, "change")],
      limit: "bulk",
      body: Type.Object({ ids, change: changeSchema(resource) as TSchema }, { additionalProperties: false }),
      answer,
      handle: async ({ scope, body }) => {
        const rows = await scope.tx(async (t, entered) => {
          const values = kept(doors, body.change as Values, entered);
          const results = await t.batch(body.ids.map((id) => statements.change(id, null, values)));
          return results.flatMap((result) => result.rows);
        });
        return { items: rows as Static<typeof versioned>[], missed: missed(body.ids, rows) };
      },
    }),
  ];
}

function listQuery(resource: Resource): TObject {
  const filters = Object.entries(resource.fields)
    .filter(([, field]) => field.canFilter)
    .map(([name, field]) => {
      const value = field.isRequired ? valueSchema(field) : Type.Union([valueSchema(field), Type.Literal("none")]);
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

function wishOf(resource: Resource, asked: Readonly<Record<string, unknown>>): ListWish {
  const text = (name: string): string | null => (typeof asked[name] === "string" && asked[name].trim() !== "" ? asked[name] : null);
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

function historyOf(resource: string, id: string, after: string | null, limit: number): Statement {
  return {
    text: `select id, at, actor_id as "actorId", actor_email as "actorEmail", action, resource_type as "resourceType",
  resource_id as "resourceId", severity, request_id as "requestId", before, after from kernel.history($1, $2, $3, $4)`,
    values: [resource, id, after, limit],
  };
}

/** Values as they are kept: e-mail and what is unique in lower case, texts without blanks around them. */
function kept({ resource, prepare }: ResourceDoors, values: Values, entered: Entered): Values {
  const plain = Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (typeof value !== "string") return [name, value];
      const trimmed = value.trim();
      const lower = resource.fields[name]?.kind === "email" || resource.unique.includes(name);
      return [name, trimmed === "" ? null : lower ? trimmed.toLowerCase() : trimmed];
    }),
  );
  return prepare === undefined ? plain : prepare(plain, entered);
}

/** With an Idempotency-Key, a second try finds the first one's record and makes none. */
async function create(
  doors: ResourceDoors,
  scope: TenantScope,
  body: Values,
  request: Asked,
): Promise<Record<string, unknown>> {
  const statements = statementsOf(doors.resource);
  const key = request.idempotencyKey();
  const id = uuidv7();
  return scope.tx(async (t, entered) => {
    if (key !== null) {
      const earlier = await claim(t, key, body);
      if (earlier !== null) return firstRow(await t.run(statements.read(earlier)));
    }
    const record = firstRow(await t.run(statements.create(id, kept(doors, body, entered))));
    if (key !== null) await t.run({ text: "select kernel.settle_idempotency($1, 201::smallint, $2)", values: [key, id] });
    return record;
  });
}

async function claim(t: Transaction, key: string, body: Values): Promise<string | null> {
  const hash = sha256(JSON.stringify(body));
  const { rows } = await t.run({ text: "select (kernel.claim_idempotency($1, $2)).resource_id as id", values: [key, hash] });
  const id = rows[0]?.["id"];
  return typeof id === "string" ? id : null;
}

function firstRow({ rows }: Result): Record<string, unknown> {
  const [row] = rows;
  if (row === undefined) throw new Problem("not-found");
  return row;
}

/** Why a change touched nothing: there is no such record (for this caller), it is archived, or it moved on. */
function whyNot(state: Result | undefined, version: number): Problem {
  const row = state?.rows[0];
  if (row === undefined) return new Problem("not-found");
  if (row["version"] !== version) {
    return new Problem("version-conflict", { detail: `It is at version ${String(row["version"])} now; you saw ${version}.` });
  }
  return new Problem("wrong-state", {
    detail: row["archivedAt"] === null ? "It is not archived." : "It is archived. Restore it first.",
  });
}
