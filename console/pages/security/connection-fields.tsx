import "@mantine/core/styles/PasswordInput.css";
import { NativeSelect, PasswordInput, Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { Connection } from "../../api/sso.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import type { ConnectionForm, Setting } from "./use-connection-texts.ts";

/** What the administrator of the provider enters there. */
export function OurSide({
  connection: { kind, callbackUrl, logoutUrl },
}: {
  readonly connection: Pick<Connection, "kind" | "callbackUrl" | "logoutUrl">;
}): ReactNode {
  return (
    <dl className="rf-small">
      <Address
        label={kind === "oidc" ? "Enter this redirect address there" : "Its answers go to (ACS address)"}
        text={callbackUrl}
        what="the address"
      />
      {logoutUrl !== null && (
        <Address
          label="If it can say who signed out there, to this address (back-channel logout)"
          text={logoutUrl}
          what="the logout address"
        />
      )}
      {kind === "saml" && (
        <Address
          label="Our metadata, which is our entity id too"
          text={callbackUrl.replace(/\/acs$/u, "/metadata")}
          what="the metadata's address"
        />
      )}
    </dl>
  );
}

interface AddressProps {
  readonly label: string;
  readonly text: string;
  /** What the copy button calls it. */
  readonly what: string;
}

function Address({ label, text, what }: AddressProps): ReactNode {
  return (
    <>
      <dt className="rf-dim">{label}</dt>
      <dd className="rf-row">
        <code className="rf-mono" style={{ overflowWrap: "anywhere" }}>
          {text}
        </code>
        <CopyButton text={text} what={what} />
      </dd>
    </>
  );
}

/** What we need to know of an OpenID provider. */
export function OidcFields({
  form: { setting, moved },
  secret,
  connection: { hasSecret, callbackUrl },
}: {
  readonly form: ConnectionForm;
  readonly secret: Setting;
  readonly connection: Pick<Connection, "hasSecret" | "callbackUrl">;
}): ReactNode {
  const auth = setting("tokenAuth");
  const again = hasSecret && moved;
  return (
    <>
      <TextInput
        label="Issuer"
        description="Exactly as the provider states it, such as https://login.example.com/tenant/v2.0"
        required
        data-autofocus
        {...setting("issuer")}
      />
      <TextInput label="Client id" required {...setting("clientId")} />
      <NativeSelect
        label="Client authentication"
        data={[
          { value: "client_secret_basic", label: "Client secret (basic)" },
          { value: "client_secret_post", label: "Client secret (post)" },
          { value: "private_key_jwt", label: "Our own key (private_key_jwt)" },
        ]}
        {...auth}
      />
      {auth.value === "private_key_jwt" ? (
        <dl className="rf-small">
          <Address
            label="It fetches our public keys here (JWKS); saving makes the first"
            text={callbackUrl.replace(/\/callback$/u, "/jwks.json")}
            what="the address of our keys"
          />
        </dl>
      ) : (
        <PasswordInput
          label="Client secret"
          description={hintOfSecret(hasSecret, again)}
          required={again}
          autoComplete="off"
          visibilityToggleButtonProps={{ "aria-label": "Show the secret", tabIndex: 0 }}
          {...secret}
        />
      )}
      <TextInput
        label="Claim that holds the groups"
        description="Only if groups are to give roles; groups unless said"
        {...setting("groupsClaim")}
      />
    </>
  );
}

function hintOfSecret(hasSecret: boolean, again: boolean): string {
  if (again) return "Enter it again: where it is sent has changed, and it is never sent elsewhere by itself.";
  return hasSecret
    ? "There is one; leave this empty to keep it. A new one leaves the old good for a day."
    : "It is sealed with your organization's key and never shown again.";
}

/** What we need to know of a SAML provider. */
export function SamlFields({
  form: { setting },
  connection,
}: {
  readonly form: ConnectionForm;
  readonly connection: Pick<Connection, "settings">;
}): ReactNode {
  return (
    <>
      <Textarea
        label="Its metadata (XML)"
        description="Entity id, address and certificates are taken from it; or fill them in below"
        autosize
        minRows={3}
        maxRows={8}
        data-autofocus
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
