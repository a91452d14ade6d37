import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { isProblem } from "../../api/problem-error.ts";
import { changeRecord, fetchRecord, type AnyRecord, type Change } from "../../api/records.ts";
import { useHere } from "../../frame/here.tsx";
import { lastAuthor } from "./last-author.ts";
import { mergeThreeWay, type Merge } from "./merge.ts";
import { refreshRecords, showRecord } from "./record-cache.ts";
import type { FieldSpec, RecordSpec } from "./record-spec.ts";
import { changeBetween, draftOf, type Draft } from "./record-values.ts";

/** Somebody was faster: who, when, and how both edits come together. */
export interface Conflict extends Merge {
  readonly by: string | null;
  readonly at: string;
}

interface Options {
  readonly spec: RecordSpec;
  readonly fields: readonly FieldSpec[];
  readonly record: AnyRecord;
  readonly onDone: () => void;
}

/**
 * One edit of one record. What is saved shows at once everywhere; if the server refuses it is taken back, and when
 * somebody was faster (412) both versions are brought together and the person decides.
 */
export function useEdit({ spec, fields, record, onDone }: Options) {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const [base, setBase] = useState<AnyRecord>(record);
  const [draft, setDraft] = useState<Draft>(() => draftOf(record, fields));
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const meet = async (): Promise<void> => {
    const theirs = await fetchRecord(slug, spec.kind, base.id);
    const by = await lastAuthor(slug, spec, base.id);
    const merge = mergeThreeWay(draftOf(base, fields), draft, draftOf(theirs, fields));
    showRecord(queryClient, slug, spec.kind, theirs);
    setBase(theirs);
    setDraft(merge.draft);
    setConflict({ ...merge, by, at: theirs.updatedAt });
  };
  const saving = useMutation({
    mutationFn: (change: Change) => changeRecord(slug, spec.kind, base, change),
    onMutate: (change) => showRecord(queryClient, slug, spec.kind, { ...base, ...change }),
    onSuccess: async (saved) => {
      showRecord(queryClient, slug, spec.kind, saved);
      onDone();
      await refreshRecords(queryClient, slug, spec.kind);
    },
    onError: async (error) => {
      showRecord(queryClient, slug, spec.kind, base);
      if (isProblem(error, "version-conflict")) await meet();
    },
  });
  const save = (): void => {
    const change = changeBetween(draftOf(base, fields), draft, fields);
    if (Object.keys(change).length === 0) onDone();
    else saving.mutate(change);
  };
  const error = isProblem(saving.error, "version-conflict") ? null : saving.error;
  return { draft, setDraft, conflict, save, saving: saving.isPending, error };
}
