import type { Values } from "../../kernel/resource/index.ts";
import type { Entered } from "../../kernel/tenancy/index.ts";
import { hasNumberingPlan, readPhone } from "./phone/index.ts";

/** Writes phone numbers as E.164, read as numbers of the organization's country; what cannot be read stays as typed. */
export function withPhones(values: Values, { locale }: Entered): Values {
  const country = countryOf(locale);
  const read = (raw: unknown): unknown =>
    typeof raw === "string" ? (readPhone(raw, country)?.e164 ?? raw) : raw;
  const changed: Record<string, unknown> = { ...values };
  if ("phone" in changed) changed["phone"] = read(changed["phone"]);
  const others = changed["otherPhones"];
  if (Array.isArray(others)) {
    // The schema lets nothing but {kind, number} through.
    changed["otherPhones"] = others.map((entry: Record<string, unknown>) => ({
      ...entry,
      number: read(entry["number"]),
    }));
  }
  return changed;
}

/** The country of a locale such as de-AT, when it names one. */
export function countryOf(locale: string): Parameters<typeof readPhone>[1] {
  const region = new Intl.Locale(locale).maximize().region ?? "";
  return hasNumberingPlan(region) ? region : null;
}
