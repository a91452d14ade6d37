import "@mantine/core/styles/PasswordInput.css";
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { fetchOwnSecurity, fetchProofWish, prove, type Proof } from "../api/own-security.ts";
import { presentPasskey } from "../api/passkeys.ts";
import { Bones } from "../parts/bones.tsx";
import { Dialog, DialogActs } from "../parts/dialog.tsx";
import { FormProblem } from "../parts/form-problem.tsx";

interface Props {
  readonly onSettled: (proven: boolean) => void;
  /** A second factor is asked for, which no password is. */
  readonly factorsOnly?: boolean;
}

type TypedWay = "password" | "code" | "backup-code";
type Way = TypedWay | "passkey" | "sign-in";

/** Asks for one proof of who it is, by whatever the person has; nothing of what they were doing is lost. */
export default function ProofDialog({ onSettled, factorsOnly = false }: Props): ReactNode {
  const ways = useWays().filter((way) => !factorsOnly || (way !== "password" && way !== "sign-in"));
  const [chosen, setChosen] = useState<Way | null>(null);
  const way = chosen ?? ways[0];
  const proving = useMutation({ mutationFn: prove, onSuccess: () => onSettled(true) });
  return (
    <Dialog title="Is it still you?" onClose={() => onSettled(false)} size={420}>
      <div className="rf-stack">
        <p className="rf-dim">
          {factorsOnly
            ? "This organization lets in by a second factor, and this session was opened without yours. It is asked once for this session."
            : "What you are doing could do harm in the wrong hands. Prove once more that it is you; it is not asked again for ten minutes."}
        </p>
        <FormProblem error={proving.error} />
        {way === undefined && <Bones lines={2} />}
        {way === "passkey" && (
          <PasskeyWay onProof={(proof) => proving.mutate(proof)} pending={proving.isPending} />
        )}
        {way === "sign-in" && <SignInWay onDone={() => onSettled(true)} />}
        {way !== undefined && way !== "passkey" && way !== "sign-in" && (
          <TypedProof
            key={way}
            way={way}
            onProof={(proof) => proving.mutate(proof)}
            pending={proving.isPending}
          />
        )}
        <div className="rf-row rf-row--wrap">
          {ways
            .filter((other) => other !== way)
            .map((other) => (
              <Button key={other} variant="subtle" size="compact-sm" onClick={() => setChosen(other)}>
                {names[other]}
              </Button>
            ))}
        </div>
      </div>
    </Dialog>
  );
}

const names: Readonly<Record<Way, string>> = {
  password: "Use the password",
  code: "Use the authenticator app",
  "backup-code": "Use a backup code",
  passkey: "Use a passkey",
  "sign-in": "Sign in again",
};

/** The ways that the person has, the strongest first; none until they are known. To sign in again is always one. */
function useWays(): readonly Way[] {
  const { data, error } = useQuery({ queryKey: ["own-security"], queryFn: fetchOwnSecurity });
  if (data === undefined) return error === null ? [] : ["password", "sign-in"];
  const has = (kind: string): boolean => data.factors.some((factor) => factor.kind === kind);
  return [
    ...(has("passkey") ? (["passkey"] as const) : []),
    ...(has("totp") ? (["code"] as const) : []),
    ...(data.password.set && data.remembered !== true ? (["password"] as const) : []),
    ...(data.backupCodesLeft > 0 ? (["backup-code"] as const) : []),
    "sign-in",
  ];
}

interface WayProps {
  readonly onProof: (proof: Proof) => void;
  readonly pending: boolean;
}

function PasskeyWay({ onProof, pending }: WayProps): ReactNode {
  const asking = useMutation({
    mutationFn: async () => presentPasskey(await fetchProofWish()),
    onSuccess: (passkey) => onProof({ passkey }),
  });
  return (
    <>
      <FormProblem error={asking.error} />
      <Button autoFocus loading={asking.isPending || pending} onClick={() => asking.mutate()}>
        Use the passkey
      </Button>
    </>
  );
}

/** For whoever comes by their organization's identity provider, and has nothing of their own to show here. */
function SignInWay({ onDone }: { readonly onDone: () => void }): ReactNode {
  return (
    <>
      <p>Sign in again in a new tab, as you always do. Then come back here and go on.</p>
      <DialogActs>
        <Button
          component="a"
          href="/sign-in"
          target="_blank"
          rel="noreferrer"
          variant="default"
          data-autofocus
        >
          Sign in again
        </Button>
        <Button onClick={onDone}>Go on</Button>
      </DialogActs>
    </>
  );
}

function proofOf(way: TypedWay, text: string): Proof {
  if (way === "password") return { password: text };
  const code = text.replaceAll(/\s/gu, "");
  return way === "code" ? { code } : { backupCode: code };
}

function TypedProof({ way, onProof, pending }: WayProps & { readonly way: TypedWay }): ReactNode {
  const [text, setText] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onProof(proofOf(way, text));
    setText("");
  };
  return (
    <form className="rf-stack" onSubmit={submit}>
      {way === "password" ? (
        <PasswordInput
          label="Your password"
          autoComplete="current-password"
          required
          autoFocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }}
        />
      ) : (
        <TextInput
          label={way === "code" ? "Code from your authenticator app" : "One of your backup codes"}
          inputMode={way === "code" ? "numeric" : "text"}
          autoComplete="one-time-code"
          required
          autoFocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      <DialogActs>
        <Button type="submit" loading={pending}>
          Go on
        </Button>
      </DialogActs>
    </form>
  );
}
