import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { endServiceAccount, type ServiceAccount } from "../../api/service-accounts.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";

interface Props {
  readonly account: ServiceAccount;
  readonly onClose: () => void;
}

/** Ends a service account for good; asks for its name, since its program stops in the same moment. */
export default function EndDialog({ account, onClose }: Props): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const ending = useMutation({
    mutationFn: () => endServiceAccount(slug, account.id),
    onSuccess: async () => {
      notify({ title: `Ended ${account.name}`, detail: "Nothing of it works any more.", tone: "good" });
      await navigate({ to: "/o/$organization/service-accounts", params: { organization: slug } });
      queryClient.removeQueries({ queryKey: [slug, "service-accounts", account.id] });
      await queryClient.invalidateQueries({ queryKey: [slug, "service-accounts"] });
    },
  });
  return (
    <Dialog title={`End ${account.name}?`} onClose={onClose}>
      <div className="rf-stack">
        <FormProblem error={ending.error} />
        <p>
          Its keys, public keys and tokens are refused from their next request, and the program stops. What it
          did stays in the audit trail. It cannot be brought back.
        </p>
        <TextInput
          label={`Type ${account.name} to confirm`}
          data-autofocus
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Keep it
          </Button>
          <Button
            color="red"
            disabled={typed !== account.name}
            loading={ending.isPending}
            onClick={() => ending.mutate()}
          >
            End it
          </Button>
        </DialogActs>
      </div>
    </Dialog>
  );
}
