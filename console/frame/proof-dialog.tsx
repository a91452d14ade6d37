import "@mantine/core/styles/PasswordInput.css";
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { fetchOwnSecurity, fetchProofWish, prove, type Proof } from "../api/own-security.ts";
import { presentPasskey } from "../api/passkeys.ts";
import { Dialog, DialogActs } from "../parts/dialog.tsx";
import { FormProblem } from "../parts/form-problem.tsx";

interface Props {
  readonly onSettled: (proven: boolean) => void;
}

type Way = "password" | "code" | "passkey";

/** Asks for one proof of who it is, by whatever the person has; nothing of what they were doing is lost. */
export default function ProofDialog({ onSettled }: Props): ReactNode {
  const ways = useWays();
  const [chosen, setChosen] = useState<Way | null>(null);
  const way = chosen ?? ways[0] ?? "password";
  const proving = useMutation({ mutationFn: prove, onSuccess: () => onSettled(true) });
  return (
    <Dialog title="Is it still you?" onClose={() => onSettled(false)} size={420}>
      <div className="rf-stack">
        <p className="rf-dim">
          What you are doing is dangerous in the wrong hands, so it asks once more. Then it is open for ten
          minutes.
        </p>
        <FormProblem error={proving.error} />
        {way === "passkey" ? (
          <PasskeyWay onProof={(proof) => proving.mutate(proof)} pending={proving.isPending} />
        ) : (
          <TypedWay
            key={way}
            way={way}
            onProof={(proof) => proving.mutate(proof)}
            pending={proving.isPending}
          />
        )}
        <div className="rf-row">
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
  passkey: "Use a passkey",
};

/** The ways that the person has, the strongest first. */
function useWays(): readonly Way[] {
  const { data } = useQuery({ queryKey: ["own-security"], queryFn: fetchOwnSecurity });
  if (data === undefined) return ["password"];
  const has = (kind: string): boolean => data.factors.some((factor) => factor.kind === kind);
  return [
    ...(has("passkey") ? (["passkey"] as const) : []),
    ...(has("totp") ? (["code"] as const) : []),
    ...(data.password.set ? (["password"] as const) : []),
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
      <Button data-autofocus loading={asking.isPending || pending} onClick={() => asking.mutate()}>
        Use the passkey
      </Button>
    </>
  );
}

function TypedWay({ way, onProof, pending }: WayProps & { readonly way: "password" | "code" }): ReactNode {
  const [text, setText] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onProof(way === "password" ? { password: text } : { code: text.replaceAll(/\s/gu, "") });
    setText("");
  };
  return (
    <form className="rf-stack" onSubmit={submit}>
      {way === "password" ? (
        <PasswordInput
          label="Your password"
          autoComplete="current-password"
          required
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }}
        />
      ) : (
        <TextInput
          label="Code from your authenticator app"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          data-autofocus
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
