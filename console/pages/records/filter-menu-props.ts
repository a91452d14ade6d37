import type { RecordSpec } from "./record-spec.ts";
import type { RecordsSearch } from "./records-search.ts";

/** Changes part of the address; undefined takes a part out of it. */
export type ChangeSearch = (
  change: Partial<Record<keyof RecordsSearch, string | boolean | undefined>>,
) => void;

/** What the filter menu works on. */
export interface FilterMenuProps {
  readonly spec: RecordSpec;
  readonly search: RecordsSearch;
  readonly onSearch: ChangeSearch;
}
