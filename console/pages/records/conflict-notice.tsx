import "../../parts/conflict.css";
import { Button } from "@mantine/core";
import { IconGitMerge } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useHere } from "../../frame/here.tsx";
import { Moment } from "../../parts/moment.tsx";
import { valueText } from "../../parts/trail/diff.ts";
import type { FieldSpec } from "./record-spec.ts";
import { same, type Draft } from "./record-values.ts";
import type { Conflict } from "./use-edit.ts";
import { useMembers } from "./use-records.ts";

interface Props {
  readonly conflict: Conflict;
  readonly fields: readonly FieldSpec[];
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
}

/** Says who changed what while the person was editing, and lets them choose field by field where both changed the same. */
export function ConflictNotice({ conflict, fields, draft, onDraft }: Props): ReactNode {
  const { clashes, theirsOnly, by, at } = conflict;
  const author = useMembers().find((member) => member.email === by);
  const label = (key: string): string => fields.find((field) => field.key === key)?.label ?? key;
  return (
    <section className="rf-conflict" role="alert" aria-label="Somebody changed this meanwhile">
      <h3 className="rf-conflict__title">
        <IconGitMerge size={17} aria-hidden />
        <span title={by ?? undefined}>{author?.name ?? by ?? "Somebody"}</span> changed this{" "}
        <Moment at={at} />
      </h3>
      {theirsOnly.length > 0 && <p>Taken over from them: {theirsOnly.map(label).join(", ")}.</p>}
      {clashes.length === 0 ? (
        <p>Your changes touch other fields, so both fit together. Save to keep both.</p>
      ) : (
        <p>You both changed the same. Choose, then save; nothing is saved until you do.</p>
      )}
      {clashes.map((clash) => (
        <div key={clash.key} className="rf-conflict__clash" role="group" aria-label={label(clash.key)}>
          <span className="rf-conflict__field">{label(clash.key)}</span>
          <Choice
            label="Keep mine"
            value={clash.mine}
            field={clash.key}
            chosen={same(draft[clash.key], clash.mine)}
            onChoose={() => onDraft({ ...draft, [clash.key]: clash.mine })}
          />
          <Choice
            label="Take theirs"
            value={clash.theirs}
            field={clash.key}
            chosen={same(draft[clash.key], clash.theirs)}
            onChoose={() => onDraft({ ...draft, [clash.key]: clash.theirs })}
          />
        </div>
      ))}
    </section>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: unknown;
  readonly field: string;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

function Choice({ label, value, field, chosen, onChoose }: ChoiceProps): ReactNode {
  const { formats } = useHere();
  const member = useMembers().find((one) => field === "ownerId" && one.id === value);
  return (
    <Button
      variant={chosen ? "light" : "default"}
      aria-pressed={chosen}
      size="compact-sm"
      className="rf-conflict__choice"
      onClick={onChoose}
    >
      {label}: {member?.name ?? member?.email ?? valueText(value, formats)}
    </Button>
  );
}
