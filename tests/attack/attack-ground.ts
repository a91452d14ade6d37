import type { Client } from "pg";
import { afterAll, beforeAll } from "vitest";
import {
  boundAs,
  installedDatabase,
  type InstalledDatabase,
  type LoginRole,
  type Organization,
} from "../installed-database.ts";

/** Two organizations with the same records under the same ids, and whoever attacks them. */
export interface AttackGround {
  readonly db: InstalledDatabase;
  /** The attacker's own organization. */
  readonly acme: Organization;
  /** The one that is none of the attacker's business; its records carry the canary. */
  readonly rival: Organization;
  connect(role?: LoginRole): Promise<Client>;
  superuser(): Promise<Client>;
  /** Runs bound to acme with these needs, as its owner; what it did is rolled back. */
  inAcme<T>(client: Client, needs: readonly string[], work: () => Promise<T>): Promise<T>;
}

/** Stands in the rival's records only: an attack that ever shows it has succeeded. */
export const canary = "canary-of-the-rival";

export const contactId = "0198c0de-0000-7000-8000-0000000000c1";
export const accountId = "0198c0de-0000-7000-8000-0000000000a1";

/** A database of this file's own, filled before its first test and gone after its last. */
export function attackGround(fill = true): AttackGround {
  let db: InstalledDatabase | undefined;
  let acme: Organization | undefined;
  let rival: Organization | undefined;
  beforeAll(async () => {
    db = await installedDatabase();
    acme = await db.organization({ slug: "acme" });
    rival = await db.organization({ slug: "rival" });
    if (fill) for (const organization of [acme, rival]) await fillOrganization(db, organization);
  });
  afterAll(() => db?.drop());
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error("the ground is laid before the first test");
    return value;
  };
  return {
    get db() {
      return there(db);
    },
    get acme() {
      return there(acme);
    },
    get rival() {
      return there(rival);
    },
    connect: (role = "api") => there(db).connectAs(role),
    superuser: () => there(db).connectAsSuperuser(),
    inAcme: (client, needs, work) => undone(client, there(acme), needs, work),
  };
}

/** Bound as the organization's owner; rolled back at the end, whatever happened. */
export async function undone<T>(
  client: Client,
  { owner, slug }: Organization,
  needs: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const kept: { result?: T } = {};
  const over = new Error("over");
  await boundAs(client, { token: owner.token, slug, needs }, async () => {
    kept.result = await work();
    throw over;
  }).catch((error: unknown) => {
    if (error !== over) throw error;
  });
  // Set, since nothing but `over` got past the catch.
  return kept.result as T;
}

/** What came of a statement, in words that every run and version share: "3 rows", or the SQLSTATE. */
export async function outcome(client: Client, text: string, values?: unknown[]): Promise<string> {
  try {
    const { rowCount } = values === undefined ? await client.query(text) : await client.query(text, values);
    return counted(rowCount ?? 0);
  } catch (error) {
    return codeOf(error);
  }
}

/** The same inside a transaction that shall go on after a refusal. */
export async function tried(client: Client, text: string, values?: unknown[]): Promise<string> {
  await client.query("savepoint tried");
  const seen = await outcome(client, text, values);
  await client.query("rollback to savepoint tried");
  return seen;
}

export function counted(rows: number): string {
  return `${rows} ${rows === 1 ? "row" : "rows"}`;
}

/** The SQLSTATE of what was thrown; rethrows what PostgreSQL did not throw. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  throw error;
}

/** Every distinct outcome once, in the order of first sight: what a table of many attempts saw. */
export function summed(outcomes: readonly string[]): string {
  return [...new Set(outcomes)].join(", ");
}

export async function valueOf(client: Client, text: string, values: unknown[] = []): Promise<unknown> {
  const { rows } = await client.query<Record<string, unknown>>(text, values);
  const [row] = rows;
  return row === undefined ? undefined : Object.values(row)[0];
}

const everything = ["account", "contact", "own_field", "import"].flatMap((resource) =>
  ["read", "create", "change"].map((action) => `${resource}.${action}`),
);

async function fillOrganization(db: InstalledDatabase, organization: Organization): Promise<void> {
  const api = await db.connectAs("api");
  const { slug, owner } = organization;
  const mark = slug === "rival" ? canary : "nothing";
  await boundAs(api, { token: owner.token, slug, needs: everything }, async () => {
    for (const text of fillTexts) await api.query(text, [mark]);
  });
  await api.end();
}

const numbered = (kind: string): string => `('0198c0de-0000-7000-8000-0000000000${kind}' || i)::uuid`;
const fillTexts = [
  `insert into app.account (tenant_id, id, name, domain, notes)
   select kernel.bound('account.create'), ${numbered("a")}, 'Account ' || i || ' of ' || $1, i || '.' || $1 || '.example', $1
     from generate_series(1, 5) i`,
  `insert into app.contact (tenant_id, id, first_name, last_name, email, account_id, notes, external_id)
   select kernel.bound('contact.create'), ${numbered("c")}, 'First ' || i, 'Last of ' || $1, 'person' || i || '@' || $1 || '.example',
          '${accountId}', $1, $1 || i
     from generate_series(1, 9) i`,
  `insert into app.own_field (tenant_id, id, of, key, label)
   select kernel.bound('own_field.create'), ${numbered("f")}, 'contact', 'field' || i, 'Field ' || i || ' of ' || $1 from generate_series(1, 2) i`,
  `insert into app.import (tenant_id, id, file_name) select kernel.bound('import.create'), ${numbered("b")}, $1 || '.csv' from generate_series(1, 2) i`,
  `insert into app.import_chunk (tenant_id, import_id, seq, bytes)
   select kernel.bound('import.change'), ${numbered("b")}, 0, convert_to($1, 'UTF8') from generate_series(1, 2) i`,
  `insert into app.import_batch (tenant_id, import_id, phase, seq, last_row, rows, bytes_read, created, updated, skipped, failed)
   select kernel.bound('import.change'), ${numbered("b")}, 'check', 0, 1, 1, 1, length($1), 0, 0, 0 from generate_series(1, 2) i`,
];
