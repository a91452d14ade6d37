import type {
  AccountImportField,
  ContactImportField,
  CustomImportField,
  EmailKind,
  PhoneKind,
} from "../../../../contract/import.ts";
import type { Look } from "./look-of-values.ts";

/** What one column might be, before columns are weighed against each other. */
export interface Guess {
  readonly column: number;
  readonly field: ContactImportField | AccountImportField | CustomImportField | null;
  readonly confidence: number;
  /** Lower wins where a field takes one column only. */
  readonly rank: number;
  readonly look: Look;
  readonly kind: EmailKind | PhoneKind | null;
  /** Of an address or a numbered pair; null otherwise. */
  readonly group: string | null;
  readonly holdsKinds: boolean;
}
