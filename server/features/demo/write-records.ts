import type { Ledger } from "./backdate.ts";
import { isoOf } from "./calendar.ts";
import { type Acting, asHands, type Hands, type Workshop } from "./hands.ts";
import { idAt } from "./id-at.ts";
import type { DemoPlan } from "./plan.ts";
import { demoImports, type PlannedContact } from "./plan-contacts.ts";

/** What the writing of one organization goes on with. */
export interface Writing {
  readonly shop: Workshop;
  readonly plan: DemoPlan;
  /** The members, in the plan's order. */
  readonly hands: readonly Hands[];
  readonly ledger: Ledger;
}

/** The fields that the organization declares itself; its admin makes them on the first day. */
export async function writeFields({ shop, plan, hands, ledger }: Writing): Promise<void> {
  const admin = handsAt(hands, 1);
  await asHands(shop, admin, ["own_field.read", "own_field.create"], async (t) => {
    const at = plan.foundedAt + 3_600_000;
    const rows = plan.organization.fields.map(({ of, key, label, type, choices = [] }, index) => ({
      of,
      key,
      label,
      type,
      options: choices,
      ...madeAt(at + index * 60_000),
    }));
    await insert(t, admin, "app.own_field", "of text, key text, label text, type text, options text[]", rows);
    note(ledger, t, rows);
  });
}

/** The companies; returns their ids in the plan's order. */
export async function writeAccounts({ shop, plan, hands, ledger }: Writing): Promise<string[]> {
  const rows = plan.accounts.map(({ at, by, values }) => ({
    ...values,
    by,
    owner_id: handsAt(hands, by).memberId,
    ...madeAt(at),
  }));
  for (const [by, own] of groupedBy(rows, (row) => row.by)) {
    const actor = handsAt(hands, by);
    await asHands(shop, actor, ["account.read", "account.create"], async (t) => {
      await insert(t, actor, "app.account", accountColumns, own);
      note(ledger, t, own);
    });
  }
  return rows.map(({ id }) => id);
}

const accountColumns =
  "name text, domain text, website text, phone text, industry text, city text, country text, tags text[], custom jsonb, owner_id uuid";
const contactColumns = `first_name text, last_name text, email text, phone text, title text, account_id uuid, owner_id uuid,
 stage text, source text, city text, country text, tags text[], notes text, do_not_call boolean, email_opt_out boolean, custom jsonb`;
const contactsAtATime = 1_000;

/** The people; returns their ids in the plan's order. `done` is told how many are there. */
export async function writeContacts(
  { shop, plan, hands, ledger }: Writing,
  accounts: readonly string[],
  done: (count: number) => void,
): Promise<string[]> {
  const rows = plan.contacts.map((contact) => ({
    ...contact.values,
    by: contact.by,
    from: contact.import ?? -1,
    account_id: contact.account === null ? null : accounts[contact.account],
    owner_id: handsAt(hands, contact.owner).memberId,
    ...madeAt(contact.at),
  }));
  let count = 0;
  for (const [key, own] of groupedBy(rows, ({ by, from }) => `${by} ${from}`)) {
    const actor = actorOf(hands, Number.parseInt(key, 10), key.endsWith(" -1"));
    for (let start = 0; start < own.length; start += contactsAtATime) {
      const part = own.slice(start, start + contactsAtATime);
      await asHands(shop, actor, ["contact.read", "contact.create", "account.read"], async (t) => {
        await insert(t, actor, "app.contact", contactColumns, part);
        note(ledger, t, part);
      });
      count += part.length;
      done(count);
    }
  }
  return rows.map(({ id }) => id);
}

/** What an import does, its job does; the trail says so. */
function actorOf(hands: readonly Hands[], by: number, typedIn: boolean): Hands {
  const actor = handsAt(hands, by);
  return typedIn ? actor : { ...actor, device: "job imports.run" };
}

