import type { AccountDraft, ContactDraft, ImportFault } from "../../../../contract/import.ts";
import { uuidv7 } from "../../../foundation/ids/index.ts";
import { accountRow, contactRow, type RowValues } from "./contact-row.ts";
import type { Keyed, Known } from "./known.ts";
import { knownRecords } from "./known-records.ts";
import { mergedValue } from "./merged-value.ts";

export type Dedupe = "skip" | "update" | "create";

/** One row of the file, read and normalised. */
export interface ReadRow<Draft> {
  readonly record: number;
  readonly line: number;
  readonly draft: Draft;
  readonly faults: readonly ImportFault[];
}

/** `[record, line, column, severity, reason, value]`: short, since there may be a million. */
export type KeptFault = readonly [number, number, string | null, "error" | "warning", string, string | null];

export interface Plan {
  readonly creates: ReadonlyMap<string, RowValues>;
  readonly updates: ReadonlyMap<string, RowValues>;
  readonly skipped: number;
  readonly failed: number;
  /** Rows whose record exists and gets their values, or that fold into another row of the batch. */
  readonly updated: number;
  readonly created: number;
  readonly faults: readonly KeptFault[];
}

export const contactKeys = ({ email, externalId }: ContactDraft): Keyed => ({
  key: email?.match.toLowerCase() ?? null,
  externalId: externalId?.toLowerCase() ?? null,
});

export const accountKeys = ({ domain, externalId }: AccountDraft): Keyed => ({
  key: domain?.toLowerCase() ?? null,
  externalId: externalId?.toLowerCase() ?? null,
});

/** Plans what a batch of contacts does; pure, so that the dry run and the real run cannot differ. */
export function planContacts(
  rows: readonly ReadRow<ContactDraft>[],
  known: Known,
  dedupe: Dedupe,
  columnName: (column: number) => string | null,
  find: { account(draft: ContactDraft): string | null; owner(email: string): string | null },
): Plan {
  return planRows(rows, known, dedupe, columnName, {
    keyOf: contactKeys,
    valuesOf: (draft) =>
      contactRow(draft, find.account(draft), draft.owner === null ? null : find.owner(draft.owner)),
    withoutKey: (values) => {
      const others: unknown[] =
        typeof values["other_emails"] === "string" ? (JSON.parse(values["other_emails"]) as unknown[]) : [];
      return {
        ...values,
        email: null,
        other_emails: JSON.stringify([{ kind: "other", address: values["email"] }, ...others]),
      };
    },
    takenReason: "The contact or another one has an address already; this was kept as a further e-mail.",
    ownerOf: (draft) => (draft.owner !== null && find.owner(draft.owner) === null ? draft.owner : null),
  });
}

/** Likewise for accounts, which are known by their domain. */
export function planAccounts(
  rows: readonly ReadRow<AccountDraft>[],
  known: Known,
  dedupe: Dedupe,
  columnName: (column: number) => string | null,
  find: { owner(email: string): string | null },
): Plan {
  return planRows(rows, known, dedupe, columnName, {
    keyOf: accountKeys,
    valuesOf: (draft) => accountRow(draft, draft.owner === null ? null : find.owner(draft.owner)),
    withoutKey: (values) => ({ ...values, domain: null }),
    takenReason: "The account has another domain, or another account has this one; it was left out.",
    ownerOf: (draft) => (draft.owner !== null && find.owner(draft.owner) === null ? draft.owner : null),
  });
}

interface Ways<Draft> {
  keyOf(draft: Draft): Keyed;
  valuesOf(draft: Draft): RowValues;
  withoutKey(values: RowValues): RowValues;
  readonly takenReason: string;
  /** The owner that nobody in the organization is. */
  ownerOf(draft: Draft): string | null;
}

function planRows<Draft>(
  rows: readonly ReadRow<Draft>[],
  known: Known,
  dedupe: Dedupe,
  columnName: (column: number) => string | null,
  ways: Ways<Draft>,
): Plan {
  const creates = new Map<string, RowValues>();
  const updates = new Map<string, RowValues>();
  const records = knownRecords(known);
  const faults: KeptFault[] = [];
  const counts = { created: 0, updated: 0, skipped: 0, failed: 0 };
  for (const row of rows) {
    const { record, line, draft } = row;
    const warn = (reason: string, value: string | null): void =>
      void faults.push([record, line, null, "warning", reason, shortened(value)]);
    if (!isSound(row, columnName, faults)) {
      counts.failed += 1;
      continue;
    }
    const keyed = ways.keyOf(draft);
    const match = records.match(keyed);
    if (match !== null && dedupe === "skip") {
      counts.skipped += 1;
      continue;
    }
    const stranger = ways.ownerOf(draft);
    if (stranger !== null)
      warn("Nobody in the organization has this address; the record has no owner.", stranger);
    const free = match === null ? keyed : records.freeKeys(keyed, dedupe === "update" ? match : null);
    const values = withFreeKeys(keyed, free, ways, draft, warn);
    if (match !== null && dedupe === "update") {
      counts.updated += 1;
      records.fill(match, free);
      const pending = creates.get(match.id);
      if (pending === undefined) updates.set(match.id, merged(updates.get(match.id), values));
      else creates.set(match.id, merged(pending, values));
      continue;
    }
    counts.created += 1;
    const id = uuidv7();
    creates.set(id, values);
    records.add(id, free);
  }
  return { creates, updates, ...counts, faults };
}

function isSound<Draft>(
  { record, line, faults: found }: ReadRow<Draft>,
  columnName: (column: number) => string | null,
  faults: KeptFault[],
): boolean {
  for (const { column, severity, reason, value } of found) {
    faults.push([
      record,
      line,
      column === null ? null : columnName(column),
      severity,
      reason,
      shortened(value),
    ]);
  }
  return found.every(({ severity }) => severity !== "error");
}

function withFreeKeys<Draft>(
  keyed: Keyed,
  free: Keyed,
  ways: Ways<Draft>,
  draft: Draft,
  warn: (reason: string, value: string | null) => void,
): RowValues {
  let values = ways.valuesOf(draft);
  if (free.key !== keyed.key) {
    values = ways.withoutKey(values);
    warn(ways.takenReason, keyed.key);
  }
  if (free.externalId !== keyed.externalId) {
    values = { ...values, external_id: null };
    warn("The record or another one has an external id already; this was left out.", keyed.externalId);
  }
  return values;
}

/** A later row of the same record fills in what it says, as an update of the database would. */
function merged(before: RowValues | undefined, after: RowValues): RowValues {
  if (before === undefined) return after;
  return Object.fromEntries(
    Object.entries(before).map(([name, value]) => [name, mergedValue(name, value, after[name] ?? null)]),
  );
}

function shortened(value: string | null): string | null {
  return value === null || value.length <= 200 ? value : `${value.slice(0, 200)}…`;
}
