import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { endMemberSessions, type Member } from "../../api/members.ts";
import { useHere } from "../../frame/here.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { notify } from "../../parts/notify.tsx";

interface Props {
  readonly member: Member;
  readonly onClose: () => void;
}

/** Has a member sign in again here, after a lost laptop for instance. */
export function EndSessionsDialog({ member, onClose }: Props): ReactNode {
  const { slug, organization } = useHere();
  const queryClient = useQueryClient();
  const name = member.name ?? member.email;
  const ending = useMutation({
    mutationFn: () => endMemberSessions(slug, member.id),
    onSuccess: async () => {
      notify({
        title: `${name} has to sign in again`,
        detail: `No session of theirs from before works in ${organization.name}.`,
        tone: "good",
      });
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "members"] });
    },
  });
  return (
    <ConfirmDialog
      title={`End the sessions of ${name}?`}
      act="End them"
      keep="Let them be"
      error={ending.error}
      pending={ending.isPending}
      onConfirm={() => ending.mutate()}
      onClose={onClose}
    >
      <p>
        Wherever they are signed in, {organization.name} refuses them from the next request on, and the
        programs that came in by those sessions, until they sign in again. They stay a member; their API keys
        and other organizations go on.
      </p>
    </ConfirmDialog>
  );
}
