import "./door-styles.ts";
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { asProblem } from "../../api/problem-error.ts";
import { askForReset, resetPassword } from "../../api/sign-in.ts";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { Door } from "./door.tsx";
import { hashToken } from "./hash-token.ts";
import { useHashToken } from "./use-hash-token.ts";

/** A forgotten password: without a link it asks for one, with one it sets a new password. */
export function PasswordResetPage(): ReactNode {
  const token = useHashToken(hashToken);
  return token === "" ? <AskForMail /> : <NewPassword token={token} />;
}

function AskForMail(): ReactNode {
  const form = useForm({ initialValues: { email: "" } });
  const asking = useMutation({ mutationFn: ({ email }: { email: string }) => askForReset(email) });
  if (asking.isSuccess) {
    return (
      <Door
        title="Look into your mail"
        lead={`If ${form.values.email} belongs to an account, a link is on its way, good for an hour, and once. None comes where your organization takes no passwords: sign in with a passkey, by a link or by its identity provider.`}
      >
        <BackToSignIn />
      </Door>
    );
  }
  return (
    <Door
      title="Set a new password"
      lead="We mail you a link. The password you have keeps working until you use it."
    >
      <FormProblem error={asking.error} />
      <form className="rf-stack" onSubmit={form.onSubmit((values) => asking.mutate(values))}>
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          autoFocus
          {...form.getInputProps("email")}
        />
        <Button type="submit" loading={asking.isPending} fullWidth>
          Mail me a link
        </Button>
        <BackToSignIn />
      </form>
    </Door>
  );
}

function NewPassword({ token }: { readonly token: string }): ReactNode {
  const form = useForm({ initialValues: { password: "" } });
  const setting = useMutation({
    mutationFn: ({ password }: { password: string }) => resetPassword(token, password),
    onError: (error) => form.setErrors(faultsByField(asProblem(error).errors)),
  });
  if (setting.isSuccess) {
    return (
      <Door
        title="The password is set"
        lead="Every session of yours was ended. Sign in with the new one; if you have a second factor, it is asked as ever."
      >
        <BackToSignIn primary />
      </Door>
    );
  }
  return (
    <Door title="Choose a new password" lead="Every session that is open now ends with the old one.">
      <FormProblem error={setting.error} />
      <form className="rf-stack" onSubmit={form.onSubmit((values) => setting.mutate(values))}>
        <PasswordInput
          label="New password"
          description="Long beats complicated: a few unrelated words are good."
          autoComplete="new-password"
          required
          autoFocus
          visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }}
          {...form.getInputProps("password")}
        />
        <Button type="submit" loading={setting.isPending} fullWidth>
          Set it
        </Button>
      </form>
    </Door>
  );
}

function BackToSignIn({ primary = false }: { readonly primary?: boolean }): ReactNode {
  return (
    <Button component={Link} to="/sign-in" variant={primary ? "filled" : "default"} fullWidth>
      {primary ? "Sign in" : "Back to sign-in"}
    </Button>
  );
}
