import "./door-styles.ts";
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, type ReactNode } from "react";
import {
  acceptInvitation,
  fetchInvitation,
  joinAsMyself,
  signOut,
  type InvitationOffer,
  type Joined,
} from "../../api/auth.ts";
import { asProblem } from "../../api/problem-error.ts";
import { meQuery } from "../../frame/queries.ts";
import { Bones } from "../../parts/bones.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { Door } from "./door.tsx";
import { LinkLookup } from "./link-lookup.tsx";
import { forgetInvitation, invitationToken } from "./invitation-token.ts";

interface Props {
  readonly token: string;
  readonly offer: InvitationOffer;
}

/** What an invitation offers, and how to take it. */
export function InvitationPage(): ReactNode {
  const { token: fromPath } = useParams({ from: "/invitation/$token" });
  const read = useCallback(() => invitationToken(fromPath), [fromPath]);
  return (
    <LinkLookup name="invitation" title="An invitation" read={read} lookUp={fetchInvitation} lost={lost}>
      {(offer, token) => (
        <Door title={`Join ${offer.organization}`} lead={leadOf(offer)}>
          {offer.known ? (
            <JoinAsMyself token={token} offer={offer} />
          ) : (
            <NewAccount token={token} offer={offer} />
          )}
        </Door>
      )}
    </LinkLookup>
  );
}

function leadOf({ invitedBy, roles, email }: InvitationOffer): string {
  const by = invitedBy === null || invitedBy === undefined ? "You were invited" : `${invitedBy} invited you`;
  return `${by} as ${roles.join(", ")}, with ${email}.`;
}

const lost = (
  detail = "It was used, taken back, or it ran out. Ask whoever invited you for a new one.",
): ReactNode => (
  <Door title="This invitation cannot be used" lead={detail}>
    <Button component={Link} to="/sign-in" variant="default" fullWidth>
      Sign in instead
    </Button>
  </Door>
);

/** For somebody who has an account: they join with their own session, never with a password typed into an invitation. */
function JoinAsMyself({ token, offer }: Props): ReactNode {
  const { data: me, isPending } = useQuery({ ...meQuery, retry: false });
  const arrive = useArrival();
  const join = useMutation({ mutationFn: () => joinAsMyself(token), onSuccess: arrive });
  if (isPending) return <Bones lines={2} />;
  if (me === undefined) {
    return (
      <Button
        fullWidth
        renderRoot={(props) => <Link to="/sign-in" search={{ to: "/invitation/accept" }} {...props} />}
      >
        Sign in as {offer.email} to join
      </Button>
    );
  }
  if (me.person.email.toLowerCase() !== offer.email.toLowerCase())
    return <AnotherPerson email={me.person.email} />;
  return (
    <>
      <FormProblem error={join.error} />
      <Button loading={join.isPending} onClick={() => join.mutate()} fullWidth>
        Join as {me.person.name}
      </Button>
    </>
  );
}

function AnotherPerson({ email }: { readonly email: string }): ReactNode {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const leave = async (): Promise<void> => {
    await signOut();
    queryClient.clear();
    await navigate({ to: "/sign-in", search: { to: "/invitation/accept" } });
  };
  return (
    <>
      <p className="rf-door__lead">You are signed in as {email}. The invitation is for another address.</p>
      <Button variant="default" onClick={() => void leave()} fullWidth>
        Sign out and use the other account
      </Button>
    </>
  );
}

function NewAccount({ token, offer }: Props): ReactNode {
  const arrive = useArrival();
  const form = useForm({ initialValues: { name: "", password: "" } });
  const accept = useMutation({
    mutationFn: (account: { name: string; password: string }) => acceptInvitation(token, account),
    onSuccess: arrive,
    onError: (error) => form.setErrors(faultsByField(asProblem(error).errors)),
  });
  return (
    <form className="rf-stack" onSubmit={form.onSubmit((values) => accept.mutate(values))}>
      <FormProblem error={accept.error} />
      <input type="email" autoComplete="username" value={offer.email} readOnly hidden />
      <TextInput label="Your name" autoComplete="name" required autoFocus {...form.getInputProps("name")} />
      <PasswordInput
        label="Choose a password"
        description="Long beats complicated: a few unrelated words are good."
        autoComplete="new-password"
        required
        visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }}
        {...form.getInputProps("password")}
      />
      <Button type="submit" loading={accept.isPending} fullWidth>
        Join
      </Button>
    </form>
  );
}

function useArrival(): (joined: Joined) => Promise<void> {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  return async ({ organization }) => {
    forgetInvitation();
    queryClient.clear();
    await navigate({ to: "/o/$organization/contacts", params: { organization }, replace: true });
  };
}
