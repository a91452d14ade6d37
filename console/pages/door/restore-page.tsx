import "./door-styles.ts";
import { Button, PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type FormEvent, type ReactNode } from "react";
import { asProblem } from "../../api/problem-error.ts";
import { restoreOwner, whoseRestore } from "../../api/sign-in.ts";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { Door } from "./door.tsx";
import { LinkLookup } from "./link-lookup.tsx";

/** The way back for an owner who lost everything, by a link that the operator made on the server. */
export function RestorePage(): ReactNode {
  return (
    <LinkLookup name="restore" title="Welcome back" lookUp={whoseRestore} lost={lost}>
      {({ name, email, organization }, token) => (
        <Door
          title={`Welcome back, ${name}`}
          lead={`As owner of ${organization}. Every session and every second factor that you had ends with this, and the audit log says so.`}
        >
          <NewStart token={token} email={email} />
        </Door>
      )}
    </LinkLookup>
  );
}

const lost = (): ReactNode => (
  <Door
    title="This link is not valid any more"
    lead="It is good once and for 15 minutes. Ask whoever runs the server for a new one."
  />
);

function NewStart({ token, email }: { readonly token: string; readonly email: string }): ReactNode {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [password, setPassword] = useState("");
  const restoring = useMutation({
    mutationFn: () => restoreOwner(token, password),
    onSuccess: async ({ organization }) => {
      queryClient.clear();
      await navigate({ to: "/o/$organization/own-security", params: { organization }, replace: true });
    },
  });
  const faults = restoring.error === null ? {} : faultsByField(asProblem(restoring.error).errors);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    restoring.mutate();
  };
  return (
    <form className="rf-stack" onSubmit={submit}>
      <FormProblem error={restoring.error} />
      <input type="email" autoComplete="username" value={email} readOnly hidden />
      <PasswordInput
        label="A new password"
        autoFocus
        description="Leave it empty to keep the one you have"
        autoComplete="new-password"
        value={password}
        error={faults["password"]}
        onChange={(event) => setPassword(event.currentTarget.value)}
        visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }}
      />
      <Button type="submit" loading={restoring.isPending} fullWidth>
        Sign in
      </Button>
    </form>
  );
}
