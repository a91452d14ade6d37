import { Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { askForEmergency } from "../../api/own-support.ts";
import { asProblem } from "../../api/problem-error.ts";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";

/** Asks to come in without the organization's consent: which, why, under which number. */
export default function AskEmergencyDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const form = useForm({ initialValues: { organization: "", reason: "", reference: "" } });
  const asking = useMutation({
    mutationFn: ({ organization, reason, reference }: typeof form.values) =>
      askForEmergency({
        organization: organization.trim().toLowerCase(),
        reason: reason.trim(),
        reference: reference.trim(),
      }),
    onSuccess: async () => {
      notify({
        title: "Asked",
        detail: "Its owners are told. Call another operator, who has half an hour to confirm it.",
        tone: "good",
      });
      onClose();
      await queryClient.invalidateQueries({ queryKey: ["own-support"] });
    },
    onError: (error) => form.setErrors(faultsByField(asProblem(error).errors)),
  });
  return (
    <Dialog title="Ask in an emergency" onClose={onClose}>
      <form className="rf-stack" onSubmit={form.onSubmit((values) => asking.mutate(values))}>
        <FormProblem error={asking.error} />
        <p>
          As soon as you ask, the organization’s owners get a letter with your address and your reason. When
          another operator has confirmed it you may read for an hour; nothing can be changed or exported.
        </p>
        <TextInput
          label="Organization"
          description="As it stands in its address: acme in /o/acme/"
          required
          data-autofocus
          autoComplete="off"
          {...form.getInputProps("organization")}
        />
        <TextInput
          label="Why it cannot wait"
          description="Its owners read this"
          required
          maxLength={500}
          {...form.getInputProps("reason")}
        />
        <TextInput
          label="Number of the support case"
          required
          maxLength={200}
          {...form.getInputProps("reference")}
        />
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="red" loading={asking.isPending}>
            Ask, and tell its owners
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}
