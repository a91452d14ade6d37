import type { ReactNode } from "react";
import type { AnyRecord } from "../../api/records.ts";
import { ConflictNotice } from "./conflict-notice.tsx";
import { RecordForm } from "./record-form.tsx";
import type { FieldSpec, RecordSpec } from "./record-spec.ts";
import { nameOf } from "./record-values.ts";
import { useEdit } from "./use-edit.ts";

interface Props {
  readonly spec: RecordSpec;
  readonly record: AnyRecord;
  readonly fields: readonly FieldSpec[];
  /** On a page of its own, whose heading the name then is. */
  readonly wide?: boolean;
  readonly onDone: () => void;
}

/** A record being edited. */
export default function RecordEdit({ spec, record, fields, wide = false, onDone }: Props): ReactNode {
  const edit = useEdit({ spec, fields, record, onDone });
  const Name = wide ? "h1" : "h2";
  const notice =
    edit.conflict === null ? undefined : (
      <ConflictNotice conflict={edit.conflict} fields={fields} draft={edit.draft} onDraft={edit.setDraft} />
    );
  return (
    <section className="rf-record" aria-label={`Edit ${nameOf(record)}`}>
      <header className="rf-record__head">
        <Name className="rf-record__name">Edit {nameOf(record)}</Name>
      </header>
      <RecordForm
        fields={fields}
        draft={edit.draft}
        onDraft={edit.setDraft}
        error={edit.error}
        saving={edit.saving}
        submitLabel="Save"
        notice={notice}
        onSubmit={edit.save}
        onCancel={onDone}
      />
    </section>
  );
}
