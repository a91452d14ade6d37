import { Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { askForSupport } from "../../api/own-support.ts";
import { asProblem } from "../../api/problem-error.ts";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";
import { nothingEntered, SupportFields, supportFrom } from "../../parts/support-fields.tsx";

/** Asks an organization to be let in: which, why, for how long. */
export default function AskSupportDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const form = useForm({ initialValues: { organization: "", ...nothingEntered } });
  const asking = useMutation({
    mutationFn: ({ organization, ...visit }: typeof form.values) =>
      askForSupport({
        organization: organization.trim().toLowerCase(),
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
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={asking.isPending}>
            Ask
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}
