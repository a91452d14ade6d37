import type { ReactNode } from "react";
import type { Column } from "./column.ts";

/** Where the person goes after an edit: stays on the cell, a cell on or back, or somewhere outside the table. */
export type AfterEdit = "stay" | "next" | "previous" | "elsewhere";

export interface CellPlace {
  readonly id: string;
  readonly column: string;
}

/** How cells of a table are edited in place; the table moves and focuses, the screen knows fields and saves. */
export interface CellEditing<T> {
  readonly place: CellPlace | null;
  readonly may: (row: T) => boolean;
  readonly begin: (row: T, column: Column<T>) => void;
  readonly render: (onEnd: (after: AfterEdit) => void) => ReactNode;
}
