import type { ProblemKey } from "../problem.ts";

/** What a refusal says (RFC 9457); a failure on the way, such as a proxy's page, has the key `our-fault`. */
export interface ProblemSaid {
  readonly key: ProblemKey;
  readonly status: number;
  readonly title: string;
  readonly detail: string | null;
  /** Which inputs were wrong, by JSON pointer. */
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
  readonly retryAfterSeconds: number | null;
  /** For whoever runs the server: it stands in its log. */
  readonly requestId: string | null;
}

/** The server said no. `key` is stable; what it means and what to do stands on the page of that key. */
export class ApiProblem extends Error {
  readonly said: ProblemSaid;

  constructor(said: ProblemSaid) {
    super(said.detail ?? said.title);
    this.name = "ApiProblem";
    this.said = said;
  }

  get key(): ProblemKey {
    return this.said.key;
  }
}

/** Reads a problem from an answer that was no success; anything that is not one becomes `our-fault`. */
export function problemOf(status: number, text: string): ApiProblem {
  const read = recordIn(text);
  const word = (name: string): string | null => (typeof read[name] === "string" ? read[name] : null);
  const type = word("type") ?? "";
  return new ApiProblem({
    // The server's own catalogue; a key that this client does not know yet is still its name.
    key: (type.split("/").at(-1) || "our-fault") as ProblemKey,
    status,
    title: word("title") ?? `The server answered ${status}`,
    detail: word("detail"),
    errors: Array.isArray(read["errors"]) ? (read["errors"] as ProblemSaid["errors"]) : [],
    retryAfterSeconds: typeof read["retryAfterSeconds"] === "number" ? read["retryAfterSeconds"] : null,
    requestId: word("instance")?.replace("urn:request:", "") ?? null,
  });
}

function recordIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(text);
    // Every property is checked where it is used.
    return typeof read === "object" && read !== null ? (read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
