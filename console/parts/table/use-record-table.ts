import { useTable, type ColumnDef, type Updater } from "@tanstack/react-table";
import { useMemo } from "react";
import { clampWidth, type ColumnChoice } from "./column-choice.ts";
import { features, type Column, type Features } from "./column.ts";
import type { ChangeChoice } from "./use-column-choice.ts";

interface Props<T> {
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly choice: ColumnChoice;
  readonly onChoice: ChangeChoice;
  readonly selected: Readonly<Record<string, true>>;
  readonly onSelected: (selected: Record<string, true>) => void;
}

/** The table's model: which columns in which order and width, which rows are selected. */
export function useRecordTable<T extends { readonly id: string }>(props: Props<T>) {
  const { columns, rows, choice, onChoice, selected, onSelected } = props;
  const definitions = useMemo(() => columns.map(definitionOf), [columns]);
  const data = useMemo(() => [...rows], [rows]);
  const visibility = Object.fromEntries(choice.hidden.map((id) => [id, false]));
  return useTable<Features, T>({
    features,
    data,
    columns: definitions,
    getRowId: (row) => row.id,
    columnResizeMode: "onChange",
    state: {
      columnOrder: [...choice.order],
      columnVisibility: visibility,
      columnSizing: { ...choice.widths },
      rowSelection: { ...selected },
    },
    onRowSelectionChange: (updater) => onSelected(resolved(updater, { ...selected })),
    onColumnSizingChange: (updater) =>
      onChoice((before) => ({ ...before, widths: clamped(resolved(updater, { ...before.widths })) })),
  });
}

function definitionOf<T extends { readonly id: string }>(column: Column<T>): ColumnDef<Features, T> {
  return {
    id: column.id,
    header: column.label,
    size: column.width,
    minSize: 64,
    maxSize: 640,
    cell: ({ row }) => column.render(row.original),
  };
}

function resolved<S>(updater: Updater<S>, before: S): S {
  return typeof updater === "function" ? (updater as (old: S) => S)(before) : updater; // as: an Updater that is a function is this one
}

function clamped(widths: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(widths).map(([id, width]) => [id, clampWidth(width)]));
}