/** The finished imports that brought contacts, as the list of imports shows them. */
export async function writeImports(
  { shop, plan, hands, ledger }: Writing,
  contacts: readonly string[],
): Promise<void> {
  for (const [index, file] of demoImports.entries()) {
    const actor = handsAt(hands, file.by);
    const made = plan.contacts.flatMap((contact, at) => (contact.import === index ? [contacts[at]] : []));
    const at = plan.contacts.find((contact) => contact.import === index)?.at ?? plan.foundedAt;
    await asHands(shop, actor, ["import.read", "import.create", "import.change"], async (t) => {
      const row = { ...importRow(plan.contacts, file, at), ...madeAt(at - 240_000) };
      await insert(t, actor, "app.import", importColumns, [row]);
      await t.query(batchText, [
        row.id,
        row.rows_total,
        row.bytes,
        made.length,
        file.failed,
        made,
        JSON.stringify(faultsOf(file.failed)),
        actor.tenantId,
      ]);
      note(ledger, t, [row]);
    });
  }
}

const importColumns = `of text, state text, file_name text, bytes integer, rows_total integer, layout jsonb, mapping jsonb, dedupe text,
 started_at timestamptz, finished_at timestamptz`;
const batchText = `insert into app.import_batch (tenant_id, import_id, phase, seq, last_row, rows, bytes_read, created, updated, skipped, failed, made, faults)
values ($8, $1, 'run', 1, $2, $2, $3, $4, 0, 0, $5, $6::uuid[], $7::jsonb)`;
const importHeaders = ["First name", "Last name", "Email", "Phone", "Job title", "Company", "Stage"];
const importTargets = ["firstName", "lastName", "email", "phone", "title", "account", "stage"];

function importRow(
  contacts: readonly PlannedContact[],
  { fileName, failed, contacts: count }: (typeof demoImports)[number],
  at: number,
) {
  const bytes = contacts
    .slice(0, count + failed)
    .reduce((sum, { values }) => sum + JSON.stringify(values).length / 3, 0);
  return {
    of: "contact",
    state: "done",
    file_name: fileName,
    bytes: Math.round(bytes),
    rows_total: count + failed,
    layout: { delimiter: ",", encoding: "utf-8", headerRow: true, headers: importHeaders },
    mapping: { columns: importTargets.map((field, column) => ({ column, field, confidence: 1 })) },
    dedupe: "skip",
    started_at: isoOf(at),
    finished_at: isoOf(at + count * 4),
  };
}

/** `[record, line, column, severity, reason, value]`, as a run writes them. */
function faultsOf(count: number): unknown[] {
  return Array.from({ length: count }, (_, index) => {
    const record = 17 + index * 31;
    return [
      record,
      record + 1,
      "Email",
      "error",
      "This is not an e-mail address.",
      `visitor${record}(at)post`,
    ];
  });
}

interface Made {
  readonly id: string;
  readonly created_at: string;
  readonly updated_at: string;
}

function madeAt(at: number): Made {
  return { id: idAt(at), created_at: isoOf(at), updated_at: isoOf(at) };
}

function note(ledger: Ledger, t: Acting, rows: readonly Made[]): void {
  for (const { id, created_at } of rows) ledger.note(t, id, Date.parse(created_at));
}

/** Columns are written in one place each: `name type` for the record set, the names alone for the table. */
async function insert(
  t: Acting,
  { tenantId }: Hands,
  table: string,
  columns: string,
  rows: readonly Made[],
): Promise<void> {
  const all = `id uuid, ${columns}, created_at timestamptz, updated_at timestamptz`;
  const names = all
    .split(",")
    .map((column) => column.trim().split(" ")[0])
    .join(", ");
  await t.query(
    `insert into ${table} (tenant_id, ${names}) select $1, ${names} from jsonb_to_recordset($2::jsonb) as r (${all})`,
    [tenantId, JSON.stringify(rows)],
  );
}

/** Rows by who writes them, in the order in which the first of each stands. */
export function groupedBy<T, K>(rows: readonly T[], keyOf: (row: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}

/** The hands of a member by its place in the plan. */
export function handsAt(hands: readonly Hands[], index: number): Hands {
  const found = hands[index];
  if (found === undefined) throw new Error(`the plan names member ${index}, and there are ${hands.length}`);
  return found;
}
