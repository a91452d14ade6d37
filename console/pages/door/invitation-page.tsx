import "./door-styles.ts";
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { acceptInvitation, fetchInvitation, type InvitationOffer } from "../../api/auth.ts";
import { asProblem } from "../../api/problem-error.ts";
import { Bones } from "../../parts/bones.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { Door } from "./door.tsx";
import { hashToken } from "./hash-token.ts";

/** What an invitation offers, and how to take it. */
export function InvitationPage(): ReactNode {
  const [token] = useState(() => hashToken());
  const { data, error } = useQuery({
    queryKey: ["invitation", token],
    queryFn: () => fetchInvitation(token),
    enabled: token !== "",
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error !== null || token === "") return <NotValid error={error} />;
  if (data === undefined) {
    return (
      <Door title="An invitation" lead="Looking it up.">
        <Bones lines={3} />
      </Door>
    );
  }
  return <Acceptance token={token} offer={data} />;
}

function NotValid({ error }: { readonly error: unknown }): ReactNode {
  const detail = error === null ? undefined : asProblem(error).detail;
  return (
    <Door
      title="This invitation cannot be used"
      lead={detail ?? "It was used, taken back, or it ran out. Ask whoever invited you for a new one."}
    >
      <Button component={Link} to="/sign-in" variant="default" fullWidth>
        Sign in instead
      </Button>
    </Door>
  );
}

function Acceptance({
  token,
  offer,
}: {
  readonly token: string;
  readonly offer: InvitationOffer;
}): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const form = useForm({ initialValues: { name: "", password: "" } });
  const accept = useMutation({
    mutationFn: (values: { name: string; password: string }) =>
      acceptInvitation(token, offer.known ? { password: values.password } : values),
    onSuccess: async () => {
      queryClient.clear();
      await navigate({ to: "/", replace: true });
    },
    onError: (error) => form.setErrors(faultsByField(asProblem(error).errors)),
  });
  return (
    <Door
      title={`Join ${offer.organization}`}
      lead={`You were invited as ${offer.roles.join(", ")}, with ${offer.email}.`}
    >
      <FormProblem error={accept.error} />
      <form className="rf-stack" onSubmit={form.onSubmit((values) => accept.mutate(values))}>
        <input type="email" autoComplete="username" value={offer.email} readOnly hidden />
        {!offer.known && (
          <TextInput
            label="Your name"
            autoComplete="name"
            required
            autoFocus
            {...form.getInputProps("name")}
          />
        )}
        <PasswordInput
          label={offer.known ? "Your password" : "Choose a password"}
          description={
            offer.known
              ? "The one you sign in with elsewhere on this Ringfence."
              : "Long beats complicated: a few unrelated words are good."
          }
          autoComplete={offer.known ? "current-password" : "new-password"}
          required
          visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }}
          {...form.getInputProps("password")}
        />
        <Button type="submit" loading={accept.isPending} fullWidth>
          Join
        </Button>
      </form>
    </Door>
  );
}
