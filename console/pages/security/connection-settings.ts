import type { Connection } from "../../api/sso.ts";

export type Texts = Readonly<Record<string, string>>;

/** A connection's settings as the form holds them; certificates one under the other. */
export function textsOf({ kind, settings }: Pick<Connection, "kind" | "settings">): Texts {
  const text = (name: string): string => {
    const value = settings[name];
    if (Array.isArray(value)) return value.join("\n");
    return typeof value === "string" ? value : "";
  };
  const names =
    kind === "oidc" ? ["issuer", "clientId", "groupsClaim"] : ["entityId", "signOnUrl", "certificates"];
  const texts = Object.fromEntries(names.map((name) => [name, text(name)]));
  return kind === "oidc" ? { ...texts, tokenAuth: text("tokenAuth") || "client_secret_basic" } : texts;
}

/** The settings that the form says; what is empty is left out. */
export function settingsFrom(kind: Connection["kind"], texts: Texts): Record<string, unknown> {
  const filled = Object.entries(texts)
    .map(([name, text]) => [name, text.trim()] as const)
    .filter(([, text]) => text !== "");
  const settings: Record<string, unknown> = Object.fromEntries(filled);
  if (kind === "saml" && typeof settings["certificates"] === "string") {
    settings["certificates"] = certificatesIn(settings["certificates"]);
  }
  return settings;
}

/** Each certificate of a pasted text; one without its PEM lines is taken as it stands. */
function certificatesIn(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/gu) ?? [text];
}
