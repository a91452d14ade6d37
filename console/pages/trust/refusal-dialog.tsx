import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { refuseEmergencies } from "../../api/support.ts";
import { useHere } from "../../frame/here.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { notify } from "../../parts/notify.tsx";
import { grantsKey } from "./use-grants.ts";

interface Props {
  /** What holds now; the dialog makes it the other. */
  readonly refused: boolean;
  /** How many emergencies are under way. */
  readonly open: number;
  readonly onClose: () => void;
}

/** Refuses that anybody comes in without the organization's consent, or takes that back, after saying what happens then. */
export default function RefusalDialog({ refused, open, onClose }: Props): ReactNode {
  const { slug, formats } = useHere();
  const queryClient = useQueryClient();
  const changing = useMutation({
    mutationFn: () => refuseEmergencies(slug, !refused),
    onSuccess: async (policy) => {
      queryClient.setQueryData([slug, "support-policy"], policy);
      notify({
        title: refused ? "The refusal is taken back" : "Emergency access is refused",
        detail: "It stands in your audit log.",
        tone: "good",
      });
      onClose();
      await queryClient.invalidateQueries({ queryKey: grantsKey(slug) });
    },
  });
  return (
    <ConfirmDialog
      title={refused ? "Take the refusal back?" : "Refuse emergency access?"}
      act={refused ? "Take it back" : "Refuse it"}
      keep="Leave it as it is"
      error={changing.error}
      pending={changing.isPending}
      onConfirm={() => changing.mutate()}
      onClose={onClose}
    >
      {refused ? (
        <p>
          Where the installation allows it, two of the platform’s staff together can then let one of them in
          to read for an hour, without asking you first. You are told each time.
        </p>
      ) : (
        <>
          <p>
            Nobody of the platform’s staff comes in without your consent any more, not even while your records
            are at stake and none of you can be reached. You can still let somebody in yourselves, and take
            this back.
          </p>
          {open > 0 && <p>{formats.counted(open, "emergency", "emergencies")} under way will end at once.</p>}
        </>
      )}
    </ConfirmDialog>
  );
}
