import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { switchConnection, type Connection } from "../../api/sso.ts";
import { useHere } from "../../frame/here.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";

interface Props {
  readonly connection: Connection;
  readonly onClose: () => void;
}

/** Switches an identity provider off, after saying that it signs people out. */
export default function SwitchOffDialog({ connection: { id, name }, onClose }: Props): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const switching = useMutation({
    mutationFn: () => switchConnection(slug, id, "disable"),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "sso-connections"] });
    },
  });
  return (
    <ConfirmDialog
      title={`Switch ${name} off?`}
      act="Switch it off"
      keep="Leave it on"
      error={switching.error}
      pending={switching.isPending}
      onConfirm={() => switching.mutate()}
      onClose={onClose}
    >
      <p>
        Everybody who signed in by it is signed out at once, you too if you did. Its settings stay, and you
        can switch it on again.
      </p>
    </ConfirmDialog>
  );
}
