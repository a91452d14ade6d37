import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { changeConnection, type Connection } from "../../api/sso.ts";
import { useHere } from "../../frame/here.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { notify } from "../../parts/notify.tsx";

interface Props {
  readonly connection: Connection;
  readonly onMade: (connection: Connection) => void;
  readonly onClose: () => void;
}

/** A new key of ours for a connection, after saying what the provider has to do about it. */
export default function NewKeyDialog({ connection, onMade, onClose }: Props): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const making = useMutation({
    mutationFn: () => changeConnection(slug, connection, { newKey: true }),
    onSuccess: async (made) => {
      onMade(made);
      notify({ title: "A new key", detail: "The one before it stays published.", tone: "good" });
      await queryClient.invalidateQueries({ queryKey: [slug, "sso-connections"] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`A new key for ${connection.name}?`}
      act="Make it"
      keep="Keep the old one"
      error={making.error}
      pending={making.isPending}
      onConfirm={() => making.mutate()}
      onClose={onClose}
    >
      <p>
        {connection.kind === "oidc"
          ? "From now on we sign with the new key. A provider that fetches our keys by their address notices nothing; where they were pasted in, enter the new one there at once."
          : "From now on we sign our requests with the new certificate. A provider that reads our metadata again notices nothing; where the certificate was pasted in, enter the new one there at once. What it encrypts for the old one is read for another day."}
      </p>
    </ConfirmDialog>
  );
}
