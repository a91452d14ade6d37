import { useState } from "react";
import { asProblem } from "../../api/problem-error.ts";
import type { Connection } from "../../api/sso.ts";
import { faultsByField } from "../../parts/form-faults.ts";
import type { Setting } from "./connection-fields.tsx";
import { textsOf, type Texts } from "./connection-settings.ts";

/** The texts of a connection's form, and a field of each, with what the server found wrong in it. */
export function useConnectionTexts(connection: Pick<Connection, "kind" | "settings">, error: unknown) {
  const [texts, setTexts] = useState<Texts>(() => textsOf(connection));
  const faults = error === null ? {} : faultsByField(asProblem(error).errors, "settings.");
  const setting = (name: string): Setting => ({
    value: texts[name] ?? "",
    error: faults[name],
    onChange: (event) => {
      const { value } = event.currentTarget;
      setTexts((before) => ({ ...before, [name]: value }));
    },
  });
  return { texts, setting };
}
