import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { giveLinkCode, type SignedIn } from "../../api/sign-in.ts";
import { FormProblem } from "../../parts/form-problem.tsx";

interface Props {
  readonly email: string;
  readonly onProven: (proven: SignedIn) => Promise<void>;
  readonly onBack: () => void;
}

/** After asking for a link: what to do with it, here or on another device. */
export function LinkSent({ email, onProven, onBack }: Props): ReactNode {
  const [code, setCode] = useState("");
  const giving = useMutation({
    mutationFn: () => giveLinkCode(code.replaceAll(/\s/gu, "")),
    onSuccess: onProven,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    giving.mutate();
  };
  return (
    <div className="rf-stack" role="status">
      <p>
        If <strong>{email}</strong> belongs to an account, a link is on its way. It is good for a few minutes
        and once.
      </p>
      <p className="rf-dim">
        Open it in this browser and you are in. Opened on another device, it shows six digits: type them here.
      </p>
      <FormProblem error={giving.error} />
      <form className="rf-stack" onSubmit={submit}>
        <TextInput
          label="Six digits, if you were shown any"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={7}
          autoFocus
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Button type="submit" disabled={code.trim().length < 6} loading={giving.isPending}>
          Go on
        </Button>
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
      </form>
    </div>
  );
}
