import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { changeMember, removeMember, type Member } from "../../api/members.ts";
import { useHere } from "../../frame/here.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";
import AccessDialog from "./access-dialog.tsx";
import { RolesChoice } from "./roles-choice.tsx";
import { ResetFactorsDialog } from "./reset-factors-dialog.tsx";
import { useRoles } from "./use-roles.ts";

interface Props {
  readonly member: Member;
  readonly onClose: () => void;
}

/** A member's roles, what they can do by them, a lost second factor, and the way out; removing asks for the address, since access cannot be given back unseen. */
export default function MemberDialog({ member, onClose }: Props): ReactNode {
  const { may, me } = useHere();
  const [chosen, setChosen] = useState(member.roles);
  const [step, setStep] = useState<"access" | "resetting" | "removing" | null>(null);
  const roles = useRoles();
  const change = useMemberChange(() => onClose());
  const name = member.name ?? member.email;
  if (step === "removing") return <RemoveDialog member={member} onClose={onClose} />;
  if (step === "resetting") return <ResetFactorsDialog member={member} onClose={onClose} />;
  if (step === "access") return <AccessDialog member={member} onClose={() => setStep(null)} />;
  return (
    <Dialog title={name} onClose={onClose}>
      <div className="rf-stack">
        <FormProblem error={change.error} />
        <RolesChoice roles={roles} value={chosen} onChange={setChosen} />
        {may("security.read") && (
          <Button variant="subtle" size="compact-sm" mr="auto" onClick={() => setStep("access")}>
            What can they do, and why?
          </Button>
        )}
        {member.personId !== me.person.id && (
          <Button variant="subtle" size="compact-sm" mr="auto" onClick={() => setStep("resetting")}>
            They have lost their second factor
          </Button>
        )}
        <DialogActs>
          <Button variant="subtle" color="red" mr="auto" onClick={() => setStep("removing")}>
            Remove from the organization
          </Button>
          <Button
            loading={change.isPending}
            disabled={chosen.length === 0 || sameRoles(chosen, member.roles)}
            onClick={() => change.mutate({ member, roles: chosen })}
          >
            Save
          </Button>
        </DialogActs>
      </div>
    </Dialog>
  );
}

function sameRoles(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((role) => others.includes(role));
}

function RemoveDialog({ member, onClose }: Props): ReactNode {
  const { slug, organization } = useHere();
  const queryClient = useQueryClient();
  const removing = useMutation({
    mutationFn: () => removeMember(slug, member.id),
    onSuccess: async () => {
      notify({ title: `Removed ${member.name ?? member.email}`, tone: "good" });
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "members"] });
    },
  });
  return (
    <ConfirmDialog
      title={`Remove ${member.name ?? member.email}?`}
      name={member.email}
      act="Remove"
      keep="Keep them"
      error={removing.error}
      pending={removing.isPending}
      onConfirm={() => removing.mutate()}
      onClose={onClose}
    >
      <p>
        From the next request on, their sessions and API keys are refused in {organization.name}. What they
        did stays in the audit trail. To come back they need a new invitation.
      </p>
    </ConfirmDialog>
  );
}

function useMemberChange(onDone: () => void) {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ member, roles }: { member: Member; roles: readonly string[] }) =>
      changeMember(slug, member, roles),
    onSuccess: async () => {
      notify({ title: "Roles changed", tone: "good" });
      onDone();
      await queryClient.invalidateQueries({ queryKey: [slug, "members"] });
      await queryClient.invalidateQueries({ queryKey: ["me"] });
    },
  });
}
