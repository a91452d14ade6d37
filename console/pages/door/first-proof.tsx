import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconKey, IconMail } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { hasPasskeys } from "../../api/passkeys.ts";
import { askForLink, discover, signIn, type Connection, type SignedIn } from "../../api/sign-in.ts";
import { ssoAddress } from "../../api/entrance.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { LinkSent } from "./link-sent.tsx";
import { usePasskeySignIn } from "./use-passkey-sign-in.ts";

interface Props {
  readonly onProven: (proven: SignedIn) => Promise<void>;
}

/** The first proof: a password, a passkey, a link by mail, or the organization's own identity provider. */
export function FirstProof({ onProven }: Props): ReactNode {
  const form = useForm({ initialValues: { email: "", password: "" } });
  const { email } = form.values;
  const homes = useMutation({ mutationFn: discover });
  const link = useMutation({ mutationFn: () => askForLink(email) });
  const passkey = usePasskeySignIn(onProven);
  const enter = useMutation({
    mutationFn: signIn,
    onSuccess: onProven,
    onError: () => form.setFieldValue("password", ""),
  });
  const lookForHome = (): void => {
    if (/.@.+\../u.test(email)) homes.mutate(email);
  };
  if (link.isSuccess) return <LinkSent email={email} onProven={onProven} onBack={() => link.reset()} />;
  return (
    <>
      <FormProblem error={enter.error ?? link.error ?? passkey.error} />
      <form className="rf-stack" onSubmit={form.onSubmit((values) => enter.mutate(values))}>
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username webauthn"
          required
          autoFocus
          {...form.getInputProps("email")}
          onBlur={lookForHome}
        />
        <Homes connections={homes.data?.connections ?? []} />
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
      <OtherWays
        email={email}
        onLink={() => link.mutate()}
        linkPending={link.isPending}
        onPasskey={passkey.start}
        passkeyPending={passkey.pending}
      />
    </>
  );
}

function Homes({ connections }: { readonly connections: readonly Connection[] }): ReactNode {
  const { to } = useSearch({ strict: false });
  if (connections.length === 0) return null;
  return (
    <div className="rf-stack rf-stack--tight" role="status">
      {connections.map(({ id, name, organization }) => (
        <Button
          key={id}
          component="a"
          href={ssoAddress(id, to)}
          variant="light"
          fullWidth
          className="rf-door__home"
        >
          {`Continue with ${name} (${organization})`}
        </Button>
      ))}
    </div>
  );
}

interface WaysProps {
  readonly email: string;
  readonly onLink: () => void;
  readonly linkPending: boolean;
  readonly onPasskey: () => void;
  readonly passkeyPending: boolean;
}

function OtherWays({ email, onLink, linkPending, onPasskey, passkeyPending }: WaysProps): ReactNode {
  const [asksEmail, setAsksEmail] = useState(false);
  const sendLink = (): void => {
    setAsksEmail(email === "");
    if (email !== "") onLink();
  };
  return (
    <div className="rf-door__ways">
      {hasPasskeys() && (
        <Button
          variant="default"
          leftSection={<IconKey size={16} />}
          loading={passkeyPending}
          onClick={onPasskey}
        >
          Use a passkey
        </Button>
      )}
      <Button variant="default" leftSection={<IconMail size={16} />} loading={linkPending} onClick={sendLink}>
        Mail me a link
      </Button>
      {asksEmail && (
        <p role="alert" className="rf-small rf-door__ways-note">
          Fill in your e-mail address first; the link goes there.
        </p>
      )}
      <Link to="/reset-password" className="rf-small rf-door__ways-note">
        Forgot the password?
      </Link>
    </div>
  );
}
