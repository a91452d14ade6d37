import "@mantine/core/styles/PasswordInput.css";
import { Button, Checkbox, PasswordInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { changePassword } from "../../api/own-security.ts";
import { asProblem } from "../../api/problem-error.ts";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";

const eye = { "aria-label": "Show the password", tabIndex: 0 };

/** Another password; by default every other session ends with the old one. */
export default function PasswordDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const form = useForm({ initialValues: { current: "", password: "", endOthers: true } });
  const changing = useMutation({
    mutationFn: changePassword,
    onSuccess: async () => {
      notify({ title: "Password changed", detail: "A mail about it is on its way to you.", tone: "good" });
      onClose();
      await queryClient.invalidateQueries();
    },
    onError: (error) => form.setErrors(faultsByField(asProblem(error).errors)),
  });
  return (
    <Dialog title="Change the password" onClose={onClose}>
      <form className="rf-stack" onSubmit={form.onSubmit((values) => changing.mutate(values))}>
        <FormProblem error={changing.error} />
        <PasswordInput
          label="The password you have"
          autoComplete="current-password"
          required
          data-autofocus
          visibilityToggleButtonProps={eye}
          {...form.getInputProps("current")}
        />
        <PasswordInput
          label="The new one"
          description="Long beats complicated: a few unrelated words are good."
          autoComplete="new-password"
          required
          visibilityToggleButtonProps={eye}
          {...form.getInputProps("password")}
        />
        <Checkbox label="End my other sessions" {...form.getInputProps("endOthers", { type: "checkbox" })} />
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={changing.isPending}>
            Change it
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}
