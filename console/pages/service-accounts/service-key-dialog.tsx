import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";
import { asProblem } from "../../api/problem-error.ts";
import { createServiceKey, type ServiceAccount } from "../../api/service-accounts.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { KeyShownOnce } from "../settings/key-shown-once.tsx";
import { LimitFields } from "./limit-fields.tsx";
import { useKeyLimits } from "./use-key-limits.ts";

interface Props {
  readonly account: ServiceAccount;
  readonly onClose: () => void;
}

/** Makes a key for a service account, and shows it this one time. */
export default function ServiceKeyDialog({ account, onClose }: Props): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const form = useKeyLimits(account);
  const making = useMutation({
    mutationFn: () => createServiceKey(slug, account.id, form.limits()),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [slug, "keys"] }),
  });
  const name = form.entered.name.trim();
  if (making.data !== undefined) {
    return <KeyShownOnce name={name} value={making.data.key} onClose={onClose} />;
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    making.mutate();
  };
  return (
    <Dialog title={`New key for ${account.name}`} onClose={onClose}>
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={making.error} />
        <LimitFields
          form={form}
          faults={making.error === null ? {} : faultsByField(asProblem(making.error).errors)}
          nameHint="Where it will be used"
        />
        <p className="rf-dim rf-small">
          It may never do more than you may, now and later, and it ends when you leave.
        </p>
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={making.isPending}>
            Make the key
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}
