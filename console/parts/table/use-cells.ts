import type { Row } from "@tanstack/react-table";
import { useCallback, useEffect, useState, type KeyboardEvent, type RefObject } from "react";
import type { AfterEdit, CellEditing } from "./cell-editing.ts";
import type { Column, Features } from "./column.ts";
import { columnStep, onGridKeys } from "./grid-keys.ts";

interface Options<T extends { readonly id: string }> {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly columns: readonly Column<T>[];
  /** The ids of the shown columns in their order. */
  readonly shown: readonly string[];
  readonly rows: readonly Row<Features, T>[];
  readonly activeIndex: number;
  readonly active: string | null;
  readonly onActive: (id: string) => void;
  readonly onOpen: (row: T) => void;
  readonly cells: CellEditing<T>;
}

interface Cells<T> {
  /** The active cell's column; null while the row as a whole is active. */
  readonly column: string | null;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onRow: (row: T) => void;
  readonly onCell: (row: T, column: string) => void;
  readonly end: (after: AfterEdit) => void;
}

/** The id of a cell, or of its row while no cell is active, for `aria-activedescendant`. */
export function cellId(row: string | null, column: string | null): string {
  return column === null ? `row-${row}` : `cell-${row}-${column}`;
}

/** Which cell of the active row is active, and what keys and presses do with it. */
export function useCells<T extends { readonly id: string }>(options: Options<T>): Cells<T> {
  const { scroller, columns, shown, rows, activeIndex, active, onActive, onOpen, cells } = options;
  const [chosen, setColumn] = useState<string | null>(null);
  const column = chosen !== null && shown.includes(chosen) ? chosen : null;
  useEffect(() => {
    if (column === null) return;
    document.getElementById(cellId(active, column))?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [active, column]);
  const row = rows[activeIndex];
  const specOf = (id: string): Column<T> | undefined => columns.find((one) => one.id === id);
  const onKeyDown = onGridKeys({
    rowCount: rows.length,
    activeIndex,
    columns: shown,
    column,
    editable: (id) => row !== undefined && specOf(id)?.edits !== undefined && cells.may(row.original),
    goRow: (index) => onActive(rows[index]?.original.id ?? ""),
    goColumn: setColumn,
    open: () => row && onOpen(row.original),
    edit: (id) => {
      const spec = specOf(id);
      setColumn(id);
      if (row !== undefined && spec !== undefined) cells.begin(row.original, spec);
    },
    select: () => row?.toggleSelected(),
  });
  const onRow = useCallback(
    (pressed: T) => {
      setColumn(null);
      onOpen(pressed);
    },
    [onOpen],
  );
  const onCell = useCallback(
    (pressed: T, id: string) => {
      setColumn(id);
      onActive(pressed.id);
    },
    [onActive],
  );
  const end = (after: AfterEdit): void => {
    if (after !== "elsewhere") scroller.current?.focus({ preventScroll: true });
    if (after === "next") setColumn(columnStep("ArrowRight", column, shown));
    if (after === "previous") setColumn(columnStep("ArrowLeft", column, shown));
  };
  return { column, onKeyDown, onRow, onCell, end };
}
