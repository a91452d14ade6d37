import { Checkbox, NativeSelect, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { idTokenAlgorithms } from "../../../contract/id-token-algorithms.ts";
import type { ConnectionForm } from "./use-connection-texts.ts";

/** Settings that stand under *More*: what is wrong in one of them opens it. */
export const moreSettings = {
  oidc: ["idTokenAlg", "scopes", "secondFactor"],
  saml: ["allowsUnsolicited", "nameIdFormat", "skewSeconds", "attributes"],
} as const;

/** What few OpenID providers need. */
export function MoreOidc({ form: { setting } }: { readonly form: ConnectionForm }): ReactNode {
  return (
    <>
      <TextInput
        label="Scopes"
        description="What we ask for, with spaces between; Okta wants groups here before it tells them"
        placeholder="openid email profile"
        {...setting("scopes")}
      />
      <NativeSelect
        label="Signature of its ID tokens"
        description="The one that it is registered with; no other is taken"
        data={[{ value: "", label: "The usual one (RS256)" }, ...idTokenAlgorithms]}
        {...setting("idTokenAlg")}
      />
      <TextInput
        label="It has asked for a second factor when amr holds"
        description="What its ID token says then, such as mfa; Entra, Okta and Keycloak have their own words for it"
        placeholder="mfa"
        {...setting("secondFactor.amr")}
      />
      <TextInput
        label="Or when acr is"
        description="For providers that tell it by a class of sign-in"
        {...setting("secondFactor.acr")}
      />
    </>
  );
}

/** What few SAML providers need. */
export function MoreSaml({ form: { setting, put } }: { readonly form: ConnectionForm }): ReactNode {
  const { value: unsolicited, error } = setting("allowsUnsolicited");
  return (
    <>
      <Checkbox
        label="People may begin at the provider's own page of applications"
        description="Sign-in that the provider begins (IdP-initiated), as from Okta's dashboard or My Apps. They are asked once more before they are signed in."
        checked={unsolicited === "yes"}
        error={error}
        onChange={(event) => put("allowsUnsolicited", event.currentTarget.checked ? "yes" : "")}
      />
      <TextInput
        label="Attribute with the address"
        description="Only where it is none of the usual names, such as mail or emailaddress"
        {...setting("attributes.email")}
      />
      <TextInput label="Attribute with the name" {...setting("attributes.name")} />
      <TextInput
        label="Attribute with the groups"
        description="Such as groups or memberOf"
        {...setting("attributes.groups")}
      />
      <NativeSelect
        label="NameID that we ask for"
        description="It must stay the same for a person"
        data={[
          { value: "", label: "The usual one (persistent)" },
          { value: "persistent", label: "persistent" },
          { value: "emailAddress", label: "emailAddress" },
          { value: "unspecified", label: "unspecified: whatever the provider is set to" },
        ]}
        {...setting("nameIdFormat")}
      />
      <TextInput
        label="Seconds by which the clocks may differ"
        description="60 unless said, 180 at most"
        inputMode="numeric"
        {...setting("skewSeconds")}
      />
    </>
  );
}
