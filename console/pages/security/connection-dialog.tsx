import { Button, Checkbox } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { asProblem } from "../../api/problem-error.ts";
import { changeConnection, type Connection } from "../../api/sso.ts";
import { useHere } from "../../frame/here.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { faultsByField } from "../../parts/form-faults.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";
import { OidcFields, SamlFields, type Setting } from "./connection-fields.tsx";
import { settingsFrom, textsOf } from "./connection-settings.ts";

interface Props {
  readonly connection: Connection;
  readonly onClose: () => void;
}

/** What an identity provider needs to know of us, and we of it. */
export default function ConnectionDialog({ connection, onClose }: Props): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const [texts, setTexts] = useState(() => textsOf(connection));
  const [secret, setSecret] = useState("");
  const [provisions, setProvisions] = useState(connection.provisions);
  const saving = useMutation({
    mutationFn: () =>
      changeConnection(slug, connection, {
        settings: settingsFrom(connection.kind, texts),
        provisions,
        ...(provisions && connection.defaultRoles.length === 0 ? { defaultRoles: ["viewer"] } : {}),
        ...(secret === "" ? {} : { secret }),
      }),
    onSuccess: async () => {
      notify({ title: "Saved", detail: "Try it out before you switch it on.", tone: "good" });
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "sso-connections"] });
    },
  });
  const faults = saving.error === null ? {} : faultsByField(asProblem(saving.error).errors, "settings.");
  const setting = (name: string): Setting => ({
    value: texts[name] ?? "",
    error: faults[name],
    onChange: (event) => {
      const { value } = event.currentTarget;
      setTexts((before) => ({ ...before, [name]: value }));
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <Dialog title={`Set up ${connection.name}`} onClose={onClose} size={560}>
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={saving.error} />
        <OurSide connection={connection} />
        {connection.kind === "oidc" ? (
          <OidcFields
            setting={setting}
            secret={{ value: secret, onChange: (event) => setSecret(event.currentTarget.value) }}
            hasSecret={connection.hasSecret}
          />
        ) : (
          <SamlFields setting={setting} connection={connection} />
        )}
        <Checkbox
          label="Add people at their first sign-in"
          description="With the role viewer, and only with addresses of your verified domains"
          checked={provisions}
          onChange={(event) => setProvisions(event.currentTarget.checked)}
        />
        <DialogActs>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={saving.isPending}>
            Save
          </Button>
        </DialogActs>
      </form>
    </Dialog>
  );
}

/** What the administrator of the provider enters there. */
function OurSide({ connection: { kind, callbackUrl } }: Pick<Props, "connection">): ReactNode {
  const metadata = callbackUrl.replace(/\/acs$/u, "/metadata");
  return (
    <dl className="rf-small">
      <dt className="rf-dim">
        {kind === "oidc" ? "Enter this redirect address there" : "Its answers go to (ACS address)"}
      </dt>
      <dd className="rf-row">
        <code className="rf-mono" style={{ overflowWrap: "anywhere" }}>
          {callbackUrl}
        </code>
        <CopyButton text={callbackUrl} what="the address" />
      </dd>
      {kind === "saml" && (
        <>
          <dt className="rf-dim">Our metadata, which is our entity id too</dt>
          <dd className="rf-row">
            <code className="rf-mono" style={{ overflowWrap: "anywhere" }}>
              {metadata}
            </code>
            <CopyButton text={metadata} what="the metadata's address" />
          </dd>
        </>
      )}
    </dl>
  );
}
