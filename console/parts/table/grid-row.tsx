import { FlexRender, type Row } from "@tanstack/react-table";
import type { ReactNode } from "react";
import type { Features } from "./column.ts";
import { SelectCell } from "./select-cell.tsx";

interface Props<T extends { readonly id: string }> {
  readonly row: Row<Features, T>;
  readonly index: number;
  /** Its distance from the top of the body, in pixels. */
  readonly start: number;
  readonly active: boolean;
  readonly onActive: (id: string) => void;
  readonly onOpen: (row: T) => void;
  readonly nameOf: (row: T) => string;
}

/** One row where the virtual list puts it; pressing it anywhere opens it. */
export function GridRow<T extends { readonly id: string }>(props: Props<T>): ReactNode {
  const { row, index, start, active, onActive, onOpen, nameOf } = props;
  const { id } = row.original;
  return (
    <div
      id={`row-${id}`}
      role="row"
      className="rf-grid__row"
      aria-rowindex={index + 2}
      aria-selected={row.getIsSelected()}
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
          checked={row.getIsSelected()}
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
