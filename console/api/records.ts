import type { AuditEvent } from "./audit.ts";
import type { Page } from "./page.ts";
import { send, withQuery, type Query } from "./send.ts";
import { door } from "./tenant.ts";

/** What every record carries, whatever it describes. */
export interface RecordBase {
  readonly id: string;
  readonly version: number;
  readonly ownerId: string | null;
  readonly street: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
  readonly tags: readonly string[] | null;
  readonly notes: string | null;
  readonly website: string | null;
  readonly externalId: string | null;
  readonly custom: Readonly<Record<string, unknown>> | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly archivedAt: string | null;
}

export type Stage = "lead" | "open" | "customer" | "former";

export interface Contact extends RecordBase {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
  readonly otherEmails: readonly { readonly address: string; readonly kind: string }[] | null;
  readonly phone: string | null;
  readonly otherPhones: readonly { readonly number: string; readonly kind: string }[] | null;
  readonly title: string | null;
  readonly accountId: string | null;
  readonly accountName?: string | null;
  readonly stage: Stage | null;
  readonly source: string | null;
  readonly birthday: string | null;
  readonly doNotCall: boolean;
  readonly emailOptOut: boolean;
}

export interface Account extends RecordBase {
  readonly name: string;
  readonly domain: string | null;
  readonly phone: string | null;
  readonly industry: string | null;
}

export type Kind = "contacts" | "accounts";
export interface RecordOf {
  readonly contacts: Contact;
  readonly accounts: Account;
}
export type AnyRecord = Contact | Account;
export type Change = Readonly<Record<string, unknown>>;
export interface BulkResult {
  readonly missed: readonly string[];
}

/** A page of records under filters and a sort. */
export function fetchRecords<K extends Kind>(
  organization: string,
  kind: K,
  query: Query,
  signal?: AbortSignal,
): Promise<Page<RecordOf[K]>> {
  return send("GET", door(organization, `/${kind}`), { query, signal });
}

/** How many records there are under the same filters; exact, not an estimate. */
export function countRecords(
  organization: string,
  kind: Kind,
  query: Query,
  signal?: AbortSignal,
): Promise<{ readonly count: number }> {
  return send("GET", door(organization, `/${kind}/count`), { query, signal });
}

/** One record. */
export function fetchRecord<K extends Kind>(organization: string, kind: K, id: string): Promise<RecordOf[K]> {
  return send("GET", door(organization, `/${kind}/${id}`));
}

/** Makes a record and answers with it as stored. */
export function createRecord<K extends Kind>(
  organization: string,
  kind: K,
  body: Change,
): Promise<RecordOf[K]> {
  return send("POST", door(organization, `/${kind}`), { body });
}

/** Changes only the given fields, and only if the record is still at `version`. */
export function changeRecord<K extends Kind>(
  organization: string,
  kind: K,
  target: { readonly id: string; readonly version: number },
  change: Change,
): Promise<RecordOf[K]> {
  return send("PATCH", door(organization, `/${kind}/${target.id}`), {
    version: target.version,
    body: change,
  });
}

/** Archives or restores one record. */
export function moveRecord<K extends Kind>(
  organization: string,
  kind: K,
  target: { readonly id: string; readonly version: number },
  act: "archive" | "restore",
): Promise<RecordOf[K]> {
  return send("POST", door(organization, `/${kind}/${target.id}/${act}`), {
    version: target.version,
  });
}

/** Archives or restores many records at once; `missed` are those that were not there to move. */
export function moveRecords(
  organization: string,
  kind: Kind,
  ids: readonly string[],
  act: "archive" | "restore",
): Promise<BulkResult> {
  return inBatches(ids, (some) =>
    send("POST", door(organization, `/${kind}/bulk/${act}`), { body: { ids: some } }),
  );
}

/** Gives many records the same values. */
export function changeRecords(
  organization: string,
  kind: Kind,
  ids: readonly string[],
  change: Change,
): Promise<BulkResult> {
  return inBatches(ids, (some) =>
    send("POST", door(organization, `/${kind}/bulk/change`), { body: { ids: some, change } }),
  );
}

/** The server takes 500 at once. */
async function inBatches(
  ids: readonly string[],
  act: (some: readonly string[]) => Promise<BulkResult>,
): Promise<BulkResult> {
  const missed: string[] = [];
  for (let at = 0; at < ids.length; at += 500) missed.push(...(await act(ids.slice(at, at + 500))).missed);
  return { missed };
}

/** What happened to one record, newest first, from the audit trail. */
export function fetchHistory(
  organization: string,
  kind: Kind,
  id: string,
): Promise<Pick<Page<AuditEvent>, "items">> {
  return send("GET", door(organization, `/${kind}/${id}/history`));
}

/** Where the browser downloads the filtered records from. */
export function recordsExportPath(organization: string, kind: Kind, query: Query): string {
  return withQuery(door(organization, `/${kind}/export.csv`), query);
}
