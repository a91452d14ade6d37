import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import type { Header } from "@tanstack/react-table";
import { useState, type DragEvent, type ReactNode } from "react";
import { moveColumn } from "./column-choice.ts";
import type { Column, Features } from "./column.ts";
import type { ChangeChoice } from "./use-column-choice.ts";

interface Props<T extends { readonly id: string }> {
  readonly header: Header<Features, T>;
  readonly column: Column<T> | undefined;
  readonly sort: string | undefined;
  readonly onSort: (column: string) => void;
  readonly onChoice: ChangeChoice;
}

/** A column's head: press to sort, drag to move, drag its edge to size. The column menu does the same without dragging. */
export function HeadCell<T extends { readonly id: string }>({
  header,
  column,
  sort,
  onSort,
  onChoice,
}: Props<T>): ReactNode {
  const id = header.column.id;
  const label = column?.label ?? id;
  const drag = useColumnDrag(id, onChoice);
  const direction = directionOf(column?.sort, sort);
  return (
    <div role="columnheader" className="rf-grid__cell rf-grid__title" aria-sort={direction} {...drag}>
      <HeadLabel label={label} sort={column?.sort} direction={direction} onSort={onSort} />
      <span
        className="rf-grid__edge"
        aria-hidden
        data-moving={header.column.getIsResizing()}
        draggable
        onDragStart={(event) => {
          event.preventDefault();
          event.stopPropagation();
        }}
        onMouseDown={header.getResizeHandler()}
        onTouchStart={header.getResizeHandler()}
        onDoubleClick={() => header.column.resetSize()}
      />
    </div>
  );
}

function HeadLabel({
  label,
  sort,
  direction,
  onSort,
}: {
  readonly label: string;
  readonly sort: string | undefined;
  readonly direction: "ascending" | "descending" | "none" | undefined;
  readonly onSort: (column: string) => void;
}): ReactNode {
  if (sort === undefined) return <span className="rf-clip">{label}</span>;
  return (
    <button type="button" className="rf-grid__sort" onClick={() => onSort(sort)}>
      <span className="rf-clip">{label}</span>
      {direction === "ascending" && <IconArrowUp size={13} aria-hidden />}
      {direction === "descending" && <IconArrowDown size={13} aria-hidden />}
    </button>
  );
}

function directionOf(
  column: string | undefined,
  sort: string | undefined,
): "ascending" | "descending" | "none" | undefined {
  if (column === undefined) return undefined;
  if (sort === column) return "ascending";
  return sort === `-${column}` ? "descending" : "none";
}

const mark = "application/x-ringfence-column";

function useColumnDrag(id: string, onChoice: ChangeChoice) {
  const [over, setOver] = useState(false);
  return {
    draggable: true,
    "data-over": over,
    onDragStart: (event: DragEvent) => {
      event.dataTransfer.setData(mark, id);
      event.dataTransfer.effectAllowed = "move";
    },
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes(mark)) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      const from = event.dataTransfer.getData(mark);
      onChoice((before) => ({ ...before, order: moveColumn(before.order, from, id) }));
    },
  };
}
