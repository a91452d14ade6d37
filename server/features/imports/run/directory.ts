import type { ContactDraft } from "../../../../contract/import.ts";
import type { Statement, Transaction } from "../../../foundation/database/index.ts";
import { uuidv7 } from "../../../foundation/ids/index.ts";
import type { RowValues } from "./contact-row.ts";

/** How many names of accounts are kept between batches; forgetting one costs a look-up. */
const namesMax = 50_000;

/** Finds owners by address, and accounts by domain or name; what a file names and nobody has is made. */
export interface Directory {
  owner(email: string): string | null;
  account(draft: ContactDraft): string | null;
  /** Looks up what the batch will ask for; accounts that are missing are planned and returned. */
  prepare(t: Transaction, drafts: readonly ContactDraft[]): Promise<ReadonlyMap<string, RowValues>>;
  /** Forgets what was planned in a transaction that failed. */
  forget(): void;
}

export const ownersStatement: Statement = {
  text: "select id, lower(email) as email from kernel.members where state = 'active' limit 20000",
  values: [],
};

export function createDirectory(ownerRows: readonly Record<string, unknown>[]): Directory {
  const owners = new Map(ownerRows.map((row) => [String(row["email"]), String(row["id"])]));
  const accounts = new Map<string, string>();
  const keysOf = ({ account, accountDomain }: ContactDraft): string[] => [
    ...(accountDomain === null ? [] : [`@${accountDomain.toLowerCase()}`]),
    ...(account === null ? [] : [plainName(account)]),
  ];
  const idOf = (draft: ContactDraft): string | null => {
    for (const key of keysOf(draft)) {
      const id = accounts.get(key);
      if (id !== undefined) return id;
    }
    return null;
  };
  return {
    owner: (email) => owners.get(email.toLowerCase()) ?? null,
    account: idOf,
    forget: () => accounts.clear(),
    prepare: async (t, drafts) => {
      if (accounts.size > namesMax) accounts.clear();
      const missing = [...new Set(drafts.flatMap(keysOf).filter((key) => !accounts.has(key)))];
      if (missing.length > 0) await lookUp(t, missing, accounts);
      const planned = new Map<string, RowValues>();
      for (const draft of drafts) {
        if (draft.account === null && draft.accountDomain === null) continue;
        const keys = keysOf(draft);
        const id = idOf(draft) ?? uuidv7();
        if (keys.every((key) => !accounts.has(key))) {
          planned.set(id, { name: draft.account ?? draft.accountDomain, domain: draft.accountDomain?.toLowerCase() ?? null });
        }
        for (const key of keys) if (!accounts.has(key)) accounts.set(key, id);
      }
      return planned;
    },
  };
}

async function lookUp(t: Transaction, keys: readonly string[], into: Map<string, string>): Promise<void> {
  const domains = keys.filter((key) => key.startsWith("@")).map((key) => key.slice(1));
  const names = keys.filter((key) => !key.startsWith("@"));
  const results = await t.batch([
    { text: "select id, '@' || domain as key from app.account where domain = any ($1::text[]) and archived_at is null", values: [domains] },
    { text: "select distinct on (sort_name) id, sort_name as key from app.account where sort_name = any ($1::text[]) and archived_at is null order by sort_name, id", values: [names] },
  ]);
  for (const { rows } of results) for (const row of rows) into.set(String(row["key"]), String(row["id"]));
}

/** A name as the column sort_name holds it. */
function plainName(name: string): string {
  return name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().trim().slice(0, 200);
}
