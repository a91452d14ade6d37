import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { confirmEmergency, type WaitingEmergency } from "../../api/own-support.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { notify } from "../../parts/notify.tsx";

interface Props {
  readonly waiting: WaitingEmergency;
  readonly onClose: () => void;
}

/** The second pair of eyes: what is asked for, what to make sure of, and the organization's name to type. */
export default function ConfirmEmergencyDialog({ waiting, onClose }: Props): ReactNode {
  const { id, organization, operator, reason, reference } = waiting;
  const queryClient = useQueryClient();
  const confirming = useMutation({
    mutationFn: () => confirmEmergency(id),
    onSuccess: async () => {
      notify({
        title: "Confirmed",
        detail: `${operator} may read in ${organization} for an hour.`,
        tone: "good",
      });
      onClose();
      await queryClient.invalidateQueries({ queryKey: ["own-support"] });
    },
  });
  return (
    <ConfirmDialog
      title="Let them in without consent?"
      name={organization}
      act="Confirm it"
      keep="Not now"
      error={confirming.error}
      pending={confirming.isPending}
      onConfirm={() => confirming.mutate()}
      onClose={onClose}
    >
      <p>
        <b>{operator}</b> would read in <b>{organization}</b> for an hour, without its consent: {reason} (
        {reference}).
      </p>
      <p>
        Ask them by voice first whether it is really them: whoever has stolen their session would ask just
        like this. Your address stands beside theirs in the organization’s audit log, and its owners get a
        letter.
      </p>
    </ConfirmDialog>
  );
}
