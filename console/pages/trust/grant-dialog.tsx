import { Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { giveGrant } from "../../api/support.ts";
import { asProblem } from "../../api/problem-error.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { notify } from "../../parts/notify.tsx";
import { scopeWords } from "../../parts/scope-words.ts";
import { nothingEntered, SupportFields, supportFrom } from "../../parts/support-fields.tsx";
import { ScopeChoice } from "./scope-choice.tsx";
import { grantsKey } from "./use-grants.ts";
import { useSupportPolicy } from "./use-support-policy.ts";

/** Lets one of the platform's staff in: who, why, for how long, to what. */
export default function GrantDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { slug, may } = useHere();
  const queryClient = useQueryClient();
  const policy = useSupportPolicy();
  const form = useForm({ initialValues: { operator: "", ...nothingEntered } });
  // Null while it is as the server would have it.
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const permissions = chosen ?? (policy.data?.lentByDefault ?? []).filter(may);
  const giving = useMutation({
    mutationFn: ({ operator, ...visit }: typeof form.values) =>
      giveGrant(slug, {
        operator: operator.trim(),
        permissions,
        ...supportFrom(visit),
      }),
    onSuccess: async () => {
      notify({
        title: "Let in",
        detail: `They may ${scopeWords(permissions)}. Every look is in your audit log.`,
        tone: "good",
      });
      onClose();
      await queryClient.invalidateQueries({ queryKey: grantsKey(slug) });
    },
    onError: (error) => form.setErrors(faultsByField(asProblem(error).errors)),
  });
  return (
    <Dialog title="Let somebody in" onClose={onClose}>
      <form className="rf-stack" onSubmit={form.onSubmit((values) => giving.mutate(values))}>
        <FormProblem error={giving.error} />
        <TextInput
          label="Their e-mail address"
          description="They must be of the platform's staff; we do not say whether they are"
          type="email"
          required
          data-autofocus
          {...form.getInputProps("operator")}
        />
        <SupportFields form={form} reasonHint="It stands in your audit log" />
        <Loaded query={policy} lines={5}>
          {({ lendable }) => (
            <ScopeChoice offered={lendable.filter(may)} value={permissions} onChange={setChosen} />
          )}
        </Loaded>
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={permissions.length === 0} loading={giving.isPending}>
            Let them in
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}
