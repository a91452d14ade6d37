import { type Static, Type } from "@sinclair/typebox";
import { type Preset, presets } from "../../../contract/roles.ts";
import { Problem } from "../../foundation/problem/index.ts";

/** What a new organization is asked for; the rest has defaults that can be changed later. */
export const newOrganization = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    slug: Type.Optional(Type.String({ pattern: "^[a-z0-9][a-z0-9-]{1,47}$" })),
    locale: Type.Optional(Type.String({ maxLength: 35 })),
    timeZone: Type.Optional(Type.String({ maxLength: 64 })),
    currency: Type.Optional(Type.String({ pattern: "^[A-Z]{3}$" })),
    /** Which roles there are and what they may do, for good; `crm` unless given. */
    preset: Type.Optional(Type.Unsafe<Preset>({ type: "string", enum: Object.keys(presets) })),
  },
  { additionalProperties: false },
);

/** Fills in what was left out and refuses locales, zones and currencies that nobody knows. */
export function organizationOf(given: Static<typeof newOrganization>): Readonly<Record<string, string>> {
  const place = {
    locale: given.locale ?? "en",
    timeZone: given.timeZone ?? "UTC",
    currency: given.currency ?? "EUR",
  };
  const faults = faultsOfPlace(place);
  if (faults.length > 0) {
    throw new Problem("not-valid", {
      errors: faults.map((name) => ({ pointer: `/organization/${name}`, detail: unknownPlace[name] })),
    });
  }
  const { name, slug = slugOf(name), preset = "crm" } = given;
  return { name: name.trim(), slug, preset, ...place };
}

type PlaceName = "locale" | "timeZone" | "currency";
export const unknownPlace: Readonly<Record<PlaceName, string>> = {
  locale: "Not a language tag, such as en or de-AT.",
  timeZone: "Not a time zone, such as Europe/Vienna.",
  currency: "Not a currency, such as EUR.",
};

/** Which of these nobody knows. */
export function faultsOfPlace(place: Readonly<Partial<Record<PlaceName, string>>>): PlaceName[] {
  const known: Readonly<Record<PlaceName, (value: string) => boolean>> = {
    locale: (value) => succeeds(() => Intl.getCanonicalLocales(value)),
    timeZone: (value) => succeeds(() => new Intl.DateTimeFormat("en", { timeZone: value })),
    currency: (value) => Intl.supportedValuesOf("currency").includes(value),
  };
  const names: readonly PlaceName[] = ["locale", "timeZone", "currency"];
  return names.filter((name) => {
    const value = place[name];
    return value !== undefined && !known[name](value);
  });
}

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

/** The part of the address that names the organization: "Café Müller & Co." is cafe-muller-co. */
export function slugOf(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 48);
  return plain.length >= 2 ? plain : `organization-${plain}`.replace(/-$/, "");
}
