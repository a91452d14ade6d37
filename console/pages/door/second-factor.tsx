import { Button, Checkbox, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState, type FormEvent, type ReactNode } from "react";
import { presentPasskey } from "../../api/passkeys.ts";
import {
  fetchSecondPasskey,
  giveCode,
  giveSecondPasskey,
  takeSecondStep,
  type FactorKind,
  type SignedIn,
} from "../../api/sign-in.ts";
import { Bones } from "../../parts/bones.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { Door } from "./door.tsx";

interface Props {
  readonly onSignedIn: (proven: SignedIn) => Promise<void>;
  readonly onBack: () => void;
}

const leads: Readonly<Record<FactorKind, string>> = {
  totp: "Open your authenticator app and type the six digits that it shows.",
  "backup-code": "One of the codes that you kept when you set this up. Each is good once.",
  passkey: "Your device will ask for your finger, face or PIN.",
};

/** The second step of signing in, by whatever the person has. */
export function SecondFactor(props: Props): ReactNode {
  return (
    <Door title="Is it really you?">
      <SecondFactorForm {...props} />
    </Door>
  );
}

/** The same without a screen of its own. */
export function SecondFactorForm({ onSignedIn, onBack }: Props): ReactNode {
  const { data, error } = useQuery({
    queryKey: ["second-factor"],
    queryFn: takeSecondStep,
    retry: false,
    staleTime: 0,
    // What one sign-in was told is nothing for the next.
    gcTime: 0,
  });
  const [chosen, setChosen] = useState<FactorKind | null>(null);
  const [remember, setRemember] = useState(false);
  const proven = data?.proven?.signedIn === true ? data.proven : null;
  const goOn = useEffectEvent((by: SignedIn) => void onSignedIn(by));
  useEffect(() => {
    if (proven !== null) goOn(proven);
  }, [proven]);
  const methods = proven === null ? (data?.methods ?? []) : [];
  const method = chosen ?? methods[0];
  const tick = data?.mayRemember === true && (
    <Checkbox
      label="Do not ask in this browser for 30 days"
      description="Only where nobody else comes in as you."
      checked={remember}
      onChange={(event) => setRemember(event.currentTarget.checked)}
    />
  );
  return (
    <>
      {error !== null && <FormProblem error={error} />}
      {error === null && <p className="rf-door__lead">{leadFor(method)}</p>}
      {method === undefined && error === null && <Bones lines={2} />}
      {method === "passkey" && (
        <PasskeyStep remember={remember} onSignedIn={onSignedIn}>
          {tick}
        </PasskeyStep>
      )}
      {method !== undefined && method !== "passkey" && (
        <CodeStep key={method} method={method} remember={remember} onSignedIn={onSignedIn}>
          {tick}
        </CodeStep>
      )}
      <div className="rf-door__ways">
        {methods
          .filter((other) => other !== method)
          .map((other) => (
            <Button key={other} variant="default" onClick={() => setChosen(other)}>
              {names[other]}
            </Button>
          ))}
        <Button variant="subtle" onClick={onBack}>
          Start again
        </Button>
      </div>
    </>
  );
}

function leadFor(method: FactorKind | undefined): string {
  return method === undefined ? "One moment." : leads[method];
}

const names: Readonly<Record<FactorKind, string>> = {
  totp: "Use the authenticator app",
  "backup-code": "Use a backup code",
  passkey: "Use a passkey",
};

interface StepProps extends Pick<Props, "onSignedIn"> {
  readonly remember: boolean;
  /** Where that is ticked. */
  readonly children: ReactNode;
}

function CodeStep({
  method,
  remember,
  onSignedIn,
  children,
}: StepProps & { readonly method: "totp" | "backup-code" }): ReactNode {
  const [code, setCode] = useState("");
  const giving = useMutation({
    mutationFn: () => giveCode(method, code.replaceAll(/\s/gu, ""), remember),
    onSuccess: onSignedIn,
    onError: () => setCode(""),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    giving.mutate();
  };
  return (
    <form className="rf-stack" onSubmit={submit}>
      <FormProblem error={giving.error} />
      <TextInput
        label={method === "totp" ? "Code" : "Backup code"}
        inputMode={method === "totp" ? "numeric" : "text"}
        autoComplete="one-time-code"
        required
        autoFocus
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      {children}
      <Button type="submit" loading={giving.isPending} fullWidth>
        Go on
      </Button>
    </form>
  );
}

function PasskeyStep({ remember, onSignedIn, children }: StepProps): ReactNode {
  const giving = useMutation({
    mutationFn: async () => giveSecondPasskey(await presentPasskey(await fetchSecondPasskey()), remember),
    onSuccess: onSignedIn,
  });
  return (
    <div className="rf-stack">
      <FormProblem error={giving.error} />
      {children}
      <Button loading={giving.isPending} onClick={() => giving.mutate()} fullWidth autoFocus>
        Use the passkey
      </Button>
    </div>
  );
}
