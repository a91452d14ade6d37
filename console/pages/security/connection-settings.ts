import type { Connection } from "../../api/sso.ts";

/** What a form's fields say, each by the path of its setting. */
export type Texts = Readonly<Record<string, string>>;

type Settings = Connection["settings"];
type Shape = "text" | "words" | "number" | "yes" | "certificates";

/** The settings that forms know, by path, and how each stands in its field. */
const shapes: Readonly<Record<Connection["kind"], Readonly<Record<string, Shape>>>> = {
  oidc: {
    issuer: "text",
    clientId: "text",
    tokenAuth: "text",
    groupsClaim: "text",
    idTokenAlg: "text",
    scopes: "words",
    "secondFactor.amr": "words",
    "secondFactor.acr": "words",
  },
  saml: {
    metadata: "text",
    entityId: "text",
    signOnUrl: "text",
    certificates: "certificates",
    allowsUnsolicited: "yes",
    nameIdFormat: "text",
    skewSeconds: "number",
    "attributes.email": "text",
    "attributes.name": "text",
    "attributes.groups": "text",
  },
};

/** A connection's settings as the form holds them: certificates one under the other, `yes` for what is switched on. */
export function textsOf({ kind, settings }: Pick<Connection, "kind" | "settings">): Texts {
  const texts = Object.fromEntries(
    Object.entries(shapes[kind]).map(([path, shape]) => [path, textOf(at(settings, path), shape)]),
  );
  return kind === "oidc" ? { ...texts, tokenAuth: texts["tokenAuth"] || "client_secret_basic" } : texts;
}

/**
 * What of the settings the form changes, and null for what was emptied. A setting that it does not change is not in it,
 * and so stays as it is, whether or not the form knows it; undefined when nothing has changed.
 */
export function changedSettings(
  connection: Pick<Connection, "kind" | "settings">,
  texts: Texts,
): Settings | undefined {
  const { kind, settings } = connection;
  const before = textsOf(connection);
  const isChanged = (path: string): boolean => {
    const text = (texts[path] ?? "").trim();
    // A default that was never said is said once.
    const unsaid = text !== "" && at(settings, path) === undefined;
    return unsaid || text !== (before[path] ?? "").trim();
  };
  const paths = Object.keys(shapes[kind]);
  const changed = [...new Set(paths.filter(isChanged).map(topOf))];
  if (changed.length === 0) return undefined;
  return Object.fromEntries(changed.map((name) => [name, wholeOf(connection, name, texts)]));
}

const topOf = (path: string): string => path.split(".")[0] ?? path;

/** A setting with all that stands in it, as it will be; null when nothing is left. */
function wholeOf({ kind, settings }: Pick<Connection, "kind" | "settings">, name: string, texts: Texts) {
  const shape = shapes[kind][name];
  if (shape !== undefined) return valueOf((texts[name] ?? "").trim(), shape);
  const inner = Object.entries(shapes[kind])
    .filter(([path]) => topOf(path) === name)
    .map(([path, each]) => [path.slice(name.length + 1), valueOf((texts[path] ?? "").trim(), each)] as const);
  const whole = { ...asObject(settings[name]), ...Object.fromEntries(inner) };
  const said = Object.entries(whole).filter(([, value]) => value !== null);
  return said.length === 0 ? null : Object.fromEntries(said);
}

function at(settings: Settings, path: string): unknown {
  const [name = "", within] = path.split(".");
  return within === undefined ? settings[name] : asObject(settings[name])[within];
}

function asObject(value: unknown): Settings {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function textOf(value: unknown, shape: Shape): string {
  if (Array.isArray(value)) return value.join(shape === "words" ? " " : "\n");
  if (typeof value === "boolean") return value ? "yes" : "";
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function valueOf(text: string, shape: Shape): unknown {
  if (text === "") return null;
  if (shape === "certificates") return certificatesIn(text);
  if (shape === "words") return text.split(/[\s,]+/u);
  if (shape === "yes") return true;
  // What is no number is sent as it is, and refused at its field.
  return shape === "number" && /^\d+$/u.test(text) ? Number(text) : text;
}

/** Each certificate of a pasted text; one without its PEM lines is taken as it stands. */
function certificatesIn(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/gu) ?? [text];
}
