import type { KeyboardEvent } from "react";
import { rowStep } from "./row-step.ts";

interface GridKeys {
  readonly rowCount: number;
  readonly activeIndex: number;
  /** The shown columns in their order. */
  readonly columns: readonly string[];
  readonly column: string | null;
  /** Whether the active row's cell in this column can be edited. */
  readonly editable: (column: string) => boolean;
  readonly goRow: (index: number) => void;
  readonly goColumn: (column: string | null) => void;
  readonly open: () => void;
  readonly edit: (column: string) => void;
  readonly select: () => void;
}

/** The grid's own keys, while it has the focus: move over rows and cells, open, edit, select. */
export function onGridKeys(keys: GridKeys) {
  return (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    if (act(keys, event.key)) event.preventDefault();
  };
}

function act(keys: GridKeys, key: string): boolean {
  const { rowCount, activeIndex, columns, column } = keys;
  const step = rowStep(key, activeIndex, rowCount);
  if (step !== null) keys.goRow(step);
  else if (key === "ArrowRight" || key === "ArrowLeft") {
    if (activeIndex < 0 && rowCount > 0) keys.goRow(0);
    keys.goColumn(columnStep(key, column, columns));
  } else if (key === "Escape" && column !== null) keys.goColumn(null);
  else if (activeIndex < 0) return false;
  else return actOnRow(keys, key);
  return true;
}

function actOnRow({ columns, column, editable, open, edit, select }: GridKeys, key: string): boolean {
  const target = key === "F2" ? (column ?? columns.find(editable) ?? null) : column;
  if (key === " ") select();
  else if ((key === "Enter" || key === "F2") && target !== null && editable(target)) edit(target);
  else if (key === "Enter") open();
  else return false;
  return true;
}

/** The column beside the active one; left of the first one is the row as a whole. */
export function columnStep(
  key: "ArrowRight" | "ArrowLeft",
  column: string | null,
  columns: readonly string[],
): string | null {
  const at = column === null ? -1 : columns.indexOf(column);
  return key === "ArrowLeft" ? (columns[at - 1] ?? null) : (columns[at + 1] ?? columns.at(-1) ?? null);
}
