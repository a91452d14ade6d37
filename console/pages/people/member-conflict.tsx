import "../../parts/conflict.css";
import { Button } from "@mantine/core";
import { IconGitMerge } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Role } from "../../api/members.ts";
import { sameRoles, type MemberConflict } from "./use-member-edit.ts";

interface Props {
  readonly conflict: MemberConflict;
  readonly roles: readonly Role[];
  readonly chosen: readonly string[];
  readonly onChoose: (roles: readonly string[]) => void;
}

/** Says who gave a member which other roles meanwhile, and lets the person keep their own choice or take theirs; until then nothing is saved. */
export function MemberConflictNotice({ conflict, roles, chosen, onChoose }: Props): ReactNode {
  const { mine, theirs, by } = conflict;
  const words = (names: readonly string[]): string =>
    names.map((name) => roles.find((role) => role.name === name)?.label ?? name).join(", ");
  const choices = [
    { label: "Keep mine", value: mine },
    { label: "Take theirs", value: theirs },
  ];
  return (
    <section className="rf-conflict" role="alert" aria-label="Somebody changed this meanwhile">
      <h3 className="rf-conflict__title">
        <IconGitMerge size={17} aria-hidden />
        {by ?? "Somebody"} changed these roles meanwhile
      </h3>
      <p>They are now: {words(theirs)}. Yours are not saved: keep them and save again, or leave theirs.</p>
      <div className="rf-conflict__clash">
        {choices.map(({ label, value }) => (
          <Button
            key={label}
            className="rf-conflict__choice"
            variant={sameRoles(chosen, value) ? "light" : "default"}
            aria-pressed={sameRoles(chosen, value)}
            size="compact-sm"
            onClick={() => onChoose(value)}
          >
            {label}: {words(value)}
          </Button>
        ))}
      </div>
    </section>
  );
}
