import { useCallback, useState } from "react";
import type { AnyRecord } from "../../api/records.ts";
import { useHere } from "../../frame/here.tsx";
import type { CellEditing } from "../../parts/table/cell-editing.ts";
import type { Column } from "../../parts/table/column.ts";
import { CellEditor } from "./cell-editor.tsx";
import type { FieldSpec, RecordSpec } from "./record-spec.ts";
import { textBefore, type CellChange } from "./cell-change.ts";
import { nameOf } from "./record-values.ts";
import { useCellSave } from "./use-cell-save.ts";

interface Editing {
  readonly record: AnyRecord;
  readonly column: string;
  readonly field: FieldSpec;
  readonly text: string;
  /** Why the server refused what was typed before. */
  readonly fault: string | null;
}

/** Editing single fields in the cells of a list: what is being edited, and how it is saved. */
export function useCellEdit(spec: RecordSpec, columns: readonly Column<AnyRecord>[]) {
  const { may } = useHere();
  const [editing, setEditing] = useState<Editing | null>(null);
  const onRefused = ({ record, field, value }: CellChange, fault: string): void => {
    const column = columns.find(({ edits }) => edits === field.key)?.id ?? "";
    setEditing((now) => now ?? { record, column, field, text: value, fault });
  };
  const saving = useCellSave(spec, onRefused);
  const begin = useCallback(
    (record: AnyRecord, column: Column<AnyRecord>) => {
      const field = spec.fields.find(({ key }) => key === column.edits);
      if (field === undefined) return;
      setEditing({ record, column: column.id, field, text: textBefore({ record, field }), fault: null });
    },
    [spec],
  );
  const mayChange = may(`${spec.resource}.change`);
  const cells: CellEditing<AnyRecord> = {
    place: editing === null ? null : { id: editing.record.id, column: editing.column },
    may: (record) => mayChange && record.archivedAt === null,
    begin,
    render: (onEnd) =>
      editing === null ? null : (
        <CellEditor
          key={`${editing.record.id} ${editing.column} ${editing.fault}`}
          field={editing.field}
          of={nameOf(editing.record)}
          text={editing.text}
          fault={editing.fault}
          onSave={(value, after) => {
            setEditing(null);
            onEnd(after);
            saving.save({ record: editing.record, field: editing.field, value });
          }}
          onCancel={() => {
            setEditing(null);
            onEnd("stay");
          }}
        />
      ),
  };
  return { cells, conflict: saving.conflict, settle: saving.settle };
}
