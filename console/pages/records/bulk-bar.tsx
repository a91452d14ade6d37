import { ActionIcon, Button, NativeSelect } from "@mantine/core";
import { IconArchive, IconArrowBackUp, IconX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { changeRecords, type Change } from "../../api/records.ts";
import { useHere } from "../../frame/here.tsx";
import { notify, notifyProblem } from "../../parts/notify.tsx";
import { refreshRecords } from "./record-cache.ts";
import { stages, type RecordSpec } from "./record-spec.ts";
import { useBulkMove } from "./use-archive.ts";
import { useMembers } from "./use-records.ts";

interface Props {
  readonly spec: RecordSpec;
  readonly ids: readonly string[];
  readonly archived: boolean;
  readonly onClear: () => void;
}

/** What can be done with everything that is selected, at once. */
export function BulkBar({ spec, ids, archived, onClear }: Props): ReactNode {
  const { formats, may } = useHere();
  const { move, moving } = useBulkMove(spec, onClear);
  if (ids.length === 0) return null;
  return (
    <section className="rf-bulk" aria-label="With the selected">
      <span className="rf-bulk__count" role="status">
        {formats.number(ids.length)} selected
      </span>
      {!archived && may(`${spec.resource}.change`) && <BulkChange spec={spec} ids={ids} onClear={onClear} />}
      {may(`${spec.resource}.archive`) && (
        <Button
          variant="default"
          loading={moving}
          leftSection={archived ? <IconArrowBackUp size={16} /> : <IconArchive size={16} />}
          onClick={() => move({ ids, act: archived ? "restore" : "archive" })}
        >
          {archived ? "Restore" : "Archive"}
        </Button>
      )}
      <ActionIcon variant="subtle" color="gray" size={30} aria-label="Select nothing" onClick={onClear}>
        <IconX size={16} />
      </ActionIcon>
    </section>
  );
}

function BulkChange({ spec, ids, onClear }: Omit<Props, "archived">): ReactNode {
  const change = useBulkChange(spec, ids, onClear);
  const members = useMembers();
  const owners = members.map((member) => ({ value: member.id, label: member.name ?? member.email }));
  return (
    <>
      {spec.kind === "contacts" && (
        <NativeSelect
          aria-label="Set the stage"
          data={[
            { value: "", label: "Set stage" },
            ...stages.map((stage) => ({ value: stage, label: stage })),
          ]}
          value=""
          onChange={(event) => change({ stage: event.currentTarget.value })}
        />
      )}
      {owners.length > 0 && (
        <NativeSelect
          aria-label="Set the owner"
          data={[{ value: "", label: "Set owner" }, ...owners]}
          value=""
          onChange={(event) => change({ ownerId: event.currentTarget.value })}
        />
      )}
    </>
  );
}

function useBulkChange(
  spec: RecordSpec,
  ids: readonly string[],
  onDone: () => void,
): (change: Change) => void {
  const { slug, formats } = useHere();
  const queryClient = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: (change: Change) => changeRecords(slug, spec.kind, ids, change),
    onSuccess: async () => {
      notify({ title: `Changed ${formats.number(ids.length)} ${spec.many}`, tone: "good" });
      onDone();
      await refreshRecords(queryClient, slug, spec.kind);
    },
    onError: (error) => notifyProblem(error, "Nothing was changed"),
  });
  return mutate;
}
