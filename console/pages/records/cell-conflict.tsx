import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Moment } from "../../parts/moment.tsx";
import { textBefore } from "./cell-change.ts";
import { nameOf } from "./record-values.ts";
import type { CellConflict } from "./use-cell-save.ts";
import { useMembers } from "./use-records.ts";

interface Props {
  readonly conflict: CellConflict;
  readonly onSettle: (keep: "mine" | "theirs") => void;
}

/** Says who changed the same field meanwhile, and lets the person choose; until then theirs stands. */
export function CellConflictNotice({ conflict, onSettle }: Props): ReactNode {
  const { record, field, value, by } = conflict;
  const members = useMembers();
  const author = members.find((member) => member.email === by);
  const say = (text: string): string => {
    const member = field.kind === "owner" ? members.find((one) => one.id === text) : undefined;
    return member?.name ?? member?.email ?? (text || "nothing");
  };
  return (
    <section className="rf-bulk rf-bulk--notice" role="alert" aria-label="Somebody changed this meanwhile">
      <span>
        <b title={by ?? undefined}>{author?.name ?? by ?? "Somebody"}</b> changed the{" "}
        {field.label.toLowerCase()} of {nameOf(record)} <Moment at={record.updatedAt} />.
      </span>
      <Button variant="default" onClick={() => onSettle("mine")}>
        Keep mine: {say(value)}
      </Button>
      <Button variant="default" onClick={() => onSettle("theirs")}>
        Keep theirs: {say(textBefore(conflict))}
      </Button>
    </section>
  );
}
