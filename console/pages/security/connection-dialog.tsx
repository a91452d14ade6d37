import { Button, Checkbox, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { changeConnection, type Connection, type ConnectionChange } from "../../api/sso.ts";
import { useHere } from "../../frame/here.tsx";
import { Dialog, DialogActs } from "../../parts/dialog.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { More } from "../../parts/more.tsx";
import { notify } from "../../parts/notify.tsx";
import { useRoles } from "../people/use-roles.ts";
import { OidcFields, OurSide, SamlFields } from "./connection-fields.tsx";
import { changedWishes, mappingOf, wishesOf } from "./connection-wishes.ts";
import { DomainsChoice } from "./domains-choice.tsx";
import { MoreOidc, MoreSaml, moreSettings } from "./more-settings.tsx";
import NewKeyDialog from "./new-key-dialog.tsx";
import { OurKey } from "./our-key.tsx";
import { useConnectionTexts } from "./use-connection-texts.ts";
import { WhomItLetsIn } from "./whom-it-lets-in.tsx";

interface Props {
  readonly connection: Connection;
  readonly onClose: () => void;
}

/** What an identity provider needs to know of us, and we of it; and whom it lets in. */
export default function ConnectionDialog({ connection: shown, onClose }: Props): ReactNode {
  // What the form began with: what somebody else saves meanwhile is a conflict, and not this form's to overwrite.
  const [connection, setConnection] = useState(shown);
  const roles = useRoles().filter(({ name }) => name !== "owner");
  const [secret, setSecret] = useState("");
  const [wishes, setWishes] = useState(() => wishesOf(connection));
  const [wrongMapping, setWrongMapping] = useState<string>();
  const [renewing, setRenewing] = useState(false);
  const saving = useSaving(connection, onClose);
  const form = useConnectionTexts(connection, saving.error);
  const change = (changed: Partial<typeof wishes>): void => {
    setWishes((before) => ({ ...before, ...changed }));
    if (changed.mapping !== undefined) setWrongMapping(undefined);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const { groups, fault } = mappingOf(connection, wishes, roles);
    setWrongMapping(fault);
    if (fault !== undefined) return;
    const settings = form.changed();
    saving.mutate({
      ...changedWishes(connection, wishes, groups),
      ...(settings === undefined ? {} : { settings }),
      ...(secret === "" ? {} : { secret }),
    });
  };
  if (renewing) {
    return <NewKeyDialog connection={connection} onMade={setConnection} onClose={() => setRenewing(false)} />;
  }
  return (
    <Dialog title={`Set up ${connection.name}`} onClose={onClose} size={560}>
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={saving.error} />
        <OurSide connection={connection} />
        <TextInput
          label="Name"
          description="What people see on the sign-in page"
          required
          maxLength={100}
          value={wishes.name}
          error={form.faultAt("name")}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        {connection.kind === "oidc" ? (
          <OidcFields
            form={form}
            secret={{
              value: secret,
              error: form.faultAt("secret"),
              onChange: (event) => setSecret(event.currentTarget.value),
            }}
            connection={connection}
          />
        ) : (
          <SamlFields form={form} connection={connection} />
        )}
        <WhomItLetsIn
          wishes={wishes}
          roles={roles}
          faults={{
            defaultRoles: form.faultAt("defaultRoles"),
            mapping: wrongMapping ?? form.faultAt("roleMap"),
          }}
          onChange={change}
        />
        <Checkbox
          label="This provider asks everybody for a second factor itself"
          description="Whoever comes by it then meets your demand for one, whether or not the provider says so each time. It is written down as critical."
          checked={wishes.asksSecondFactor}
          onChange={(event) => change({ asksSecondFactor: event.currentTarget.checked })}
        />
        <More faulty={form.isFaulty("domains", ...moreSettings[connection.kind])}>
          <DomainsChoice
            label="Domains that it speaks for"
            value={wishes.domains}
            error={form.faultAt("domains")}
            onChange={(domains) => change({ domains })}
          />
          {connection.kind === "oidc" ? <MoreOidc form={form} /> : <MoreSaml form={form} />}
          <OurKey connection={connection} onRenew={() => setRenewing(true)} />
        </More>
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

function useSaving(connection: Connection, onClose: () => void) {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (change: ConnectionChange) => changeConnection(slug, connection, change),
    onSuccess: async ({ state }) => {
      const detail =
        state === "enabled" ? "It holds from the next sign-in." : "Try it out before you switch it on.";
      notify({ title: "Saved", detail, tone: "good" });
      onClose();
      await queryClient.invalidateQueries({ queryKey: [slug, "sso-connections"] });
    },
  });
}
