import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { removeFactor, type Factor } from "../../api/own-security.ts";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";

interface Props {
  readonly factor: Factor;
  readonly last: boolean;
  readonly onClose: () => void;
}

/** Takes a factor away, after saying what is left then. */
export default function RemoveFactorDialog({ factor, last, onClose }: Props): ReactNode {
  const removal = useRemoval(onClose);
  return (
    <Dialog title={`Remove ${factor.name}?`} onClose={onClose}>
      <div className="rf-stack">
        <FormProblem error={removal.error} />
        <p>
          {last
            ? "It is your last one. A password alone opens your account then, and organizations that ask for a second factor close to you."
            : "It signs you in no more. Your other factors stay."}
        </p>
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Keep it
          </Button>
          <Button color="red" loading={removal.isPending} onClick={() => removal.mutate(factor.id)}>
            Remove
          </Button>
        </DialogActs>
      </div>
    </Dialog>
  );
}

function useRemoval(onDone: () => void) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: removeFactor,
    onSuccess: async () => {
      notify({ title: "Removed", tone: "good" });
      onDone();
      await queryClient.invalidateQueries({ queryKey: ["own-security"] });
    },
  });
}
