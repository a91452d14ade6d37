import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { asProblem, isProblem } from "../../api/problem-error.ts";
import { changeRecord, fetchRecord, type AnyRecord } from "../../api/records.ts";
import { useHere } from "../../frame/here.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { sentChange, textBefore, type CellChange } from "./cell-change.ts";
import { lastAuthor } from "./last-author.ts";
import { refreshRecords, showRecord } from "./record-cache.ts";
import type { RecordSpec } from "./record-spec.ts";
import { nameOf } from "./record-values.ts";

/** Somebody else changed the same field meanwhile; `record` is how they left it. */
export interface CellConflict extends CellChange {
  readonly by: string | null;
}

/**
 * Saves single fields. What is typed shows at once; a refusal takes it back. When somebody was faster (412) and changed
 * other fields, both changes are kept; when they changed the same one, the person decides.
 */
export function useCellSave(spec: RecordSpec, onRefused: (change: CellChange, fault: string) => void) {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const [conflict, setConflict] = useState<CellConflict | null>(null);
  const show = (record: AnyRecord): void => showRecord(queryClient, slug, spec.kind, record);
  const mutationKey = [slug, spec.kind, "cell"];
  // An answer from before the next change would show the old value again for a moment.
  const isLast = (): boolean => queryClient.isMutating({ mutationKey }) === 1;
  const saving = useMutation({
    mutationKey,
    mutationFn: useSend(spec),
    onMutate: async (change) => {
      await queryClient.cancelQueries({ queryKey: [slug, spec.kind] });
      show({ ...change.record, ...sentChange(change) });
    },
    onSuccess: (saved, change) => {
      if (isLast()) show(saved);
      tell(change, () => save({ record: saved, field: change.field, value: textBefore(change) }));
    },
    onError: async (error, change) => {
      show(change.record);
      if (isProblem(error, "version-conflict")) await meet(change);
      else refuse(error, change);
    },
    onSettled: async () => {
      if (isLast()) await refreshRecords(queryClient, slug, spec.kind);
    },
  });
  const save = (change: CellChange): void => {
    if (Object.keys(sentChange(change)).length > 0) saving.mutate(change);
  };
  const refuse = (error: unknown, change: CellChange): void => {
    const fault = faultsByField(asProblem(error).errors)[change.field.key];
    if (fault !== undefined) onRefused(change, fault);
    else notifyProblem(error, `${change.field.label} of ${nameOf(change.record)} was not saved`);
  };
  const meet = async (change: CellChange): Promise<void> => {
    const theirs = await fetchRecord(slug, spec.kind, change.record.id);
    const by = await lastAuthor(slug, spec, theirs.id);
    const now = { ...change, record: theirs };
    show(theirs);
    if (textBefore(now) === textBefore(change)) save({ ...now, beside: by });
    else if (Object.keys(sentChange(now)).length > 0) setConflict({ ...now, by });
  };
  const settle = (keep: "mine" | "theirs"): void => {
    setConflict(null);
    if (conflict !== null && keep === "mine") save(conflict);
  };
  return { save, conflict, settle };
}

/** Sends the changes of one record one after the other, each from the version that the one before made. */
function useSend(spec: RecordSpec): (change: CellChange) => Promise<AnyRecord> {
  const { slug } = useHere();
  const sent = useRef(new Map<string, Promise<AnyRecord | null>>());
  return (change) => {
    const { id, version } = change.record;
    const before = sent.current.get(id) ?? Promise.resolve(null);
    const sending = before.then((mine) =>
      changeRecord(
        slug,
        spec.kind,
        { id, version: Math.max(version, mine?.version ?? 0) },
        sentChange(change),
      ),
    );
    sent.current.set(
      id,
      sending.catch(() => null),
    );
    return sending;
  };
}

function tell(change: CellChange, undo: () => void): void {
  const { record, field, value, beside } = change;
  const readable = field.kind !== "owner" && field.kind !== "choice";
  const values = readable ? `${textBefore(change) || "nothing"} → ${value.trim() || "nothing"}` : undefined;
  const others =
    beside === undefined
      ? undefined
      : `${beside ?? "Somebody"} changed other fields meanwhile; both are kept.`;
  notify({
    title: `Changed the ${field.label.toLowerCase()} of ${nameOf(record)}`,
    detail: [values, others].filter((part) => part !== undefined).join(". ") || undefined,
    tone: "good",
    undo,
  });
}
