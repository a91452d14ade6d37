import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { askForSupport } from "../../api/own-support.ts";
import { asProblem } from "../../api/problem-error.ts";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";

/** Asks an organization to be let in: which, why, for how long. */
export default function AskSupportDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const form = useForm({ initialValues: { organization: "", reason: "", reference: "", hours: "2" } });
  const asking = useMutation({
    mutationFn: ({ organization, reason, reference, hours }: typeof form.values) =>
      askForSupport({
        organization: organization.trim().toLowerCase(),
        reason: reason.trim(),
        hours: Number(hours),
        ...(reference.trim() === "" ? {} : { reference: reference.trim() }),
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
        <TextInput
          label="What for"
          description="Its owners read this before they decide"
          required
          maxLength={500}
          {...form.getInputProps("reason")}
        />
        <TextInput label="Number of the support case" maxLength={200} {...form.getInputProps("reference")} />
        <NativeSelect
          label="For"
          data={[
            { value: "1", label: "An hour" },
            { value: "2", label: "2 hours" },
            { value: "8", label: "8 hours" },
            { value: "24", label: "A day" },
          ]}
          {...form.getInputProps("hours")}
        />
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
