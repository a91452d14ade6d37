import { inspect } from "node:util";
import { contradictions, doubts } from "./contradictions.ts";
import { Misconfigured, type Misstep } from "./misconfigured.ts";
import { nearestName } from "./nearest-name.ts";
import { readSecretFile } from "./secret-file.ts";
import type { Setting } from "./setting.ts";
import { type Config, settingEntries as entries, type SettingName } from "./settings.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export type Source = "default" | "environment" | "file";

interface Origin {
  readonly sources: ReadonlyMap<SettingName, Source>;
  readonly secretTexts: readonly string[];
  readonly warnings: readonly Misstep[];
}

interface Reading {
  readonly values: Map<SettingName, unknown>;
  readonly sources: Map<SettingName, Source>;
  readonly secretTexts: string[];
  readonly faults: Misstep[];
  readonly warnings: Misstep[];
}

const origins = new WeakMap<Config, Origin>();

/**
 * Reads every setting and either returns them all or throws `Misconfigured` with every fault at once, each by name
 * and none by value, so that a mistyped secret is not printed into the log of a failed start.
 */
export function readConfig(env: Environment): Config {
  const reading: Reading = {
    values: new Map(),
    sources: new Map(),
    secretTexts: [],
    faults: [],
    warnings: [],
  };
  for (const [name, setting] of entries) readOne(name, setting, env, reading);
  reading.faults.push(...unknownNames(env));
  // The list above put a value of its declared type under every name, or a fault, which ends this function.
  const config = Object.fromEntries(reading.values) as Config;
  if (reading.faults.length === 0) reading.faults.push(...contradictions(config));
  if (reading.faults.length > 0) throw new Misconfigured(reading.faults);
  reading.warnings.push(...doubts(config));
  hideSecrets(config);
  origins.set(config, reading);
  return Object.freeze(config);
}

/** Where a setting's value came from. */
export function sourceOf(config: Config, name: SettingName): Source {
  return origins.get(config)?.sources.get(name) ?? "default";
}

/** What works but should not stay as it is; for the log of a start and for `doctor`. */
export function warningsOf(config: Config): readonly Misstep[] {
  return origins.get(config)?.warnings ?? [];
}

/** Every secret text of the configuration, with the passwords inside its URLs, for the log to strike out. */
export function secretValues(config: Config): readonly string[] {
  const texts = origins.get(config)?.secretTexts ?? [];
  return texts.flatMap((text) => [text, ...passwordOf(text)]);
}

function readOne(name: SettingName, setting: Setting<unknown>, env: Environment, reading: Reading): void {
  const { env: variable, is, otherwise, secret } = setting;
  const given = secret ? readSecret(variable, env, reading) : fromEnvironment(env[variable]);
  reading.sources.set(name, given?.source ?? "default");
  reading.values.set(name, otherwise);
  if (given === null) return;
  if (secret) reading.secretTexts.push(given.text);
  const parsed = is(given.text);
  if ("fault" in parsed) reading.faults.push({ name: given.variable ?? variable, fault: parsed.fault });
  else reading.values.set(name, parsed.value);
}

interface Given {
  readonly text: string;
  readonly source: Source;
  readonly variable?: string;
}

/** An empty variable counts as not set, as `docker compose` passes one for whatever is missing in its own file. */
function fromEnvironment(text: string | undefined): Given | null {
  return text === undefined || text.trim() === "" ? null : { text: text.trim(), source: "environment" };
}

/** An empty secret is a fault, unlike other settings: a secret that failed to arrive must not become a new one. */
function readSecret(variable: string, env: Environment, reading: Reading): Given | null {
  const [text, path] = [env[variable], env[`${variable}_FILE`]];
  const fileVariable = `${variable}_FILE`;
  const fault = (name: string, what: string): null => {
    reading.faults.push({ name, fault: what });
    return null;
  };
  if (text !== undefined && path !== undefined)
    return fault(variable, `and ${fileVariable} are both set; keep one`);
  if (text?.trim() === "") return fault(variable, "is empty; give it a value or remove it");
  if (path?.trim() === "") return fault(fileVariable, "is empty; give it a path or remove it");
  if (path === undefined) return fromEnvironment(text);
  const file = readSecretFile(path);
  if ("fault" in file) return fault(fileVariable, file.fault);
  if (file.warning !== null) reading.warnings.push({ name: fileVariable, fault: file.warning });
  return { text: file.text, source: "file", variable: fileVariable };
}

function unknownNames(env: Environment): Misstep[] {
  const plain = entries.map(([, setting]) => setting.env);
  const known = new Set(
    entries.flatMap(([, { env: name, secret }]) => (secret ? [name, `${name}_FILE`] : [name])),
  );
  const unknown = Object.keys(env).filter((name) => /^RINGFENCE_/i.test(name) && !known.has(name));
  return unknown.map((name) => {
    const base = name.replace(/_FILE$/, "");
    if (plain.includes(base))
      return { name, fault: `is not read: only secrets come from files; set ${base} itself` };
    const meant = nearestSetting(name, known);
    return { name, fault: meant === null ? "is not a setting" : `is not a setting; did you mean ${meant}?` };
  });
}

/** Compares without the prefix that all names share, so that RINGFENCE_PROT is found to be near PORT. */
function nearestSetting(written: string, known: ReadonlySet<string>): string | null {
  const byBareName = new Map([...known].map((name) => [bareName(name), name]));
  const nearest = nearestName(bareName(written), byBareName.keys());
  return nearest === null ? null : (byBareName.get(nearest) ?? null);
}

function bareName(name: string): string {
  return name.replace(/^RINGFENCE_/i, "");
}

function passwordOf(text: string): string[] {
  const password = URL.canParse(text) ? new URL(text).password : "";
  if (password === "") return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password]; // A bare % is legal in a URL but cannot be decoded.
  }
}

function hideSecrets(config: Config): void {
  const shown = (): unknown =>
    Object.fromEntries(
      entries.map(([name, { secret }]) => [
        name,
        secret && config[name] !== null ? "[secret]" : config[name],
      ]),
    );
  Object.defineProperties(config, { toJSON: { value: shown }, [inspect.custom]: { value: shown } });
}
