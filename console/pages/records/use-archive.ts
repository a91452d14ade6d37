import { useMutation, useQueryClient } from "@tanstack/react-query";
import { fetchRecord, moveRecord, moveRecords, type AnyRecord } from "../../api/records.ts";
import { useHere } from "../../frame/here.tsx";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { hideRecords, refreshRecords } from "./record-cache.ts";
import { nameOf } from "./record-values.ts";
import type { RecordSpec } from "./record-spec.ts";

/** Archives or restores one record; archiving can be taken back from the notice, and for 30 days from the archive. */
export function useArchive(spec: RecordSpec) {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: ({ record, act }: { record: AnyRecord; act: "archive" | "restore" }) =>
      moveRecord(slug, spec.kind, record, act),
    onMutate: ({ record }) => hideRecords(queryClient, slug, spec.kind, [record.id]),
    onSuccess: (_done, { record, act }) => {
      if (act === "restore") {
        notify({ title: `Restored ${nameOf(record)}`, tone: "good" });
        return;
      }
      notify({
        title: `Archived ${nameOf(record)}`,
        detail: "Kept for 30 days.",
        undo: () => void undo(record.id),
      });
    },
    onError: (error, { act }) => notifyProblem(error, act === "archive" ? "Not archived" : "Not restored"),
    onSettled: () => refreshRecords(queryClient, slug, spec.kind),
  });
  /** Archiving has moved the version on, so the present one is read first. */
  const undo = async (id: string): Promise<void> => {
    try {
      mutate({ record: await fetchRecord(slug, spec.kind, id), act: "restore" });
    } catch (error) {
      notifyProblem(error, "Not restored");
    }
  };
  return {
    archive: (record: AnyRecord) => mutate({ record, act: "archive" }),
    restore: (record: AnyRecord) => mutate({ record, act: "restore" }),
  };
}

/** Archives or restores many records in one act, with one undo. */
export function useBulkMove(spec: RecordSpec, onDone: () => void) {
  const { slug, formats } = useHere();
  const queryClient = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: ({ ids, act }: { ids: readonly string[]; act: "archive" | "restore" }) =>
      moveRecords(slug, spec.kind, ids, act),
    onSuccess: (_done, { ids, act }) => {
      const what = `${formats.number(ids.length)} ${ids.length === 1 ? spec.one : spec.many}`;
      onDone();
      hideRecords(queryClient, slug, spec.kind, ids);
      if (act === "restore") notify({ title: `Restored ${what}`, tone: "good" });
      else
        notify({
          title: `Archived ${what}`,
          detail: "Kept for 30 days.",
          undo: () => mutate({ ids, act: "restore" }),
        });
    },
    onError: (error) => notifyProblem(error, "Nothing was changed"),
    onSettled: () => refreshRecords(queryClient, slug, spec.kind),
  });
  return { move: mutate, moving: isPending };
}
