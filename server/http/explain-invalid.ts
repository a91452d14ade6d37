import type { FastifySchemaValidationError } from "fastify";
import type { FieldFault } from "../../contract/problem.ts";
import { nearestName } from "../foundation/config/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import { choosesTenant, pointerSegment, tenantDetail } from "./screen-input.ts";

const faultsMax = 20;

/** The validator's findings as a problem in plain words. They name fields and rules, never what was sent. */
export function explainInvalid(findings: readonly FastifySchemaValidationError[], part: string): Problem {
  if (part === "params") return new Problem("not-found");
  const unions = findings.filter(({ keyword }) => keyword === "anyOf").map(({ schemaPath }) => schemaPath);
  const said = findings.filter(
    ({ schemaPath }) => !unions.some((union) => schemaPath.startsWith(`${union}/`)),
  );
  // One fault for each place: whoever sent a number for a choice of words need not read that twice.
  const faults = new Map<string, FieldFault>();
  for (const finding of said) {
    const fault = faultOf(finding, part);
    if (!faults.has(fault.pointer)) faults.set(fault.pointer, fault);
    if (faults.size === faultsMax) break;
  }
  return new Problem("not-valid", { errors: [...faults.values()] });
}

function faultOf(finding: FastifySchemaValidationError, part: string): FieldFault {
  const { keyword, instancePath, params } = finding;
  const name = keyword === "required" ? params["missingProperty"] : params["additionalProperty"];
  const pointer = typeof name === "string" ? `${instancePath}/${pointerSegment(name)}` : instancePath;
  return { pointer: part === "querystring" ? pointer.slice(1) : pointer, detail: detailOf(finding) };
}

function detailOf(finding: FastifySchemaValidationError): string {
  const { keyword, params, message } = finding;
  if (keyword === "additionalProperties") return unknownName(finding);
  const rule = rules[keyword];
  return rule === undefined ? (message ?? "is not valid") : rule(params);
}

type Params = Record<string, unknown>;

const rules: Readonly<Record<string, (params: Params) => string>> = {
  required: () => "is required",
  type: ({ type }) => `must be ${typeWords(type)}`,
  format: ({ format }) => `must be ${formats[String(format)] ?? String(format)}`,
  enum: ({ allowedValues }) =>
    `must be one of: ${Array.isArray(allowedValues) ? allowedValues.join(", ") : ""}`,
  const: ({ allowedValue }) => `must be ${JSON.stringify(allowedValue)}`,
  minLength: ({ limit }) =>
    limit === 1 ? "must not be empty" : `must have at least ${String(limit)} characters`,
  maxLength: ({ limit }) => `must have at most ${String(limit)} characters`,
  minimum: ({ limit }) => `must be at least ${String(limit)}`,
  maximum: ({ limit }) => `must be at most ${String(limit)}`,
  exclusiveMinimum: ({ limit }) => `must be more than ${String(limit)}`,
  exclusiveMaximum: ({ limit }) => `must be less than ${String(limit)}`,
  minItems: ({ limit }) => `must have at least ${counted(limit, "entry", "entries")}`,
  maxItems: ({ limit }) => `must have at most ${counted(limit, "entry", "entries")}`,
  minProperties: ({ limit }) => `must name at least ${counted(limit, "field", "fields")}`,
  maxProperties: ({ limit }) => `must name at most ${counted(limit, "field", "fields")}`,
  uniqueItems: () => "must not hold the same entry twice",
  pattern: () => "does not have the expected form",
  anyOf: () => "has none of the allowed forms",
};

const types: Readonly<Record<string, string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  null: "null",
};

const formats: Readonly<Record<string, string>> = {
  uuid: "an id (UUID)",
  email: "an e-mail address",
  uri: "a web address",
  date: "a date such as 2026-01-31",
  "date-time": "a moment such as 2026-01-31T12:00:00Z",
};

function typeWords(type: unknown): string {
  const listed: unknown[] = Array.isArray(type) ? type : String(type).split(",");
  return listed.map((one) => types[String(one)] ?? String(one)).join(" or ");
}

function counted(limit: unknown, one: string, many: string): string {
  return `${String(limit)} ${limit === 1 ? one : many}`;
}

function unknownName({ params, parentSchema }: FastifySchemaValidationError & Verbose): string {
  const name = String(params["additionalProperty"]);
  if (choosesTenant(name)) return tenantDetail;
  const near = nearestName(name, Object.keys(parentSchema?.properties ?? {}));
  return near === null ? "is not known here" : `is not known here; did you mean "${near}"?`;
}

/** What the validator adds when asked to be verbose. */
interface Verbose {
  readonly parentSchema?: { readonly properties?: Record<string, unknown> };
}
