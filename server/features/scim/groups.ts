import { sql, type Statement, type Transaction } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import type { TenantScope } from "../../kernel/tenancy/index.ts";
import { type Asking, begin, demandMatch, remark, settleAll, unsettled } from "./act.ts";
import { groupColumns } from "./columns.ts";
import type { GroupRow } from "./group.ts";
import { pageOf, type Page, type Wish } from "./list.ts";
import { limits } from "./names.ts";
import { operationsOf } from "./operations.ts";
import { type GroupChange, patchGroup, replaceGroup } from "./patch-group.ts";
import { ScimRefusal } from "./refusal.ts";

const columns = sql`r.id, r.display_name as "displayName", r.external_id as "externalId", r.version,
  r.created_at as "createdAt", r.updated_at as "updatedAt"`;
const members = sql`coalesce((select jsonb_agg(jsonb_build_object('value', x.user_id, 'display', x.user_display) order by x.user_id)
  from kernel.scim_members x where x.group_id = r.id), '[]') as members`;
const noMembers = sql`null::jsonb as members`;

const byId = (id: string, withMembers: boolean): Statement =>
  sql`select ${columns}, ${withMembers ? members : noMembers} from kernel.scim_groups r where r.id = ${id}`;
const changedById = (id: string, withMembers: boolean): Statement =>
  sql`select ${columns}, ${withMembers ? members : noMembers}, ${unsettled} from kernel.scim_groups r where r.id = ${id}`;

function rowOf(rows: readonly Record<string, unknown>[] | undefined): GroupRow {
  const [row] = rows ?? [];
  if (row === undefined) throw new Problem("not-found");
  // The statement names exactly the columns of the type.
  return row as unknown as GroupRow;
}

/** One group; 404 for one that this connection does not know. */
export async function findGroup(scope: TenantScope, id: string, withMembers: boolean): Promise<GroupRow> {
  return rowOf((await scope.run(byId(id, withMembers))).rows);
}

/** A page of groups; with their members only as long as these are not too many to be sent. */
export async function listGroups(
  scope: TenantScope,
  wish: Wish,
  withMembers: boolean,
): Promise<{ page: Page; total: number; rows: GroupRow[] }> {
  const page = pageOf(wish, groupColumns);
  const chosen = sql`from kernel.scim_groups r where ${page.condition}`;
  const paged = sql`${chosen} order by ${page.order} limit ${page.count} offset ${page.offset}`;
  const [counted, found] = await scope.batch([
    sql`select (select count(*)::integer ${chosen}) as total,
 (select count(*)::integer from kernel.scim_members x where x.group_id in (select r.id ${paged})) as members`,
    sql`select ${columns}, ${noMembers} ${paged}`,
  ]);
  // The statements name exactly these columns.
  const rows = (found?.rows ?? []) as unknown as GroupRow[];
  const total = Number(counted?.rows[0]?.["total"]);
  if (!withMembers || rows.length === 0) return { page, total, rows };
  if (Number(counted?.rows[0]?.["members"]) > limits.listedMembers)
    throw new ScimRefusal(
      "tooMany",
      "These groups have too many members for one list: ask with excludedAttributes=members.",
    );
  const ids = rows.map(({ id }) => id);
  const { rows: whole } = await scope.run(
    sql`select ${columns}, ${members} from kernel.scim_groups r where r.id = any (${ids}::uuid[]) order by array_position(${ids}::uuid[], r.id)`,
  );
  // The statement names exactly the columns of the type.
  return { page, total, rows: whole as unknown as GroupRow[] };
}

/** Makes a group with those of its members that this connection knows. */
export function createGroup({ scope }: Asking, body: unknown): Promise<GroupRow> {
  const change = replaceGroup(body);
  return settled(scope, async (t) => {
    const { rows } = await t.run(
      sql`select kernel.scim_create_group(${change.displayName}, ${change.externalId}) as id`,
    );
    const id = String(rows[0]?.["id"]);
    if (change.plus.size > 0) await write(t, id, change);
    return (await t.run(changedById(id, true))).rows;
  });
}

/** Puts the described group in the place of this one. */
export function replaceMembersOf(asking: Asking, id: string, body: unknown): Promise<GroupRow> {
  return changeGroup(asking, id, true, () => replaceGroup(body));
}

/** Applies the operations of a PATCH; all of them, or none. `withMembers` says whether the answer shows them. */
export function modifyGroup(
  asking: Asking,
  id: string,
  body: unknown,
  withMembers: boolean,
): Promise<GroupRow> {
  const operations = operationsOf(body);
  return changeGroup(asking, id, withMembers, (was) => patchGroup(was, operations));
}

function changeGroup(
  { scope, match }: Asking,
  id: string,
  withMembers: boolean,
  change: (was: GroupRow) => GroupChange,
): Promise<GroupRow> {
  return settled(scope, async (t) => {
    const was = await locked(t, id);
    demandMatch(match, was.version);
    await write(t, id, change(was));
    return (await t.run(changedById(id, withMembers))).rows;
  });
}

/** Does the change, and then what follows from it for more people than one transaction has room for. */
async function settled(
  scope: TenantScope,
  work: (t: Transaction) => Promise<readonly Record<string, unknown>[]>,
): Promise<GroupRow> {
  const rows = await scope.tx(work);
  if (rows[0]?.["unsettled"] === true) await settleAll(scope);
  return rowOf(rows);
}

/** Ends the group; its members keep what other groups give them. */
export async function deleteGroup({ scope, match }: Asking, id: string): Promise<void> {
  const left = await scope.tx(async (t) => {
    demandMatch(match, (await locked(t, id)).version);
    const [, found] = await t.batch([sql`select kernel.scim_delete_group(${id})`, sql`select ${unsettled}`]);
    return found?.rows[0]?.["unsettled"] === true;
  });
  if (left) await settleAll(scope);
}

async function locked(t: Transaction, id: string): Promise<GroupRow> {
  const [, found] = await t.batch([begin, byId(id, false)]);
  return rowOf(found?.rows);
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One statement, however many members change. Ids that cannot be ones of ours are left out like those that are not. */
async function write(t: Transaction, id: string, change: GroupChange): Promise<void> {
  const plus = [...change.plus].filter((one) => uuid.test(one));
  const minus = [...change.minus].filter((one) => uuid.test(one));
  await t.run(
    sql`select kernel.scim_change_group(${id}, ${change.displayName}, ${change.externalId}, ${change.emptied}, ${plus}::uuid[], ${minus}::uuid[])`,
  );
  const strange = change.plus.size - plus.length;
  if (strange > 0)
    await remark(t, `change group ${id}`, 404, `${strange} members left out, whose ids are none of ours`);
}
