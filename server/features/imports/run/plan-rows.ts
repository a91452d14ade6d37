import type { AccountDraft, ContactDraft, ImportFault } from "../../../../contract/import.ts";
import { uuidv7 } from "../../../foundation/ids/index.ts";
import { accountRow, contactRow, type RowValues } from "./contact-row.ts";

export type Dedupe = "skip" | "update" | "create";

/** One row of the file, read and normalised. */
export interface ReadRow<Draft> {
  readonly record: number;
  readonly line: number;
  readonly draft: Draft;
  readonly faults: readonly ImportFault[];
}

/** What the database knows about the keys of a batch. */
export interface Known {
  /** E-mail address of a contact, domain of an account → id. */
  readonly byKey: ReadonlyMap<string, string>;
  readonly byExternalId: ReadonlyMap<string, string>;
  /** In a dry run: whether an earlier row of the file had this key. */
  readonly seenInFile?: (key: string) => boolean;
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

interface Keyed {
  readonly key: string | null;
  readonly externalId: string | null;
}

/** Plans what a batch of contacts does; pure, so that the dry run and the real run cannot differ. */
export function planContacts(
  rows: readonly ReadRow<ContactDraft>[],
  known: Known,
  dedupe: Dedupe,
  columnName: (column: number) => string | null,
  find: { account(draft: ContactDraft): string | null; owner(email: string): string | null },
): Plan {
  return planRows(rows, known, dedupe, columnName, {
    keyOf: (draft) => ({ key: draft.email?.match ?? null, externalId: draft.externalId?.toLowerCase() ?? null }),
    valuesOf: (draft) => contactRow(draft, find.account(draft), draft.owner === null ? null : find.owner(draft.owner)),
    withoutKey: (values) => {
      const others: unknown[] = typeof values["other_emails"] === "string" ? (JSON.parse(values["other_emails"]) as unknown[]) : [];
      return { ...values, email: null, other_emails: JSON.stringify([{ kind: "shared", address: values["email"] }, ...others]) };
    },
    takenReason: "Another contact has this address already; it was kept as a further e-mail.",
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
    keyOf: (draft) => ({ key: draft.domain?.toLowerCase() ?? null, externalId: draft.externalId?.toLowerCase() ?? null }),
    valuesOf: (draft) => accountRow(draft, draft.owner === null ? null : find.owner(draft.owner)),
    withoutKey: (values) => ({ ...values, domain: null }),
    takenReason: "Another account has this domain already; it was left out.",
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
  const byKey = new Map(known.byKey);
  const byExternalId = new Map(known.byExternalId);
  const faults: KeptFault[] = [];
  const counts = { created: 0, updated: 0, skipped: 0, failed: 0 };
  for (const { record, line, draft, faults: found } of rows) {
    for (const { column, severity, reason, value } of found) {
      faults.push([record, line, column === null ? null : columnName(column), severity, reason, shortened(value)]);
    }
    if (found.some(({ severity }) => severity === "error")) {
      counts.failed += 1;
      continue;
    }
    const stranger = ways.ownerOf(draft);
    if (stranger !== null) faults.push([record, line, null, "warning", "Nobody in the organization has this address; the record has no owner.", shortened(stranger)]);
    const { key, externalId } = ways.keyOf(draft);
    const match = matchOf(byKey, byExternalId, known, key, externalId);
    if (match !== null && dedupe === "skip") {
      counts.skipped += 1;
      continue;
    }
    let values = ways.valuesOf(draft);
    if (match !== null && dedupe === "update") {
      counts.updated += 1;
      const pending = creates.get(match);
      if (pending === undefined) updates.set(match, merged(updates.get(match), values));
      else creates.set(match, merged(pending, values));
      continue;
    }
    if (match !== null) {
      if (key !== null && (byKey.has(key) || match === "seen")) {
        values = ways.withoutKey(values);
        faults.push([record, line, null, "warning", ways.takenReason, shortened(key)]);
      }
      if (externalId !== null && byExternalId.has(externalId)) {
        values = { ...values, external_id: null };
        faults.push([record, line, null, "warning", "Another record has this external id already; it was left out.", shortened(externalId)]);
      }
    }
    counts.created += 1;
    const id = uuidv7();
    creates.set(id, values);
    if (key !== null && !byKey.has(key)) byKey.set(key, id);
    if (externalId !== null && !byExternalId.has(externalId)) byExternalId.set(externalId, id);
  }
  return { creates, updates, ...counts, faults };
}

function matchOf(
  byKey: ReadonlyMap<string, string>,
  byExternalId: ReadonlyMap<string, string>,
  known: Known,
  key: string | null,
  externalId: string | null,
): string | null {
  const seenKey = key !== null && known.seenInFile?.(`key ${key}`) === true;
  const seenId = externalId !== null && known.seenInFile?.(`id ${externalId}`) === true;
  const match = (externalId === null ? undefined : byExternalId.get(externalId)) ?? (key === null ? undefined : byKey.get(key));
  return match ?? (seenKey || seenId ? "seen" : null);
}

/** A later row of the same record fills in what it says. */
function merged(before: RowValues | undefined, after: RowValues): RowValues {
  if (before === undefined) return after;
  const said = Object.entries(after).filter(([, value]) => value !== null);
  return { ...before, ...Object.fromEntries(said) };
}

function shortened(value: string | null): string | null {
  return value === null || value.length <= 200 ? value : `${value.slice(0, 200)}…`;
}
