import { Button, NativeSelect } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { approveGrant, type SupportGrant } from "../../api/support.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";
import { scopeWords } from "../../parts/scope-words.ts";
import { visitLengths } from "../../parts/support-fields.tsx";
import { ScopeChoice } from "./scope-choice.tsx";
import { grantsKey } from "./use-grants.ts";

interface Props {
  readonly grant: SupportGrant;
  readonly onClose: () => void;
}

/** Gives what one of the platform's staff has asked for, or less of it, and for no longer. */
export default function ApproveDialog({ grant, onClose }: Props): ReactNode {
  const { slug, may, formats } = useHere();
  const queryClient = useQueryClient();
  const [permissions, setPermissions] = useState<readonly string[]>(grant.permissions.filter(may));
  const [hours, setHours] = useState(grant.hours);
  const approving = useMutation({
    mutationFn: () => approveGrant(slug, grant.id, { permissions, hours }),
    onSuccess: async () => {
      notify({ title: "Let in", detail: `They may ${scopeWords(permissions)}.`, tone: "good" });
      onClose();
      await queryClient.invalidateQueries({ queryKey: grantsKey(slug) });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    approving.mutate();
  };
  const { operatorName, operatorEmail, reason } = grant;
  const missing = grant.permissions.filter((permission) => !may(permission));
  return (
    <Dialog title={`Let ${operatorName ?? operatorEmail} in?`} onClose={onClose}>
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={approving.error} />
        <p>
          <b>{operatorEmail}</b> asks: {reason}
        </p>
        <ScopeChoice offered={grant.permissions} value={permissions} onChange={setPermissions} />
        {missing.length > 0 && (
          <p className="rf-dim rf-small">
            You lend only what you may do yourself. They asked also to {scopeWords(missing)}.
          </p>
        )}
        {grant.hours > 1 && (
          <NativeSelect
            label="For"
            data={lengths(grant.hours, formats.counted(grant.hours, "hour"))}
            value={String(hours)}
            onChange={(event) => setHours(Number(event.currentTarget.value))}
          />
        )}
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Not now
          </Button>
          <Button type="submit" disabled={permissions.length === 0} loading={approving.isPending}>
            Let them in
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}

/** No longer than was asked for. */
function lengths(asked: number, label: string): { value: string; label: string }[] {
  return [...visitLengths.filter(({ value }) => Number(value) < asked), { value: String(asked), label }];
}
