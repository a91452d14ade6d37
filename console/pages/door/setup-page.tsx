import "./door-styles.ts";
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { claim, fetchClaimed } from "../../api/auth.ts";
import { asProblem } from "../../api/problem-error.ts";
import { suggestedRegion } from "../../format/region-choices.ts";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { RegionFields } from "../../parts/region-fields.tsx";
import { Door } from "./door.tsx";
import { hashToken } from "./hash-token.ts";
import { useHashToken } from "./use-hash-token.ts";

/** The first screen of an installation: the one-time link makes the first organization and its owner. */
export function SetupPage(): ReactNode {
  const token = useHashToken(hashToken);
  const { data } = useQuery({ queryKey: ["claimed"], queryFn: fetchClaimed, retry: false });
  if (data?.claimed === true) return <Claimed />;
  if (token === "") return <NoLink />;
  return <SetupForm token={token} />;
}

function Claimed(): ReactNode {
  return (
    <Door
      title="This installation is set up"
      lead="It has an owner already. If that is you, sign in; if not, ask them to invite you."
    >
      <Button component={Link} to="/sign-in" fullWidth>
        Sign in
      </Button>
    </Door>
  );
}

function NoLink(): ReactNode {
  return (
    <Door
      title="Open the setup link"
      lead="When Ringfence started it printed a one-time link, good for 15 minutes. Copy it from the terminal and open it here. If it has run out, restart Ringfence for a new one."
    >
      <pre className="rf-mono">ringfence start</pre>
    </Door>
  );
}

function SetupForm({ token }: { readonly token: string }): ReactNode {
  const form = useForm({
    initialValues: {
      organization: { name: "", ...browserRegion() },
      person: { name: "", email: "", password: "" },
    },
  });
  const setup = useClaim(token, (faults) => form.setErrors(faults));
  return (
    <Door
      wide
      title="Welcome to Ringfence"
      lead="Two things, and you are in: what your organization is called, and who you are. You will be its owner."
    >
      <FormProblem error={setup.error} />
      <form onSubmit={form.onSubmit((values) => setup.mutate(values))}>
        <h2 className="rf-door__group">Your organization</h2>
        <div className="rf-form">
          <TextInput
            className="rf-form__wide"
            label="Name"
            autoComplete="organization"
            required
            autoFocus
            {...form.getInputProps("organization.name")}
          />
          <RegionFields
            locale={form.getInputProps("organization.locale")}
            timeZone={form.getInputProps("organization.timeZone")}
            currency={form.getInputProps("organization.currency")}
          />
        </div>
        <h2 className="rf-door__group">You</h2>
        <div className="rf-form">
          <TextInput label="Name" autoComplete="name" required {...form.getInputProps("person.name")} />
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            required
            {...form.getInputProps("person.email")}
          />
          <PasswordInput
            className="rf-form__wide"
            label="Password"
            description="Long beats complicated: a few unrelated words are good."
            autoComplete="new-password"
            required
            visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }}
            {...form.getInputProps("person.password")}
          />
        </div>
        <Button type="submit" loading={setup.isPending} fullWidth mt="lg">
          Set up
        </Button>
      </form>
    </Door>
  );
}

function useClaim(token: string, onFaults: (faults: Record<string, string>) => void) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (values: Omit<Parameters<typeof claim>[0], "token">) => claim({ token, ...values }),
    onSuccess: async ({ organization }) => {
      queryClient.clear();
      await navigate({ to: "/o/$organization/contacts", params: { organization }, replace: true });
    },
    onError: (error) => onFaults(faultsByField(asProblem(error).errors)),
  });
}

function browserRegion(): ReturnType<typeof suggestedRegion> {
  return suggestedRegion(navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone);
}
