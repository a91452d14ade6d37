import type { AuditEvent } from "../../api/audit.ts";
import { fieldLabel } from "./diff.ts";

/** What one of the platform's staff asked for, as the end of a sentence that begins with who: "opened a contact". */
export function lookWords({ resourceType, after }: Pick<AuditEvent, "resourceType" | "after">): string {
  const asked = /^([A-Z]+) \/([^?]+)(?:\?(.*))?$/u.exec(doorOf(after));
  if (asked === null) return `looked at ${fieldLabel(resourceType ?? "something").toLowerCase()}`;
  const [, method = "", path = "", query = ""] = asked;
  const [many = "", ...rest] = path.split("/");
  const things = many.replaceAll("-", " ");
  if (method === "GET") return reading(things, rest, query === "" ? [] : query.split("&"));
  return `asked to ${writing(method, things, rest)}`;
}

/** The declared door, such as `GET /contacts/:id`; empty where the trail does not say it. */
export function doorOf(after: AuditEvent["after"]): string {
  return typeof after?.["door"] === "string" ? after["door"] : "";
}

function reading(things: string, rest: readonly string[], names: readonly string[]): string {
  const [which, what] = rest;
  if (which === undefined) return `${listing(things, names)}${narrowed(names)}`;
  if (which === "count")
    return `counted ${things}${names.includes("q") ? " by a search" : ""}${narrowed(names)}`;
  if (which.startsWith("export")) return `asked for an export of ${things}`;
  if (what === undefined) return `opened ${oneOf(things)}`;
  if (what.endsWith(".csv")) return `downloaded the ${what.slice(0, -4)} of ${oneOf(things)}`;
  return `opened the ${what.replaceAll("-", " ")} of ${oneOf(things)}`;
}

function listing(things: string, names: readonly string[]): string {
  if (names.includes("q")) return `searched ${things}`;
  return isMany(things) ? `listed ${things}` : `looked at the ${things}`;
}

/** By which fields, in the words of the form: `accountId` is "account". */
function narrowed(names: readonly string[]): string {
  const fields = names.filter((name) => name !== "q").map((name) => fieldLabel(name).toLowerCase());
  return fields.length === 0 ? "" : ` by ${fields.join(" and ")}`;
}

const verbs: Readonly<Record<string, string>> = {
  POST: "add",
  PUT: "change",
  PATCH: "change",
  DELETE: "remove",
};

function writing(method: string, things: string, rest: readonly string[]): string {
  const [which, act] = rest;
  if (which === "bulk") return `${act ?? "change"} several ${things}`;
  return `${act ?? verbs[method] ?? "change"} ${oneOf(things)}`;
}

const isMany = (things: string): boolean => /[^s]s$/u.test(things);

function oneOf(things: string): string {
  const one = isMany(things) ? things.slice(0, -1) : things;
  return `${/^[aeiou]/u.test(one) ? "an" : "a"} ${one}`;
}
