import type { ColumnChoice } from "./column-choice.ts";
import type { ChangeChoice } from "./use-column-choice.ts";

export interface MenuColumn {
  readonly id: string;
  readonly label: string;
  readonly width: number;
}

/** What the column menu works on. */
export interface ColumnMenuProps {
  readonly columns: readonly MenuColumn[];
  readonly choice: ColumnChoice;
  readonly onChoice: ChangeChoice;
  readonly onReset: () => void;
}
