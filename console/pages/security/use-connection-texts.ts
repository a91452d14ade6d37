import { useState, type ChangeEvent } from "react";
import { asProblem } from "../../api/problem-error.ts";
import type { Connection } from "../../api/sso.ts";
import { faultsByField } from "../../parts/form-faults.ts";
import { changedSettings, textsOf, type Texts } from "./connection-settings.ts";

/** A field of a setting. */
export interface Setting {
  readonly value: string;
  readonly error?: string | undefined;
  readonly onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) => void;
}

/** The settings of a connection in a form. */
export interface ConnectionForm {
  /** The field of the setting at this path, with what the server found wrong in it. */
  readonly setting: (path: string) => Setting;
  readonly put: (path: string, text: string) => void;
  /** What the server found wrong there: in a setting, or beside the settings. */
  readonly faultAt: (path: string) => string | undefined;
  /** Whether it found something wrong in one of these. */
  readonly isFaulty: (...paths: readonly string[]) => boolean;
  /** Whether a secret that is kept would be sent elsewhere now: then it is entered again. */
  readonly moved: boolean;
  /** What of the settings is changed; undefined for nothing. */
  readonly changed: () => Connection["settings"] | undefined;
}

/** Keeps what is typed into a connection's form. */
export function useConnectionTexts(
  connection: Pick<Connection, "kind" | "settings">,
  error: unknown,
): ConnectionForm {
  const [texts, setTexts] = useState<Texts>(() => textsOf(connection));
  const faults = error === null ? {} : faultsByField(asProblem(error).errors, "settings.");
  const put = (path: string, text: string): void => setTexts((before) => ({ ...before, [path]: text }));
  const faultAt = (path: string): string | undefined => faultOf(faults, path);
  const before = textsOf(connection);
  return {
    setting: (path) => ({
      value: texts[path] ?? "",
      error: faultAt(path),
      onChange: (event) => put(path, event.currentTarget.value),
    }),
    put,
    faultAt,
    isFaulty: (...paths) => paths.some((path) => faultAt(path) !== undefined),
    moved: ["issuer", "clientId", "tokenAuth"].some((path) => texts[path]?.trim() !== before[path]),
    changed: () => changedSettings(connection, texts),
  };
}

/** What is wrong with a setting, or with something in it: a certificate is an entry of its list. */
function faultOf(faults: Readonly<Record<string, string>>, path: string): string | undefined {
  return faults[path] ?? Object.entries(faults).find(([each]) => each.startsWith(`${path}.`))?.[1];
}
