import { Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { askForSupport, type OwnSupport } from "../../api/own-support.ts";
import { asProblem } from "../../api/problem-error.ts";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";
import { nothingEntered, SupportFields, supportFrom } from "../../parts/support-fields.tsx";
import { ScopeChoice } from "../trust/scope-choice.tsx";

interface Props {
  readonly support: Pick<OwnSupport, "lendable" | "lentByDefault">;
  readonly onClose: () => void;
}

/** Asks an organization to be let in: which, why, for how long, to what. */
export default function AskSupportDialog({ support, onClose }: Props): ReactNode {
  const queryClient = useQueryClient();
  const form = useForm({ initialValues: { organization: "", ...nothingEntered } });
  const [permissions, setPermissions] = useState(support.lentByDefault);
  const asking = useMutation({
    mutationFn: ({ organization, ...visit }: typeof form.values) =>
      askForSupport({
        organization: organization.trim().toLowerCase(),
        permissions,
        ...supportFrom(visit),
      }),
    onSuccess: async () => {
      notify({
        title: "Asked",
        detail: "Its owners are told, and you are when they let you in.",
        tone: "good",
      });
      onClose();
      await queryClient.invalidateQueries({ queryKey: ["own-support"] });
    },
    onError: (error) => form.setErrors(faultsByField(asProblem(error).errors)),
  });
  return (
    <Dialog title="Ask an organization" onClose={onClose}>
      <form className="rf-stack" onSubmit={form.onSubmit((values) => asking.mutate(values))}>
        <FormProblem error={asking.error} />
        <TextInput
          label="Organization"
          description="As it stands in its address: acme in /o/acme/"
          required
          data-autofocus
          autoComplete="off"
          {...form.getInputProps("organization")}
        />
        <SupportFields form={form} reasonHint="Its owners read this before they decide" />
        <ScopeChoice offered={support.lendable} asking value={permissions} onChange={setPermissions} />
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={permissions.length === 0} loading={asking.isPending}>
            Ask
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}
