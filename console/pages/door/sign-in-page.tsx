import "./door-styles.ts";
import { Alert, Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { signIn } from "../../api/auth.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { Door } from "./door.tsx";
import { safeReturnPath } from "./safe-return-path.ts";

/** Sign-in; afterwards the person is back where they were. */
export function SignInPage(): ReactNode {
  const { to, ended } = useSearch({ from: "/sign-in" });
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const form = useForm({ initialValues: { email: "", password: "" } });
  const enter = useMutation({
    mutationFn: signIn,
    onSuccess: async () => {
      queryClient.clear();
      await navigate({ href: safeReturnPath(to), replace: true });
    },
    onError: () => form.setFieldValue("password", ""),
  });
  return (
    <Door title="Sign in" lead="With the e-mail address that your organization knows you by.">
      {ended === true && enter.error === null && (
        <Alert color="yellow" variant="light" mb="sm" title="Your session has ended">
          It was ended on another device, or it ran out. Sign in to go on where you were.
        </Alert>
      )}
      <FormProblem error={enter.error} />
      <form className="rf-stack" onSubmit={form.onSubmit((values) => enter.mutate(values))}>
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          autoFocus
          {...form.getInputProps("email")}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          {...form.getInputProps("password")}
          visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }}
        />
        <Button type="submit" loading={enter.isPending} fullWidth>
          Sign in
        </Button>
      </form>
    </Door>
  );
}
