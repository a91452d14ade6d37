import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { removeFactor, type Factor } from "../../api/own-security.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { notify } from "../../parts/notify.tsx";

interface Props {
  readonly factor: Factor;
  readonly last: boolean;
  readonly onClose: () => void;
}

/** Takes a factor away, after saying what is left then. */
export default function RemoveFactorDialog({ factor: { id, name }, last, onClose }: Props): ReactNode {
  const queryClient = useQueryClient();
  const removal = useMutation({
    mutationFn: () => removeFactor(id),
    onSuccess: async () => {
      notify({ title: `Removed ${name}`, tone: "good" });
      onClose();
      await queryClient.invalidateQueries({ queryKey: ["own-security"] });
    },
  });
  return (
    <ConfirmDialog
      title={`Remove ${name}?`}
      act="Remove"
      error={removal.error}
      pending={removal.isPending}
      onConfirm={() => removal.mutate()}
      onClose={onClose}
    >
      <p>
        {last
          ? "It is your last one. Your password alone then opens your account, and organizations that require a second factor close to you."
          : "It does not sign you in any more. Your other factors stay."}
      </p>
    </ConfirmDialog>
  );
}
