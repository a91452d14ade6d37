import { Checkbox } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { endConnection, type Connection } from "../../api/sso.ts";
import { useHere } from "../../frame/here.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { notify } from "../../parts/notify.tsx";

interface Props {
  readonly connection: Connection;
  readonly onClose: () => void;
}

/** Ends an identity provider for good; asks for its name, since nobody gets it back. */
export default function EndConnectionDialog({ connection, onClose }: Props): ReactNode {
  const { slug, may, formats } = useHere();
  const queryClient = useQueryClient();
  const [offBoard, setOffBoard] = useState(false);
  const ending = useMutation({
    mutationFn: () => endConnection(slug, connection.id, offBoard),
    onSuccess: async ({ offBoarded }) => {
      notify({
        title: `Ended ${connection.name}`,
        ...(offBoarded > 0 ? { detail: `${formats.counted(offBoarded, "member")} left with it.` } : {}),
        tone: "good",
      });
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "sso-connections"] });
    },
  });
  return (
    <ConfirmDialog
      title={`End ${connection.name}?`}
      name={connection.name}
      act="End it"
      error={ending.error}
      pending={ending.isPending}
      onConfirm={() => ending.mutate()}
      onClose={onClose}
    >
      <p>Everybody who signed in by it is signed out at once, and nobody can sign in by it again.</p>
      {may("member.change") && (
        <Checkbox
          label="Remove the members that it added, too"
          description="With their keys and invitations; owners and those who come by another provider stay"
          checked={offBoard}
          onChange={(event) => setOffBoard(event.currentTarget.checked)}
        />
      )}
    </ConfirmDialog>
  );
}
