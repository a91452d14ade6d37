import "./record.css";
import { ActionIcon } from "@mantine/core";
import { IconArrowsDiagonal, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, type ReactNode } from "react";
import type { AnyRecord } from "../../api/records.ts";
import { useHere } from "../../frame/here.tsx";
import { Bones } from "../../parts/bones.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import type { RecordSpec } from "./record-spec.ts";
import { RecordView } from "./record-view.tsx";
import { useFields, useRecord } from "./use-records.ts";

const RecordEdit = lazy(() => import("./record-edit.tsx"));
const RecordCreate = lazy(() => import("./record-create.tsx"));

interface PanelProps {
  readonly spec: RecordSpec;
  readonly id: string;
  readonly editing: boolean;
  readonly onEditing: (editing: boolean) => void;
  readonly onClose: () => void;
}

/** A record beside the list it was opened from; the list stays usable, so this is no dialog. */
export function RecordPanel({ spec, id, editing, onEditing, onClose }: PanelProps): ReactNode {
  const { data: record, error, refetch } = useRecord(spec.kind, id);
  const fields = useFields(spec);
  return (
    <Panel label={`The ${spec.one}`} onEscape={() => (editing ? undefined : onClose())}>
      {record === undefined && error === null && <Bones lines={8} />}
      {record === undefined && error !== null && <ProblemState error={error} retry={() => void refetch()} />}
      {record !== undefined && editing && (
        <Suspense fallback={<Bones lines={8} />}>
          <RecordEdit key={id} spec={spec} record={record} fields={fields} onDone={() => onEditing(false)} />
        </Suspense>
      )}
      {record !== undefined && !editing && (
        <RecordView
          spec={spec}
          record={record}
          fields={fields}
          onEdit={() => onEditing(true)}
          onArchived={onClose}
          acts={<PanelActs spec={spec} id={id} onClose={onClose} />}
        />
      )}
    </Panel>
  );
}

/** The form for a new record, in the place where it will then be seen. */
export function CreatePanel({
  spec,
  onDone,
}: {
  readonly spec: RecordSpec;
  readonly onDone: (record: AnyRecord | null) => void;
}): ReactNode {
  const fields = useFields(spec);
  return (
    <Panel label={`New ${spec.one}`} onEscape={() => onDone(null)}>
      <Suspense fallback={<Bones lines={8} />}>
        <RecordCreate spec={spec} fields={fields} onDone={onDone} />
      </Suspense>
    </Panel>
  );
}

function PanelActs({
  spec,
  id,
  onClose,
}: {
  readonly spec: RecordSpec;
  readonly id: string;
  readonly onClose: () => void;
}): ReactNode {
  const { slug } = useHere();
  const to = spec.kind === "contacts" ? "/o/$organization/contacts/$id" : "/o/$organization/accounts/$id";
  return (
    <>
      <ActionIcon
        title="Open as a page"
        variant="subtle"
        color="gray"
        size={28}
        aria-label="Open as a page"
        renderRoot={(props) => <Link to={to} params={{ organization: slug, id }} {...props} />}
      >
        <IconArrowsDiagonal size={17} stroke={1.7} />
      </ActionIcon>
      <ActionIcon
        title="Close, Esc"
        variant="subtle"
        color="gray"
        size={28}
        aria-label="Close the panel"
        onClick={onClose}
      >
        <IconX size={17} stroke={1.7} />
      </ActionIcon>
    </>
  );
}

function Panel({
  label,
  onEscape,
  children,
}: {
  readonly label: string;
  readonly onEscape: () => void;
  readonly children: ReactNode;
}): ReactNode {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      if (document.querySelector('[role="dialog"], [role="menu"], [role="listbox"]') === null) onEscape();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });
  return (
    <aside className="rf-panel" aria-label={label}>
      {children}
    </aside>
  );
}
