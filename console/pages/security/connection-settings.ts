import type { Connection } from "../../api/sso.ts";

/** What a form's fields say, each by the path of its setting. */
export type Texts = Readonly<Record<string, string>>;

type Settings = Connection["settings"];

/** A connection's settings as the form holds them; certificates one under the other. */
export function textsOf({ kind, settings }: Pick<Connection, "kind" | "settings">): Texts {
  const text = (name: string): string => {
    const value = settings[name];
    if (Array.isArray(value)) return value.join("\n");
    return typeof value === "string" ? value : "";
  };
  const texts = Object.fromEntries(namesOf[kind].map((name) => [name, text(name)]));
  return kind === "oidc" ? { ...texts, tokenAuth: texts["tokenAuth"] || "client_secret_basic" } : texts;
}

const namesOf = {
  oidc: ["issuer", "clientId", "groupsClaim", "tokenAuth"],
  saml: ["entityId", "signOnUrl", "certificates"],
} as const;

/**
 * What of the settings the form changes, and null for what was emptied. A setting that it does not change is not in it,
 * and so stays as it is, whether or not the form knows it; undefined when nothing has changed.
 */
export function changedSettings(
  connection: Pick<Connection, "kind" | "settings">,
  texts: Texts,
): Settings | undefined {
  const before = textsOf(connection);
  const changed = Object.entries(texts)
    .map(([name, text]) => [name, text.trim()] as const)
    .filter(([name, text]) => {
      // A default that was never said is said once.
      const unsaid = text !== "" && !(name in connection.settings);
      return unsaid || text !== (before[name] ?? "").trim();
    })
    .map(([name, text]) => [name, valueOf(name, text)] as const);
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}

function valueOf(name: string, text: string): unknown {
  if (text === "") return null;
  return name === "certificates" ? certificatesIn(text) : text;
}

/** Each certificate of a pasted text; one without its PEM lines is taken as it stands. */
function certificatesIn(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/gu) ?? [text];
}
