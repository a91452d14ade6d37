import "@mantine/core/styles/PasswordInput.css";
import { Button, PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState, type FormEvent, type ReactNode } from "react";
import { fetchMe } from "../api/auth.ts";
import { hasPasskeys } from "../api/passkeys.ts";
import { signIn, type SignedIn } from "../api/sign-in.ts";
import { SecondFactorForm } from "../pages/door/second-factor.tsx";
import { usePasskeySignIn } from "../pages/door/use-passkey-sign-in.ts";
import { Dialog, DialogActs } from "../parts/dialog.tsx";
import { FormProblem } from "../parts/form-problem.tsx";
import { useHere } from "./here.tsx";

interface Props {
  readonly onSettled: (signedIn: boolean) => void;
}

/** Signs the same person in again over what they were doing, when their session has ended in the middle of it. */
export default function SignInAgainDialog({ onSettled }: Props): ReactNode {
  const [asksSecond, setAsksSecond] = useState(false);
  const arrive = useArrival(onSettled);
  const goOn = async ({ signedIn, next }: SignedIn): Promise<void> => {
    setAsksSecond(next === "second-factor");
    if (signedIn) await arrive();
  };
  return (
    <Dialog title="Your session has ended" onClose={() => onSettled(false)} size={420} lasting veiled>
      <div className="rf-stack">
        {asksSecond ? (
          <SecondFactorForm onSignedIn={goOn} onBack={() => setAsksSecond(false)} />
        ) : (
          <>
            <p>
              It was ended on another device, or it ran out. Sign in to go on: what you entered is still here.
            </p>
            <FirstProof onProven={goOn} onLeave={() => onSettled(false)} />
          </>
        )}
      </div>
    </Dialog>
  );
}

/** Goes on only as the person who began: what they entered is nobody else's. */
function useArrival(onSettled: Props["onSettled"]): () => Promise<void> {
  const { me } = useHere();
  const queryClient = useQueryClient();
  const arrive = async (): Promise<void> => {
    const { person } = await fetchMe();
    if (person.id !== me.person.id) return window.location.assign("/");
    onSettled(true);
    await queryClient.invalidateQueries();
  };
  const onFocus = useEffectEvent(() => {
    // Perhaps they have signed in in another tab; where not, they are being asked already.
    arrive().catch(() => undefined);
  });
  useEffect(() => {
    const listen = (): void => onFocus();
    window.addEventListener("focus", listen);
    return () => window.removeEventListener("focus", listen);
  }, []);
  return arrive;
}

interface ProofProps {
  readonly onProven: (proven: SignedIn) => Promise<void>;
  readonly onLeave: () => void;
}

function FirstProof({ onProven, onLeave }: ProofProps): ReactNode {
  const { email } = useHere().me.person;
  const [password, setPassword] = useState("");
  const entering = useMutation({
    mutationFn: () => signIn({ email, password }),
    onSuccess: onProven,
    onError: () => setPassword(""),
  });
  const passkey = usePasskeySignIn(onProven);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    entering.mutate();
  };
  return (
    <form className="rf-stack" onSubmit={submit}>
      <FormProblem error={entering.error ?? passkey.error} />
      <input type="email" autoComplete="username" value={email} readOnly hidden />
      <PasswordInput
        label={`Password of ${email}`}
        autoComplete="current-password"
        required
        data-autofocus
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }}
      />
      <div className="rf-row rf-row--wrap">
        {hasPasskeys() && (
          <Button variant="subtle" size="compact-sm" loading={passkey.pending} onClick={passkey.start}>
            Use a passkey
          </Button>
        )}
        <Button
          component="a"
          href="/sign-in"
          target="_blank"
          rel="noreferrer"
          variant="subtle"
          size="compact-sm"
        >
          Sign in another way, in a new tab
        </Button>
      </div>
      <DialogActs>
        <Button variant="default" onClick={onLeave}>
          Leave without saving
        </Button>
        <Button type="submit" loading={entering.isPending}>
          Sign in
        </Button>
      </DialogActs>
    </form>
  );
}
