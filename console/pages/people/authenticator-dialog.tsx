import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { renderSVG } from "uqr";
import { beginAuthenticator, confirmAuthenticator } from "../../api/own-security.ts";
import { Bones } from "../../parts/bones.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";

interface Props {
  readonly onClose: () => void;
  /** With the backup codes that came into force, where it is the first factor. */
  readonly onAdded: (codes: readonly string[] | null) => void;
}

/** Sets an authenticator app up: scan, type the first code, done. Until that code it counts for nothing. */
export default function AuthenticatorDialog({ onClose, onAdded }: Props): ReactNode {
  const { data, error } = useQuery({
    queryKey: ["new-authenticator"],
    queryFn: beginAuthenticator,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });
  return (
    <Dialog title="Add an authenticator app" onClose={onClose}>
      <FormProblem error={error} />
      {data === undefined && error === null && <Bones lines={4} />}
      {data !== undefined && <Confirmation {...data} onClose={onClose} onAdded={onAdded} />}
    </Dialog>
  );
}

interface ConfirmationProps extends Props {
  readonly id: string;
  readonly secret: string;
  readonly uri: string;
}

function Confirmation({ id, secret, uri, onClose, onAdded }: ConfirmationProps): ReactNode {
  const queryClient = useQueryClient();
  const [name, setName] = useState("Authenticator app");
  const [code, setCode] = useState("");
  const confirming = useMutation({
    mutationFn: () => confirmAuthenticator({ id, name: name.trim(), code: code.replaceAll(/\s/gu, "") }),
    onSuccess: async ({ backupCodes }) => {
      notify({ title: "Authenticator app added", tone: "good" });
      onClose();
      onAdded(backupCodes);
      await queryClient.invalidateQueries({ queryKey: ["own-security"] });
    },
    onError: () => setCode(""),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    confirming.mutate();
  };
  return (
    <form className="rf-stack" onSubmit={submit}>
      <FormProblem error={confirming.error} />
      <p>Scan this with the app, or type the secret into it.</p>
      <QrCode uri={uri} />
      <div
        className="rf-state__code"
        style={{ justifyContent: "space-between", padding: "6px 8px 6px 12px" }}
      >
        <span className="rf-mono" style={{ overflowWrap: "anywhere" }} data-secret>
          {secret.replaceAll(/(.{4})(?=.)/gu, "$1 ")}
        </span>
        <CopyButton text={secret} what="the secret" />
      </div>
      <TextInput
        label="Name"
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label="The six digits that the app shows now"
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        autoFocus
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <DialogActs>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={confirming.isPending}>
          Add it
        </Button>
      </DialogActs>
    </form>
  );
}

/** Dark on white in both colour schemes: cameras want it so. The picture comes from here, from no server. */
function QrCode({ uri }: { readonly uri: string }): ReactNode {
  const svg = renderSVG(uri, { border: 2 });
  return (
    <img
      src={`data:image/svg+xml,${encodeURIComponent(svg)}`}
      alt="The secret as a QR code"
      width={180}
      height={180}
      style={{ alignSelf: "center", borderRadius: 8, background: "#fff" }}
    />
  );
}
