import {
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  rowSelectionFeature,
  tableFeatures,
} from "@tanstack/react-table";
import type { ReactNode } from "react";

/** A column of a table: what it is called, how wide it begins, and what it shows of a row. */
export interface Column<T> {
  readonly id: string;
  readonly label: string;
  readonly width: number;
  readonly hiddenAtFirst?: boolean;
  /** The name under which the server sorts by this column. */
  readonly sort?: string;
  /** The field that the column's cells edit in place; none for what is shown only. */
  readonly edits?: string;
  readonly render: (row: T) => ReactNode;
}

export const features = tableFeatures({
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  rowSelectionFeature,
});
export type Features = typeof features;
