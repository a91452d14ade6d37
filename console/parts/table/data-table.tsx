import "./data-table.css";
import { useTable, type ColumnDef, type Row, type Updater } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, type CSSProperties, type KeyboardEvent, type ReactNode } from "react";
import { clampWidth, type ColumnChoice } from "./column-choice.ts";
import { features, type Column, type Features } from "./column.ts";
import { GridRow } from "./grid-row.tsx";
import { HeadCell } from "./head-cell.tsx";
import { SelectCell } from "./select-cell.tsx";
import { rowStep } from "./row-step.ts";
import type { ChangeChoice } from "./use-column-choice.ts";

export interface DataTableProps<T extends { readonly id: string }> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  /** The exact number of rows there are, of which `rows` may be the beginning. */
  readonly total: number | undefined;
  readonly choice: ColumnChoice;
  readonly onChoice: ChangeChoice;
  readonly sort: string | undefined;
  readonly onSort: (column: string) => void;
  readonly selected: Readonly<Record<string, true>>;
  readonly onSelected: (selected: Record<string, true>) => void;
  readonly active: string | null;
  readonly onActive: (id: string) => void;
  readonly onOpen: (row: T) => void;
  readonly nameOf: (row: T) => string;
  readonly onNearEnd: () => void;
}

const rowHeight = 36;

/** The table that people live in: virtual rows under a head that stays, columns to size and move, all of it by keyboard. */
export function DataTable<T extends { readonly id: string }>(props: DataTableProps<T>): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const table = useRecordTable(props);
  const rows = table.getRowModel().rows;
  // oxlint-disable-next-line react/incompatible-library -- nothing here is memoized with the virtualizer's functions
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingStart: 34,
  });
  const items = virtual.getVirtualItems();
  const layout = `${props.choice.order.join()}|${props.choice.hidden.join()}`;
  useNearEnd(items.at(-1)?.index ?? 0, rows.length, props.onNearEnd);
  const activeIndex = rows.findIndex((row) => row.original.id === props.active);
  useEffect(() => {
    if (activeIndex >= 0) virtual.scrollToIndex(activeIndex, { align: "auto" });
  }, [activeIndex, virtual]);
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const template = ["40px", ...headers.map((header) => `${header.getSize()}px`), "minmax(16px, 1fr)"].join(
    " ",
  );
  const width = 56 + headers.reduce((sum, header) => sum + header.getSize(), 0);
  const style: CSSProperties & Record<"--rf-columns", string> = { "--rf-columns": template, minWidth: width };
  const onKeyDown = onRowKeys({ rows, activeIndex, onActive: props.onActive, onOpen: props.onOpen });
  return (
    <div
      ref={scroller}
      className="rf-grid"
      role="grid"
      aria-label={props.label}
      aria-rowcount={(props.total ?? rows.length) + 1}
      aria-colcount={headers.length + 1}
      aria-multiselectable
      aria-activedescendant={
        items.some((item) => item.index === activeIndex) ? `row-${props.active}` : undefined
      }
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div className="rf-grid__head" role="rowgroup" style={style}>
        <div className="rf-grid__row rf-grid__row--head" role="row" aria-rowindex={1}>
          <div role="columnheader" className="rf-grid__check">
            <SelectCell
              label={`Select all ${rows.length} loaded rows`}
              checked={table.getIsAllRowsSelected()}
              some={table.getIsSomeRowsSelected()}
              onToggle={() => table.toggleAllRowsSelected()}
            />
          </div>
          {headers.map((header) => (
            <HeadCell
              key={header.id}
              header={header}
              column={props.columns.find((column) => column.id === header.column.id)}
              sort={props.sort}
              onSort={props.onSort}
              onChoice={props.onChoice}
            />
          ))}
        </div>
      </div>
      <div role="rowgroup" className="rf-grid__body" style={{ ...style, height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          return row === undefined ? null : (
            <GridRow
              key={row.original.id}
              row={row}
              index={item.index}
              start={item.start}
              active={row.original.id === props.active}
              selected={row.getIsSelected()}
              layout={layout}
              onActive={props.onActive}
              onOpen={props.onOpen}
              nameOf={props.nameOf}
            />
          );
        })}
      </div>
    </div>
  );
}

interface RowKeys<T extends { readonly id: string }> {
  readonly rows: readonly Row<Features, T>[];
  readonly activeIndex: number;
  readonly onActive: (id: string) => void;
  readonly onOpen: (row: T) => void;
}

/** The grid's own keys, while it has the focus: move, open, select. */
function onRowKeys<T extends { readonly id: string }>({ rows, activeIndex, onActive, onOpen }: RowKeys<T>) {
  return (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const step = rowStep(event.key, activeIndex, rows.length);
    const row = rows[step ?? activeIndex];
    if (row === undefined) return;
    if (step !== null) onActive(row.original.id);
    else if (event.key === "Enter") onOpen(row.original);
    else if (event.key === " ") row.toggleSelected();
    else return;
    event.preventDefault();
  };
}

function useRecordTable<T extends { readonly id: string }>(props: DataTableProps<T>) {
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

function useNearEnd(last: number, loaded: number, onNearEnd: () => void): void {
  useEffect(() => {
    if (loaded > 0 && last >= loaded - 40) onNearEnd();
  }, [last, loaded, onNearEnd]);
}
