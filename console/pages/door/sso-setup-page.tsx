import "./door-styles.ts";
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { changeDraft, fetchDraft, finishDraft, type Draft } from "../../api/sso-setup.ts";
import { FormProblem } from "../../parts/form-problem.tsx";
import { More } from "../../parts/more.tsx";
import { OidcFields, OurSide, SamlFields } from "../security/connection-fields.tsx";
import { MoreOidc, MoreSaml, moreSettings } from "../security/more-settings.tsx";
import { useConnectionTexts } from "../security/use-connection-texts.ts";
import { Door } from "./door.tsx";
import { LinkLookup } from "./link-lookup.tsx";

/** Sets single sign-on up for somebody's organization, without an account: the link is good for one draft. */
export function SsoSetupPage(): ReactNode {
  return (
    <LinkLookup name="sso-setup" title="Single sign-on" lookUp={fetchDraft} lost={lost}>
      {(draft, token) => <Setup token={token} draft={draft} />}
    </LinkLookup>
  );
}

const lost = (): ReactNode => (
  <Door
    title="This link is not valid any more"
    lead="It was used, replaced, or it ran out. Ask whoever sent it for a new one."
  />
);

function Setup({ token, draft }: { readonly token: string; readonly draft: Draft }): ReactNode {
  const [secret, setSecret] = useState("");
  const finishing = useMutation({
    mutationFn: async (settings: Draft["settings"]) => {
      await changeDraft(token, { settings, ...(secret === "" ? {} : { secret }) });
      await finishDraft(token);
    },
  });
  const form = useConnectionTexts(draft, finishing.error);
  if (finishing.isSuccess) {
    return (
      <Door
        title="It is set up"
        lead={`Tell ${draft.organization} that it is ready: they try it out and switch it on. This link opens nothing any more.`}
      />
    );
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    finishing.mutate(form.changed() ?? {});
  };
  return (
    <Door
      wide
      title={`Single sign-on for ${draft.organization}`}
      lead={`${draft.name}, by ${draft.kind === "oidc" ? "OpenID Connect" : "SAML 2.0"}. You need no account; what you enter is sealed with the organization's key.`}
    >
      <form className="rf-stack" onSubmit={submit}>
        <FormProblem error={finishing.error} />
        <OurSide connection={draft} />
        {draft.kind === "oidc" ? (
          <OidcFields
            form={form}
            secret={{
              value: secret,
              error: form.faultAt("secret"),
              onChange: (event) => setSecret(event.currentTarget.value),
            }}
            connection={draft}
          />
        ) : (
          <SamlFields form={form} connection={draft} />
        )}
        <More faulty={form.isFaulty(...moreSettings[draft.kind])}>
          {draft.kind === "oidc" ? <MoreOidc form={form} /> : <MoreSaml form={form} />}
        </More>
        <Button type="submit" loading={finishing.isPending} fullWidth>
          It is ready
        </Button>
      </form>
    </Door>
  );
}
