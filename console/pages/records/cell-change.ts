import type { AnyRecord, Change } from "../../api/records.ts";
import type { FieldSpec } from "./record-spec.ts";
import { changeBetween, draftOf } from "./record-values.ts";

/** One field of one record, from the version that the person saw. */
export interface CellChange {
  readonly record: AnyRecord;
  readonly field: FieldSpec;
  readonly value: string;
  /** Who changed other fields of the record meanwhile; both changes are kept. */
  readonly beside?: string | null;
}

/** What to send: nothing when the field says so already. */
export function sentChange({ record, field, value }: CellChange): Change {
  return changeBetween(draftOf(record, [field]), { [field.key]: value }, [field]);
}

/** What the field says in the record as it was. */
export function textBefore({ record, field }: Pick<CellChange, "record" | "field">): string {
  return String(draftOf(record, [field])[field.key]);
}
