import { sql, type Statement, type Transaction } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import type { TenantScope } from "../../kernel/tenancy/index.ts";
import { type Asking, begin, demandMatch } from "./act.ts";
import { userColumns } from "./columns.ts";
import { pageOf, type Page, type Wish } from "./list.ts";
import type { Document } from "./names.ts";
import { operationsOf } from "./operations.ts";
import { patchUser } from "./patch-user.ts";
import { documentOf, readUser, type UserRow, type WantedUser, wantedUser } from "./user.ts";

const columns = sql`r.id, r.user_name as "userName", r.external_id as "externalId", r.attributes, r.active, r.roles, r.version,
  r.created_at as "createdAt", r.updated_at as "updatedAt"`;
const groups = sql`coalesce((select jsonb_agg(jsonb_build_object('value', x.group_id, 'display', x.group_display) order by x.group_id)
  from kernel.scim_members x where x.user_id = r.id), '[]') as groups`;
const noGroups = sql`'[]'::jsonb as groups`;

const byId = (id: string): Statement =>
  sql`select ${columns}, ${groups} from kernel.scim_users r where r.id = ${id}`;
const byIds = (ids: readonly string[]): Statement =>
  sql`select ${columns}, ${groups} from kernel.scim_users r where r.id = any (${ids}::uuid[])`;

function rowOf(rows: readonly (Record<string, unknown> | undefined)[] | undefined): UserRow {
  const [row] = rows ?? [];
  if (row === undefined) throw new Problem("not-found");
  // The statement names exactly the columns of the type.
  return row as unknown as UserRow;
}

/** One user; 404 for whom this connection does not know. */
export async function findUser(scope: TenantScope, id: string): Promise<UserRow> {
  return rowOf((await scope.run(byId(id))).rows);
}

/** A page of users; `withGroups` says whether the groups of each are read. */
export async function listUsers(
  scope: TenantScope,
  wish: Wish,
  withGroups: boolean,
): Promise<{ page: Page; total: number; rows: UserRow[] }> {
  const page = pageOf(wish, userColumns);
  const [counted, found] = await scope.batch([
    sql`select count(*)::integer as total from kernel.scim_users r where ${page.condition}`,
    sql`select ${columns}, ${withGroups ? groups : noGroups} from kernel.scim_users r
 where ${page.condition} order by ${page.order} limit ${page.count} offset ${page.offset}`,
  ]);
  // The statements name exactly these columns.
  return {
    page,
    total: Number(counted?.rows[0]?.["total"]),
    rows: (found?.rows ?? []) as unknown as UserRow[],
  };
}

/** Makes a user, who is a member at once if the connection gives them a role. */
export async function createUser({ scope }: Asking, body: unknown): Promise<UserRow> {
  const wanted = readUser(body);
  return scope.tx(async (t) => {
    const { rows } = await t.run(sql`select kernel.scim_create_user(${JSON.stringify(wanted)}::jsonb) as id`);
    return rowOf((await t.run(byId(String(rows[0]?.["id"])))).rows);
  });
}

/** Puts the described user in the place of this one. */
export function replaceUser(asking: Asking, id: string, body: unknown): Promise<UserRow> {
  return changeUser(asking, changeOf("PUT", id, asking.match, body));
}

/** Applies the operations of a PATCH; all of them, or none. */
export function modifyUser(asking: Asking, id: string, body: unknown): Promise<UserRow> {
  return changeUser(asking, changeOf("PATCH", id, asking.match, body));
}

/** What becomes of a user, by what they are. */
interface Change {
  readonly id: string;
  readonly match: string | null;
  readonly change: (was: UserRow) => WantedUser;
}

/** A PUT or PATCH of a user, ready to be done together with others. */
export function changeOf(method: "PUT" | "PATCH", id: string, match: string | null, body: unknown): Change {
  if (method === "PUT") return { id, match, change: (was) => readUser(body, was.active) };
  const operations = operationsOf(body);
  return { id, match, change: (was) => wantedUser(patchUser(documentOf(was), operations)) };
}

async function changeUser({ scope }: Asking, change: Change): Promise<UserRow> {
  const [row] = await changeUsers(scope, [change]);
  if (row === undefined) throw new Problem("not-found");
  return row;
}

/** Changes these users in one transaction, all of them or none; answers in their order. */
export function changeUsers(scope: TenantScope, changes: readonly Change[]): Promise<UserRow[]> {
  const ids = changes.map(({ id }) => id);
  return scope.tx(async (t) => {
    const [, before] = await t.batch([begin, byIds(ids)]);
    const was = inOrder(ids, before?.rows);
    const wanted = changes.map(({ match, change }, at) => {
      const row = rowOf([was[at]]);
      demandMatch(match, row.version);
      // Directories repeat themselves at each of their rounds; what is so already is not written, nor audited.
      return { id: row.id, row, wanted: change(row) };
    });
    const changed = wanted.filter((one) => !isSame(one.row, one.wanted));
    if (changed.length === 0) return wanted.map(({ row }) => row);
    const [, after] = await t.batch([
      sql`select kernel.scim_change_users(${changed.map(({ id }) => id)}::uuid[], ${changed.map((one) => JSON.stringify(one.wanted))}::jsonb[])`,
      byIds(ids),
    ]);
    return inOrder(ids, after?.rows).map((row) => rowOf([row]));
  });
}

function inOrder(
  ids: readonly string[],
  rows: readonly Record<string, unknown>[] = [],
): (Record<string, unknown> | undefined)[] {
  const found = new Map(rows.map((row) => [row["id"], row]));
  return ids.map((id) => found.get(id.toLowerCase()));
}

/** Ends the user's access and forgets them. */
export function deleteUser({ scope, match }: Asking, id: string): Promise<void> {
  return scope.tx(async (t) => {
    demandMatch(match, (await locked(t, id)).version);
    await t.run(sql`select kernel.scim_delete_user(${id})`);
  });
}

async function locked(t: Transaction, id: string): Promise<UserRow> {
  const [, found] = await t.batch([begin, byId(id)]);
  return rowOf(found?.rows);
}

function isSame(was: UserRow, wanted: WantedUser): boolean {
  const before = wantedUser(documentOf(was));
  return JSON.stringify(sorted({ ...before })) === JSON.stringify(sorted({ ...wanted }));
}

/** The same in one order of names, whatever order it was sent in. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries: [string, unknown][] = Object.entries(value);
  return Object.fromEntries(
    entries
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]): [string, unknown] => [name, sorted(inner)]),
  ) satisfies Document;
}
