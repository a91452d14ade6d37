import { FlexRender, type Row } from "@tanstack/react-table";
import { memo, type ReactNode } from "react";
import type { Features } from "./column.ts";
import { SelectCell } from "./select-cell.tsx";

interface Props<T extends { readonly id: string }> {
  readonly row: Row<Features, T>;
  readonly index: number;
  /** Its distance from the top of the body, in pixels. */
  readonly start: number;
  readonly active: boolean;
  readonly selected: boolean;
  /** Which columns are shown in which order: when it changes, the cells do. */
  readonly layout: string;
  readonly onActive: (id: string) => void;
  readonly onOpen: (row: T) => void;
  readonly nameOf: (row: T) => string;
}

/** One row where the virtual list puts it; drawn again only when something about it changed, so that scrolling stays light. */
export const GridRow = memo(PlainRow) as typeof PlainRow; // as: memo forgets that the component is generic

function PlainRow<T extends { readonly id: string }>(props: Props<T>): ReactNode {
  const { row, index, start, active, selected, onActive, onOpen, nameOf } = props;
  const { id } = row.original;
  return (
    <div
      id={`row-${id}`}
      role="row"
      className="rf-grid__row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-active={active}
      style={{ transform: `translateY(${start}px)` }}
      onClick={() => {
        onActive(id);
        onOpen(row.original);
      }}
    >
      <div role="gridcell" className="rf-grid__check" onClick={(event) => event.stopPropagation()}>
        <SelectCell
          label={`Select ${nameOf(row.original)}`}
          checked={selected}
          onToggle={() => row.toggleSelected()}
        />
      </div>
      {row.getVisibleCells().map((cell) => (
        <div key={cell.id} role="gridcell" className="rf-grid__cell">
          <FlexRender cell={cell} />
        </div>
      ))}
    </div>
  );
}
