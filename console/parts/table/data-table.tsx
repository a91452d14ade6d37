import "./data-table.css";
import { defaultRangeExtractor, useVirtualizer, type Range } from "@tanstack/react-virtual";
import { useCallback, useEffect, useRef, type CSSProperties, type ReactNode } from "react";
import { useHere } from "../../frame/here.tsx";
import type { CellEditing } from "./cell-editing.ts";
import type { ColumnChoice } from "./column-choice.ts";
import type { Column } from "./column.ts";
import { GridRow } from "./grid-row.tsx";
import { HeadCell } from "./head-cell.tsx";
import { SelectCell } from "./select-cell.tsx";
import { cellId, useCells } from "./use-cells.ts";
import type { ChangeChoice } from "./use-column-choice.ts";
import { useRecordTable } from "./use-record-table.ts";

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
  readonly cells: CellEditing<T>;
}

const rowHeight = 36;

/** The table that people live in: virtual rows under a head that stays, columns to size and move, all of it by keyboard. */
export function DataTable<T extends { readonly id: string }>(props: DataTableProps<T>): ReactNode {
  const { formats } = useHere();
  const scroller = useRef<HTMLDivElement>(null);
  const table = useRecordTable(props);
  const rows = table.getRowModel().rows;
  const { place } = props.cells;
  const editedIndex = place === null ? -1 : rows.findIndex((row) => row.original.id === place.id);
  // oxlint-disable-next-line react/incompatible-library -- nothing here is memoized with the virtualizer's functions
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingStart: 34,
    // A row being edited stays while it is scrolled out of sight, so that nothing typed is lost.
    rangeExtractor: useCallback((range: Range) => rangeWith(editedIndex, range), [editedIndex]),
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
  const shown = headers.map((header) => header.column.id);
  const cells = useCells({ ...props, scroller, shown, rows, activeIndex });
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
        items.some((item) => item.index === activeIndex) ? cellId(props.active, cells.column) : undefined
      }
      tabIndex={0}
      onKeyDown={cells.onKeyDown}
    >
      <div className="rf-grid__head" role="rowgroup" style={style}>
        <div className="rf-grid__row rf-grid__row--head" role="row" aria-rowindex={1}>
          <div role="columnheader" className="rf-grid__check">
            <SelectCell
              label={`Select all ${formats.number(rows.length)} loaded rows`}
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
              columns={props.columns}
              column={row.original.id === props.active ? cells.column : null}
              editable={props.cells.may(row.original)}
              editing={row.original.id === place?.id ? place.column : null}
              editor={row.original.id === place?.id ? props.cells.render(cells.end) : null}
              onRow={cells.onRow}
              onCell={cells.onCell}
              onEdit={props.cells.begin}
              nameOf={props.nameOf}
            />
          );
        })}
      </div>
    </div>
  );
}

function rangeWith(index: number, range: Range): number[] {
  const items = defaultRangeExtractor(range);
  return index < 0 || items.includes(index) ? items : [...items, index].toSorted((a, b) => a - b);
}

function useNearEnd(last: number, loaded: number, onNearEnd: () => void): void {
  useEffect(() => {
    if (loaded > 0 && last >= loaded - 40) onNearEnd();
  }, [last, loaded, onNearEnd]);
}
