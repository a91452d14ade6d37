import { FlexRender, type Row } from "@tanstack/react-table";
import { memo, type ReactNode } from "react";
import type { Column, Features } from "./column.ts";
import { SelectCell } from "./select-cell.tsx";
import { cellId } from "./use-cells.ts";

interface Props<T extends { readonly id: string }> {
  readonly row: Row<Features, T>;
  readonly index: number;
  /** Its distance from the top of the body, in pixels. */
  readonly start: number;
  readonly active: boolean;
  readonly selected: boolean;
  /** Which columns are shown in which order: when it changes, the cells do. */
  readonly layout: string;
  readonly columns: readonly Column<T>[];
  /** The column of the active cell, if it is in this row. */
  readonly column: string | null;
  readonly editable: boolean;
  /** The column whose cell is being edited, and its editor. */
  readonly editing: string | null;
  readonly editor: ReactNode;
  readonly onRow: (row: T) => void;
  readonly onCell: (row: T, column: string) => void;
  readonly onEdit: (row: T, column: Column<T>) => void;
  readonly nameOf: (row: T) => string;
}

/** One row where the virtual list puts it; drawn again only when something about it changed, so that scrolling stays light. */
export const GridRow = memo(PlainRow) as typeof PlainRow; // as: memo forgets that the component is generic

function PlainRow<T extends { readonly id: string }>(props: Props<T>): ReactNode {
  const { row, index, start, active, selected, editing, onRow, nameOf } = props;
  const { id } = row.original;
  return (
    <div
      id={`row-${id}`}
      role="row"
      className="rf-grid__row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-active={active}
      data-editing={editing !== null}
      style={{ transform: `translateY(${start}px)` }}
      onClick={() => onRow(row.original)}
    >
      <div role="gridcell" className="rf-grid__check" onClick={(event) => event.stopPropagation()}>
        <SelectCell
          label={`Select ${nameOf(row.original)}`}
          checked={selected}
          onToggle={() => row.toggleSelected()}
        />
      </div>
      {row.getVisibleCells().map((cell) => (
        <GridCell key={cell.id} {...props} id={cell.column.id}>
          <FlexRender cell={cell} />
        </GridCell>
      ))}
    </div>
  );
}

interface CellProps<T extends { readonly id: string }> extends Props<T> {
  readonly id: string;
  readonly children: ReactNode;
}

/** A cell; one press on an editable one chooses it and two edit it, a press on any other opens the row. */
function GridCell<T extends { readonly id: string }>(props: CellProps<T>): ReactNode {
  const { row, columns, column, editable, editing, editor, onCell, onEdit, id, children } = props;
  const spec = columns.find((one) => one.id === id);
  const common = {
    id: cellId(row.original.id, id),
    role: "gridcell",
    className: "rf-grid__cell",
    "data-chosen": column === id,
  } as const;
  if (editing === id) {
    return (
      <div {...common} data-editing onClick={(event) => event.stopPropagation()}>
        {editor}
      </div>
    );
  }
  if (!editable || spec?.edits === undefined) return <div {...common}>{children}</div>;
  return (
    <div
      {...common}
      aria-readonly={false}
      onClick={(event) => {
        // Two taps are no habit of fingers: on a touch screen a tap opens the row, where there is room to edit.
        if (matchMedia("(pointer: coarse)").matches) return;
        event.stopPropagation();
        onCell(row.original, id);
      }}
      onDoubleClick={() => onEdit(row.original, spec)}
    >
      {children}
    </div>
  );
}
