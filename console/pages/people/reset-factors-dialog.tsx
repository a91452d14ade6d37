import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { resetFactors, type Member } from "../../api/members.ts";
import { useHere } from "../../frame/here.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { notify } from "../../parts/notify.tsx";

interface Props {
  readonly member: Member;
  readonly onClose: () => void;
}

/** Takes away the factors of somebody who has lost them; asks for their address, since this is how accounts are stolen. */
export function ResetFactorsDialog({ member, onClose }: Props): ReactNode {
  const { slug } = useHere();
  const name = member.name ?? member.email;
  const resetting = useMutation({
    mutationFn: () => resetFactors(slug, member.id),
    onSuccess: () => {
      notify({ title: `${name} can add a second factor again`, detail: "They get a letter.", tone: "good" });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Take away the second factor of ${name}?`}
      name={member.email}
      act="Take it away"
      keep="Leave it"
      error={resetting.error}
      pending={resetting.isPending}
      onConfirm={() => resetting.mutate()}
      onClose={onClose}
    >
      <p>
        Make sure first who asks: call back on a number that you had before. A mail that asks for this is how
        accounts are stolen.
      </p>
      <p>
        Their authenticator app, passkeys, backup codes and sessions end at once. They sign in with their
        password and add a second factor anew. It can be done only for somebody who belongs to no other
        organization.
      </p>
    </ConfirmDialog>
  );
}
