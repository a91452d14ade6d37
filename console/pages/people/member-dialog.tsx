import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { removeMember, type Member } from "../../api/members.ts";
import { useHere } from "../../frame/here.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";
import AccessDialog from "./access-dialog.tsx";
import { EndSessionsDialog } from "./end-sessions-dialog.tsx";
import { MemberConflictNotice } from "./member-conflict.tsx";
import { ResetFactorsDialog } from "./reset-factors-dialog.tsx";
import { RolesChoice } from "./roles-choice.tsx";
import { useMemberEdit } from "./use-member-edit.ts";
import { useRoles } from "./use-roles.ts";

interface Props {
  readonly member: Member;
  readonly onClose: () => void;
}

/** A member's roles, what they can do by them, a lost laptop or second factor, and the way out; removing asks for the address, since access cannot be given back unseen. */
export default function MemberDialog({ member, onClose }: Props): ReactNode {
  const [step, setStep] = useState<Step | null>(null);
  const edit = useMemberEdit(member, onClose);
  const back = (): void => setStep(null);
  if (step === "removing") return <RemoveDialog member={member} onClose={onClose} />;
  if (step === "resetting") return <ResetFactorsDialog member={member} onClose={onClose} />;
  if (step === "ending-sessions") return <EndSessionsDialog member={member} onClose={back} />;
  if (step === "access") return <AccessDialog member={member} onClose={back} />;
  return (
    <Dialog title={member.name ?? member.email} onClose={onClose}>
      <div className="rf-stack">
        <FormProblem error={edit.error} />
        <RolesForm edit={edit} />
        <Steps member={member} onStep={setStep} />
        <DialogActs>
          <Button variant="subtle" color="red" mr="auto" onClick={() => setStep("removing")}>
            Remove from the organization
          </Button>
          <Button
            loading={edit.saving}
            disabled={edit.chosen.length === 0 || !edit.changed}
            onClick={edit.save}
          >
            Save
          </Button>
        </DialogActs>
      </div>
    </Dialog>
  );
}

type Step = "access" | "ending-sessions" | "resetting" | "removing";

function RolesForm({ edit }: { readonly edit: ReturnType<typeof useMemberEdit> }): ReactNode {
  const roles = useRoles();
  const { chosen, setChosen, conflict } = edit;
  return (
    <>
      {conflict !== null && (
        <MemberConflictNotice conflict={conflict} roles={roles} chosen={chosen} onChoose={setChosen} />
      )}
      <RolesChoice roles={roles} value={chosen} onChange={setChosen} />
    </>
  );
}

interface StepsProps {
  readonly member: Member;
  readonly onStep: (step: Step) => void;
}

/** What else there is to look at or to do; one's own sessions and factors have pages of their own. */
function Steps({ member, onStep }: StepsProps): ReactNode {
  const { may, me } = useHere();
  const other = member.personId !== me.person.id;
  const steps: readonly (readonly [Step, string, boolean])[] = [
    ["access", "What can they do, and why?", may("security.read")],
    ["ending-sessions", "Have them sign in again", other],
    ["resetting", "They have lost their second factor", other],
  ];
  return steps
    .filter(([, , offered]) => offered)
    .map(([step, label]) => (
      <Button key={step} variant="subtle" size="compact-sm" mr="auto" onClick={() => onStep(step)}>
        {label}
      </Button>
    ));
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
