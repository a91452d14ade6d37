import "./door-styles.ts";
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { confirmEmail, followLink, unlock } from "../../api/sign-in.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { Door } from "./door.tsx";
import { hashToken } from "./hash-token.ts";
import { SecondFactor } from "./second-factor.tsx";
import { useGoingOn } from "./sign-in-page.tsx";
import { useHashToken } from "./use-hash-token.ts";

/**
 * The link that signs in. Opening the page uses nothing up: programs that look through mails open links too, and only the
 * button sends.
 */
export function MagicLinkPage(): ReactNode {
  const token = useHashToken(hashToken);
  const [asksSecond, setAsksSecond] = useState(false);
  const goOn = useGoingOn(() => setAsksSecond(true));
  const following = useMutation({ mutationFn: () => followLink(token), onSuccess: goOn });
  if (asksSecond) return <SecondFactor onSignedIn={goOn} onBack={() => setAsksSecond(false)} />;
  if (token === "") return <NoToken />;
  if (following.data?.code !== undefined) return <CodeForTheOther code={following.data.code} />;
  return (
    <Door title="Sign in with this link" lead="One press, and you are in. The link is good once.">
      <FormProblem error={following.error} />
      <Button loading={following.isPending} onClick={() => following.mutate()} fullWidth autoFocus>
        Sign in
      </Button>
    </Door>
  );
}

function CodeForTheOther({ code }: { readonly code: string }): ReactNode {
  return (
    <Door
      title="Type this where you asked for the link"
      lead="This is not the browser that asked. Did you ask for it? Then type these digits there. If not, close this page: nobody gets in."
    >
      <output className="rf-door__code">{`${code.slice(0, 3)} ${code.slice(3)}`}</output>
    </Door>
  );
}

/** Confirms a change of address at one of the two mailboxes. */
export function ConfirmEmailPage(): ReactNode {
  const token = useHashToken(hashToken);
  const confirming = useMutation({ mutationFn: () => confirmEmail(token) });
  if (token === "") return <NoToken />;
  if (confirming.isSuccess) {
    const done = confirming.data.done;
    return (
      <Door
        title={done ? "The address is changed" : "One of two is confirmed"}
        lead={
          done
            ? "Sign in with the new address from now on."
            : "The change holds when the link in the other mailbox was used too."
        }
      >
        <ToSignIn />
      </Door>
    );
  }
  return (
    <Door title="Confirm the change of address" lead="Only if you asked for it yourself.">
      <FormProblem error={confirming.error} />
      <Button loading={confirming.isPending} onClick={() => confirming.mutate()} fullWidth autoFocus>
        Confirm
      </Button>
    </Door>
  );
}

/** Opens an account again after too many wrong passwords. */
export function UnlockPage(): ReactNode {
  const token = useHashToken(hashToken);
  const unlocking = useMutation({ mutationFn: () => unlock(token) });
  if (token === "") return <NoToken />;
  if (unlocking.isSuccess) {
    return (
      <Door
        title="Your account is open again"
        lead="Somebody had tried many wrong passwords. Yours was not among them."
      >
        <ToSignIn />
      </Door>
    );
  }
  return (
    <Door
      title="Open your account again"
      lead="It takes no passwords since too many wrong ones came in, from you or from somebody else."
    >
      <FormProblem error={unlocking.error} />
      <Button loading={unlocking.isPending} onClick={() => unlocking.mutate()} fullWidth autoFocus>
        Open it
      </Button>
    </Door>
  );
}

function NoToken(): ReactNode {
  return (
    <Door
      title="The link is not whole"
      lead="Copy it from the mail up to its last character, or ask for a new one on the sign-in page."
    >
      <ToSignIn />
    </Door>
  );
}

function ToSignIn(): ReactNode {
  return (
    <Button component={Link} to="/sign-in" fullWidth>
      Sign in
    </Button>
  );
}
