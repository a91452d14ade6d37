import type { ProblemKey } from "../../../contract/problem.ts";
import { DatabaseError } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import type { Dialect } from "../../http/index.ts";

/** The detail error keywords of RFC 7644, table 9; there are no others. */
export type ScimType =
  | "invalidFilter"
  | "tooMany"
  | "uniqueness"
  | "mutability"
  | "invalidSyntax"
  | "invalidPath"
  | "noTarget"
  | "invalidValue"
  | "invalidVers"
  | "sensitive";

/** A refusal for which SCIM has a word of its own. */
export class ScimRefusal extends Problem {
  readonly scimType: ScimType;

  constructor(scimType: ScimType, detail: string) {
    super(scimType === "uniqueness" ? "already-exists" : "bad-request", { detail });
    this.scimType = scimType;
  }
}

export const errorSchema = "urn:ietf:params:scim:api:messages:2.0:Error";

/** A refusal in the form of RFC 7644 section 3.12. */
export interface ScimError {
  readonly schemas: readonly [string];
  readonly status: string;
  readonly scimType?: ScimType;
  readonly detail: string;
}

/** What SCIM clients understand of a problem: its status, its keyword if there is one, and a sentence. */
export function scimError(problem: Problem): ScimError {
  const scimType = scimTypeOf(problem);
  return {
    schemas: [errorSchema],
    // SCIM knows no 422: what was sent is invalid, or the version is missing.
    status: String(problem.status === 422 ? 400 : problem.status),
    ...(scimType === null ? {} : { scimType }),
    detail: detailOf(problem),
  };
}

const scimTypes: Partial<Record<ProblemKey, ScimType>> = {
  "already-exists": "uniqueness",
  "not-valid": "invalidValue",
};

function scimTypeOf(problem: Problem): ScimType | null {
  if (problem instanceof ScimRefusal) return problem.scimType;
  return scimTypes[problem.key] ?? null;
}

function detailOf({ detail, message, errors, cause }: Problem): string {
  if (detail !== undefined) return detail;
  const [fault] = errors ?? [];
  if (fault !== undefined) return `${fault.pointer === "" ? "The body" : fault.pointer} ${fault.detail}`;
  // Raised by our own functions, in constant words.
  if (cause instanceof DatabaseError && cause.code === "RF403") return cause.message;
  return message;
}

/** SCIM, as spoken below `/scim/v2`. */
export const scim: Dialect = {
  prefix: "/scim/v2",
  mediaTypes: ["application/scim+json", "application/json"],
  refusal: (problem) => {
    const error = scimError(problem);
    return { status: Number(error.status), body: JSON.stringify(error) };
  },
};
