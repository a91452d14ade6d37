import { useState } from "react";
import { asProblem } from "../../api/problem-error.ts";
import type { Connection } from "../../api/sso.ts";
import { faultsByField } from "../../parts/form-faults.ts";
import type { Setting } from "./connection-fields.tsx";
import { changedSettings, textsOf, type Texts } from "./connection-settings.ts";

/** The fields of a connection's form, each with what the server found wrong in it, and what of the settings they change. */
export function useConnectionTexts(connection: Pick<Connection, "kind" | "settings">, error: unknown) {
  const [texts, setTexts] = useState<Texts>(() => textsOf(connection));
  const faults = error === null ? {} : faultsByField(asProblem(error).errors, "settings.");
  const setting = (name: string): Setting => ({
    value: texts[name] ?? "",
    error: faultOf(faults, name),
    onChange: (event) => {
      const { value } = event.currentTarget;
      setTexts((before) => ({ ...before, [name]: value }));
    },
  });
  return { setting, changed: () => changedSettings(connection, texts) };
}

/** What is wrong with a setting, or with something in it: a certificate is an entry of its list. */
function faultOf(faults: Readonly<Record<string, string>>, name: string): string | undefined {
  return faults[name] ?? Object.entries(faults).find(([path]) => path.startsWith(`${name}.`))?.[1];
}
