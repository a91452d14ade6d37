import "@mantine/core/styles/PasswordInput.css";
import { NativeSelect, PasswordInput, Textarea, TextInput } from "@mantine/core";
import type { ChangeEvent, ReactNode } from "react";
import type { Connection } from "../../api/sso.ts";
import { CopyButton } from "../../parts/copy-button.tsx";

export interface Setting {
  readonly value: string;
  readonly error?: string | undefined;
  readonly onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) => void;
}

interface FieldsProps {
  readonly setting: (name: string) => Setting;
}

/** What the administrator of the provider enters there. */
export function OurSide({
  connection: { kind, callbackUrl, logoutUrl },
}: {
  readonly connection: Pick<Connection, "kind" | "callbackUrl" | "logoutUrl">;
}): ReactNode {
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
      {logoutUrl !== null && (
        <>
          <dt className="rf-dim">
            If it can say who signed out there, to this address (back-channel logout)
          </dt>
          <dd className="rf-row">
            <code className="rf-mono" style={{ overflowWrap: "anywhere" }}>
              {logoutUrl}
            </code>
            <CopyButton text={logoutUrl} what="the logout address" />
          </dd>
        </>
      )}
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

/** What we need to know of an OpenID provider. */
export function OidcFields({
  setting,
  secret,
  hasSecret,
}: FieldsProps & { readonly secret: Setting; readonly hasSecret: boolean }): ReactNode {
  const auth = setting("tokenAuth");
  return (
    <>
      <TextInput
        label="Issuer"
        description="Its address, to the last character, such as https://login.example.com/tenant/v2.0"
        required
        {...setting("issuer")}
      />
      <TextInput label="Client id" required {...setting("clientId")} />
      <NativeSelect
        label="How we show who we are"
        data={[
          { value: "client_secret_basic", label: "Client secret (basic)" },
          { value: "client_secret_post", label: "Client secret (post)" },
          { value: "private_key_jwt", label: "A key of our own (private_key_jwt)" },
        ]}
        {...auth}
      />
      {auth.value !== "private_key_jwt" && (
        <PasswordInput
          label="Client secret"
          description={
            hasSecret
              ? "There is one; leave this empty to keep it. A new one leaves the old good for a day."
              : "It is sealed with your organization's key and never shown again."
          }
          autoComplete="off"
          visibilityToggleButtonProps={{ "aria-label": "Show the secret", tabIndex: 0 }}
          {...secret}
        />
      )}
      <TextInput
        label="Claim that holds the groups"
        description="Only if groups are to give roles"
        {...setting("groupsClaim")}
      />
    </>
  );
}

/** What we need to know of a SAML provider. */
export function SamlFields({
  setting,
  connection,
}: FieldsProps & { readonly connection: Pick<Connection, "settings"> }): ReactNode {
  return (
    <>
      <Textarea
        label="Its metadata (XML)"
        description="Entity id, address and certificates are taken from it; or fill them in below"
        autosize
        minRows={3}
        maxRows={8}
        {...setting("metadata")}
      />
      <TextInput label="Entity id" {...setting("entityId")} />
      <TextInput label="Sign-on address" {...setting("signOnUrl")} />
      <Textarea
        label="Certificates (PEM)"
        description={endsOf(connection)}
        autosize
        minRows={2}
        maxRows={8}
        {...setting("certificates")}
      />
    </>
  );
}

/** Until when the pinned certificates are good: people look for the date before it breaks. */
function endsOf({ settings }: Pick<Connection, "settings">): string {
  const ends = settings["certificateEnds"];
  if (!Array.isArray(ends) || ends.length === 0) return "Two while one replaces the other";
  return ends
    .map((pinned: unknown) =>
      typeof pinned === "object" && pinned !== null && "notAfter" in pinned
        ? `good until ${String(pinned.notAfter).slice(0, 10)}`
        : "",
    )
    .join(", ");
}
