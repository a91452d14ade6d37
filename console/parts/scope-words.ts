import { wordsIn } from "../format/formats.ts";
import { fieldLabel } from "./trail/diff.ts";

const listed = new Intl.ListFormat(wordsIn, { type: "conjunction" });

/** In the order in which they are told. */
const verbs: readonly (readonly [action: string, verb: string])[] = [
  ["read", "see"],
  ["create", "add"],
  ["change", "change"],
  ["archive", "archive"],
];

const things: Readonly<Record<string, string>> = {
  audit: "the audit log",
  organization: "the organization’s settings",
};

/** What a support grant lets somebody do, as the end of a sentence: "see accounts, contacts and roles; change contacts". */
export function scopeWords(permissions: readonly string[]): string {
  return verbs
    .map(([action, verb]) => ({ verb, of: permissions.filter((one) => one.endsWith(`.${action}`)) }))
    .filter(({ of }) => of.length > 0)
    .map(({ verb, of }) => `${verb} ${listed.format(of.map(thing).toSorted())}`)
    .join("; ");
}

/** Permissions by what they are about, to read first: what weighs more stands below. */
export function inReadingOrder(permissions: readonly string[]): string[] {
  const rank = (permission: string): string => {
    const [resource, what] = permission.split(".");
    return `${resource}.${verbs.findIndex(([action]) => action === what)}`;
  };
  return permissions.toSorted((a, b) => rank(a).localeCompare(rank(b)));
}

function thing(permission: string): string {
  const [resource = permission] = permission.split(".");
  return things[resource] ?? `${fieldLabel(resource).toLowerCase()}s`;
}
