import type { Transaction } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import type { Resource, Values } from "../../kernel/resource/index.ts";
import type { Entered } from "../../kernel/tenancy/index.ts";
import { withPhones } from "./with-phones.ts";

/** How accounts and contacts keep what they are given: phones as E.164, own fields as the organization declared them. */
export function prepareRecord(
  resource: Resource,
): (values: Values, entered: Entered, t: Transaction) => Promise<Values> {
  return async (values, entered, t) => {
    const { custom } = values;
    if (typeof custom === "object" && custom !== null && Object.keys(custom).length > 0) {
      // The schema lets nothing but a map of texts, numbers and booleans through.
      await checkOwnValues(t, resource.name, custom as Readonly<Record<string, unknown>>);
    }
    return withPhones(values, entered);
  };
}

async function checkOwnValues(
  t: Transaction,
  of: string,
  values: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { rows } = await t.run({
    text: "select key, type, options from app.own_field where of = $1 and archived_at is null and key = any ($2)",
    values: [of, Object.keys(values)],
  });
  const declared = new Map(rows.map((row) => [row["key"], row]));
  const errors = Object.entries(values).flatMap(([key, value]) => {
    const field = declared.get(key);
    const detail =
      field === undefined
        ? "There is no such field."
        : faultOf(String(field["type"]), field["options"], value);
    return detail === null ? [] : [{ pointer: `/custom/${key}`, detail }];
  });
  if (errors.length > 0) throw new Problem("not-valid", { errors });
}

function faultOf(type: string, options: unknown, value: unknown): string | null {
  switch (type) {
    case "number":
      return typeof value === "number" ? null : "This field holds a number.";
    case "boolean":
      return typeof value === "boolean" ? null : "This field holds yes or no.";
    case "date":
      return typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value)
        ? null
        : "This field holds a date, such as 2026-11-22.";
    case "choice":
      return Array.isArray(options) && options.includes(value) ? null : "This is not one of the choices.";
    default:
      return typeof value === "string" ? null : "This field holds text.";
  }
}
