import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { changeMember, removeMember, type Member } from "../../api/members.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";
import { RoleChoice } from "./role-choice.tsx";
import { useRoles } from "./use-roles.ts";

interface Props {
  readonly member: Member;
  readonly onClose: () => void;
}

/** A member's role, and the way out; removing asks for the address, since access cannot be given back unseen. */
export default function MemberDialog({ member, onClose }: Props): ReactNode {
  const [role, setRole] = useState(member.roles[0] ?? "member");
  const [removing, setRemoving] = useState(false);
  const roles = useRoles();
  const change = useMemberChange(() => onClose());
  const name = member.name ?? member.email;
  if (removing) return <RemoveDialog member={member} onClose={onClose} />;
  return (
    <Dialog title={name} onClose={onClose}>
      <div className="rf-stack">
        <FormProblem error={change.error} />
        <RoleChoice roles={roles} value={role} onChange={setRole} />
        <DialogActs>
          <Button variant="subtle" color="red" mr="auto" onClick={() => setRemoving(true)}>
            Remove from the organization
          </Button>
          <Button
            loading={change.isPending}
            disabled={role === member.roles[0] && member.roles.length === 1}
            onClick={() => change.mutate({ member, roles: [role] })}
          >
            Save
          </Button>
        </DialogActs>
      </div>
    </Dialog>
  );
}

function RemoveDialog({ member, onClose }: Props): ReactNode {
  const { slug, organization } = useHere();
  const queryClient = useQueryClient();
  const [typed, setTyped] = useState("");
  const removing = useMutation({
    mutationFn: () => removeMember(slug, member.id),
    onSuccess: async () => {
      notify({ title: `Removed ${member.name ?? member.email}`, tone: "good" });
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "members"] });
    },
  });
  return (
    <Dialog title={`Remove ${member.name ?? member.email}?`} onClose={onClose}>
      <div className="rf-stack">
        <FormProblem error={removing.error} />
        <p>
          From the next request on, their sessions and API keys are refused in {organization.name}. What they
          did stays in the audit trail. To come back they need a new invitation.
        </p>
        <TextInput
          label={`Type ${member.email} to confirm`}
          data-autofocus
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Keep them
          </Button>
          <Button
            color="red"
            disabled={typed !== member.email}
            loading={removing.isPending}
            onClick={() => removing.mutate()}
          >
            Remove
          </Button>
        </DialogActs>
      </div>
    </Dialog>
  );
}

function useMemberChange(onDone: () => void) {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ member, roles }: { member: Member; roles: readonly string[] }) =>
      changeMember(slug, member, roles),
    onSuccess: async () => {
      notify({ title: "Role changed", tone: "good" });
      onDone();
      await queryClient.invalidateQueries({ queryKey: [slug, "members"] });
      await queryClient.invalidateQueries({ queryKey: ["me"] });
    },
  });
}
