import { Button, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { asProblem } from "../../api/problem-error.ts";
import { addPublicKey, type Jwk, type ServiceAccount } from "../../api/service-accounts.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";
import { LimitFields } from "./limit-fields.tsx";
import { readJwk } from "./read-jwk.ts";
import { useKeyLimits } from "./use-key-limits.ts";

interface Props {
  readonly account: ServiceAccount;
  readonly onClose: () => void;
}

/** Registers a public key of a service account, pasted as a JWK. */
export default function PublicKeyDialog({ account, onClose }: Props): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const form = useKeyLimits(account);
  const [text, setText] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const adding = useMutation({
    mutationFn: (jwk: Jwk) => addPublicKey(slug, account.id, { ...form.limits(), jwk }),
    onSuccess: async () => {
      notify({ title: "Public key registered", tone: "good" });
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "public-keys", account.id] });
    },
  });
  const faults = adding.error === null ? {} : faultsByField(asProblem(adding.error).errors);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const read = readJwk(text);
    setFault(read.fault ?? null);
    if (read.fault === undefined) adding.mutate(read.jwk);
  };
  return (
    <Dialog title={`Public key for ${account.name}`} onClose={onClose}>
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={adding.error} />
        <LimitFields form={form} faults={faults} nameHint="Where the private key lies" />
        <Textarea
          label="Public key (JWK)"
          description="On P-256 or Ed25519, or RSA from 2048 bits"
          required
          autosize
          minRows={4}
          maxRows={10}
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
          value={text}
          error={fault ?? faults["jwk"]}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={adding.isPending}>
            Register it
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}
