import { Button, Checkbox } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { changeConnection, type Connection } from "../../api/sso.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { notify } from "../../parts/notify.tsx";
import { OidcFields, OurSide, SamlFields } from "./connection-fields.tsx";
import { useConnectionTexts } from "./use-connection-texts.ts";

interface Props {
  readonly connection: Connection;
  readonly onClose: () => void;
}

/** What an identity provider needs to know of us, and we of it. */
export default function ConnectionDialog({ connection, onClose }: Props): ReactNode {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  const [secret, setSecret] = useState("");
  const [provisions, setProvisions] = useState(connection.provisions);
  const [asksSecondFactor, setAsksSecondFactor] = useState(connection.asksSecondFactor);
  const saving = useMutation({
    mutationFn: (settings: Connection["settings"] | undefined) =>
      changeConnection(slug, connection, {
        ...(settings === undefined ? {} : { settings }),
        provisions,
        asksSecondFactor,
        ...(provisions && connection.defaultRoles.length === 0 ? { defaultRoles: ["viewer"] } : {}),
        ...(secret === "" ? {} : { secret }),
      }),
    onSuccess: async () => {
      notify({ title: "Saved", detail: "Try it out before you switch it on.", tone: "good" });
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "sso-connections"] });
    },
  });
  const { setting, changed } = useConnectionTexts(connection, saving.error);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    saving.mutate(changed());
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
        <Checkbox
          label="This provider asks everybody for a second factor itself"
          description="Whoever comes by it then meets your demand for one, whether or not the provider says so each time. It is written down as critical."
          checked={asksSecondFactor}
          onChange={(event) => setAsksSecondFactor(event.currentTarget.checked)}
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
