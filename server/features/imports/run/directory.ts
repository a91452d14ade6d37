import type { ContactDraft } from "../../../../contract/import.ts";
import type { Statement, Transaction } from "../../../foundation/database/index.ts";
import { uuidv7 } from "../../../foundation/ids/index.ts";
import type { JobScope } from "../../../jobs/index.ts";
import { lockNames, lockShared } from "./import-lock.ts";
import { accountTable, insertRows } from "./write-rows.ts";

/** How many names of accounts are kept between batches; forgetting one costs a look-up. */
const namesMax = 50_000;

/** Finds owners by address, and accounts by domain or name. */
export interface Directory {
  owner(email: string): string | null;
  account(draft: ContactDraft): string | null;
  /** Makes the accounts that contacts name and nobody has, in a transaction of their own, on the import's account. */
  provide(drafts: readonly ContactDraft[]): Promise<void>;
}

export const ownersStatement: Statement = {
  text: "select id, lower(email) as email from kernel.members where state = 'active' limit 20000",
  values: [],
};

type Named = Pick<ContactDraft, "account" | "accountDomain">;

/** A directory for one import. Accounts are made before the contacts, so that two batches cannot both make one. */
export function createDirectory(
  scope: JobScope,
  importId: string,
  ownerRows: readonly Record<string, unknown>[],
): Directory {
  const owners = new Map(ownerRows.map((row) => [String(row["email"]), String(row["id"])]));
  let accounts = new Map<string, string>();
  const idOf = (draft: Named): string | null =>
    keysOf(draft)
      .map((key) => accounts.get(key))
      .find((id) => id !== undefined) ?? null;
  return {
    owner: (email) => owners.get(email.toLowerCase()) ?? null,
    account: idOf,
    provide: async (drafts) => {
      if (accounts.size > namesMax) accounts = new Map();
      const wanted = new Map<string, Named>();
      for (const draft of drafts) {
        const keys = keysOf(draft);
        if (keys.some((key) => !accounts.has(key))) wanted.set(keys.join("\n"), draft);
      }
      if (wanted.size === 0) return;
      const found = await scope.tx((t) => findOrMake(t, importId, [...wanted.values()]));
      for (const [key, id] of found) accounts.set(key, id);
    },
  };
}

/** The names in `Directory`: a domain with its sign, and a name as it was written. */
function keysOf({ account, accountDomain }: Named): string[] {
  const keys: string[] = [];
  if (accountDomain !== null) keys.push(`@${accountDomain.toLowerCase()}`);
  if (account !== null) keys.push(account);
  return keys;
}

async function findOrMake(
  t: Transaction,
  importId: string,
  wanted: readonly Named[],
): Promise<Map<string, string>> {
  await t.batch([lockShared(importId), lockNames]);
  const names = [...new Set(wanted.flatMap(({ account }) => account ?? []))];
  const domains = [...new Set(wanted.flatMap(({ accountDomain }) => accountDomain?.toLowerCase() ?? []))];
  const [byDomain, byName] = await t.batch([accountsByDomain(domains), accountsByName(names)]);
  const found = new Map<string, string>();
  const plain = new Map<string, string>();
  for (const { value, id } of byDomain?.rows ?? []) found.set(`@${String(value)}`, String(id));
  for (const { value, name, id } of byName?.rows ?? []) {
    plain.set(String(value), String(name));
    if (id !== null) found.set(`=${String(name)}`, String(id));
  }
  const made = new Map<string, Record<string, unknown>>();
  const answer = new Map<string, string>();
  for (const { account, accountDomain } of wanted) {
    const domain = accountDomain?.toLowerCase() ?? null;
    const same = [
      ...(domain === null ? [] : [`@${domain}`]),
      ...(account === null ? [] : [`=${plain.get(account) ?? account}`]),
    ];
    const known = same.map((key) => found.get(key)).find((id) => id !== undefined);
    const id = known ?? uuidv7();
    if (known === undefined) made.set(id, { name: account ?? domain, domain });
    for (const key of same) if (!found.has(key)) found.set(key, id);
    for (const key of keysOf({ account, accountDomain })) answer.set(key, id);
  }
  if (made.size > 0)
    await t.batch([
      insertRows(accountTable, [...made.keys()], [...made.values()]),
      noteMade(importId, [...made.keys()]),
    ]);
  return answer;
}

/** Ranges in the order of the column, for the reason that known-keys.ts gives. */
const accountsByDomain = (domains: readonly string[]): Statement => ({
  text: `select w.value, a.id from unnest($1::text[]) w (value) cross join lateral (
  select r.id from app.account r where r.domain >= w.value and r.domain <= w.value and r.archived_at is null order by r.domain limit 1) a`,
  values: [domains],
});

/** Names are compared as the column sort_name holds them, which only the database knows how to make. */
const accountsByName = (names: readonly string[]): Statement => ({
  text: `select w.value, w.name, a.id
from (select value, left(kernel.plain_text(trim(value)), 200) as name from unnest($1::text[]) value offset 0) w
left join lateral (
  select r.id from app.account r where r.sort_name >= w.name and r.sort_name <= w.name and r.archived_at is null
   order by r.sort_name, r.id limit 1) a on true`,
  values: [names],
});

const noteMade = (importId: string, ids: readonly string[]): Statement => ({
  text: `insert into app.import_batch (tenant_id, import_id, phase, seq, last_row, rows, bytes_read, created, updated, skipped, failed, made)
select (select kernel.bound('import.change')), $1::uuid, 'accounts', coalesce(max(b.seq), 0) + 1, 0, 0, 0, 0, 0, 0, 0, $2::uuid[]
  from app.import_batch b where b.import_id = $1 and b.phase = 'accounts'`,
  values: [importId, ids],
});
