import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { endServiceAccount, type ServiceAccount } from "../../api/service-accounts.ts";
import { useHere } from "../../frame/here.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
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
    <ConfirmDialog
      title={`End ${account.name}?`}
      name={account.name}
      act="End it"
      error={ending.error}
      pending={ending.isPending}
      onConfirm={() => ending.mutate()}
      onClose={onClose}
    >
      <p>
        Its keys, public keys and tokens are refused from their next request, and the program stops. What it
        did stays in the audit trail. It cannot be brought back.
      </p>
    </ConfirmDialog>
  );
}
