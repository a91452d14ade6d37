import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { createRecord, type AnyRecord } from "../../api/records.ts";
import { useHere } from "../../frame/here.tsx";
import { notify } from "../../parts/notify.tsx";
import { refreshRecords } from "./record-cache.ts";
import { RecordForm } from "./record-form.tsx";
import type { FieldSpec, RecordSpec } from "./record-spec.ts";
import { changeBetween, emptyDraft, nameOf, type Draft } from "./record-values.ts";

interface Props {
  readonly spec: RecordSpec;
  readonly fields: readonly FieldSpec[];
  readonly onDone: (record: AnyRecord | null) => void;
}

/** A record that does not exist yet. */
export default function RecordCreate({ spec, fields, onDone }: Props): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(() => emptyDraft(fields));
  const creating = useMutation({
    mutationFn: () => createRecord(slug, spec.kind, changeBetween(emptied(draft), draft, fields)),
    onSuccess: async (record) => {
      notify({ title: `Added ${nameOf(record)}`, tone: "good" });
      queryClient.setQueryData([slug, spec.kind, "one", record.id], record);
      onDone(record);
      await refreshRecords(queryClient, slug, spec.kind);
    },
  });
  return (
    <section className="rf-record" aria-label={`New ${spec.one}`}>
      <header className="rf-record__head">
        <h2 className="rf-record__name">New {spec.one}</h2>
      </header>
      <RecordForm
        fields={fields}
        draft={draft}
        onDraft={setDraft}
        error={creating.error}
        saving={creating.isPending}
        submitLabel={`Add ${spec.one}`}
        onSubmit={() => creating.mutate()}
        onCancel={() => onDone(null)}
      />
    </section>
  );
}

/** The draft without what the person left alone, so that only what is filled in is sent. */
function emptied(draft: Draft): Draft {
  return Object.fromEntries(Object.entries(draft).filter(([, value]) => !filled(value)));
}

function filled(value: unknown): boolean {
  return value !== "" && value !== false && !(Array.isArray(value) && value.length === 0);
}
