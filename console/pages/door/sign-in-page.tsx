import "./door-styles.ts";
import { Alert, Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { ssoAddress } from "../../api/entrance.ts";
import type { SignedIn } from "../../api/sign-in.ts";
import { Door } from "./door.tsx";
import { safeReturnPath } from "./safe-return-path.ts";
import { FirstProof } from "./first-proof.tsx";
import { SecondFactor } from "./second-factor.tsx";

/** Sign-in, whichever way; afterwards the person is back where they were. */
export function SignInPage(): ReactNode {
  const { ended, step, refused, request, sso, to } = useSearch({ from: "/sign-in" });
  const [asksSecond, setAsksSecond] = useState(step === "second-factor");
  const goOn = useGoingOn(() => setAsksSecond(true));
  if (asksSecond) return <SecondFactor onSignedIn={goOn} onBack={() => setAsksSecond(false)} />;
  return (
    <Door title="Sign in" lead="With the e-mail address that your organization knows you by.">
      {ended === true && (
        <Alert color="yellow" variant="light" mb="sm" title="Your session has ended">
          It was ended on another device, or it ran out. Sign in to go on where you were.
        </Alert>
      )}
      {refused !== undefined && (
        <Alert color="red" variant="light" mb="sm" title="Single sign-on did not let you in">
          Try once more. If it stays so, give your administrator this: {request}
        </Alert>
      )}
      {sso !== undefined && (
        <Button component="a" href={ssoAddress(sso, to)} variant="light" fullWidth mb="md">
          Go on to your identity provider
        </Button>
      )}
      <FirstProof onProven={goOn} />
    </Door>
  );
}

/** What follows a proof: the second factor where one is asked, else back to where the person was. */
export function useGoingOn(onSecond: () => void): (proven: SignedIn) => Promise<void> {
  const { to } = useSearch({ strict: false });
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  return async ({ signedIn, next }) => {
    if (next === "second-factor") onSecond();
    if (!signedIn) return;
    queryClient.clear();
    await navigate({ href: safeReturnPath(to), replace: true });
  };
}
