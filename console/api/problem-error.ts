import { problems, type FieldFault, type ProblemKey } from "../../contract/problem.ts";

/** What the console itself may report beside the server's catalogue. */
type LocalKey = "no-connection" | "unreadable-answer" | "no-passkey";

interface Particulars {
  readonly status?: number;
  readonly detail?: string | undefined;
  readonly requestId?: string | undefined;
  readonly errors?: readonly FieldFault[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

const localTitles: Record<LocalKey, string> = {
  "no-connection": "The server cannot be reached",
  "unreadable-answer": "The server's answer could not be read",
  "no-passkey": "No passkey was used",
};

/** A refusal as the person will see it: the title and detail are for reading, the key and request id for reporting. */
export class ProblemError extends Error {
  readonly key: ProblemKey | LocalKey;
  readonly status: number;
  readonly detail: string | undefined;
  readonly requestId: string | undefined;
  readonly errors: readonly FieldFault[];
  readonly retryAfterSeconds: number | undefined;

  constructor(key: ProblemKey | LocalKey, title: string | undefined, particulars: Particulars = {}) {
    super(title ?? titleOf(key));
    this.name = "ProblemError";
    this.key = key;
    this.status = particulars.status ?? 0;
    this.detail = particulars.detail;
    this.requestId = particulars.requestId;
    this.errors = particulars.errors ?? [];
    this.retryAfterSeconds = particulars.retryAfterSeconds;
  }

  /** Title and detail as one readable text. */
  get sentence(): string {
    return this.detail === undefined ? this.message : `${this.message}. ${this.detail}`;
  }
}

/** Reads an RFC 9457 body; anything else becomes `unreadable-answer`, so that no caller ever sees a raw response. */
export function problemFrom(status: number, body: unknown): ProblemError {
  if (!isRecord(body) || typeof body["type"] !== "string") {
    return new ProblemError("unreadable-answer", undefined, { status });
  }
  return new ProblemError(keyFrom(body["type"], status), textOr(body["title"]), {
    status,
    detail: textOr(body["detail"]),
    requestId: textOr(body["instance"])?.replace("urn:request:", ""),
    errors: faultsFrom(body["errors"]),
    retryAfterSeconds: typeof body["retryAfterSeconds"] === "number" ? body["retryAfterSeconds"] : undefined,
  });
}

/** Whether something thrown is a refusal with this key. */
export function isProblem(error: unknown, key: ProblemKey | LocalKey): error is ProblemError {
  return error instanceof ProblemError && error.key === key;
}

/** Any thrown value as a ProblemError, so that screens have one thing to show. */
export function asProblem(error: unknown): ProblemError {
  return error instanceof ProblemError ? error : new ProblemError("unreadable-answer", undefined);
}

function titleOf(key: ProblemKey | LocalKey): string {
  return key in localTitles ? localTitles[key as LocalKey] : problems[key as ProblemKey].title; // as: narrowed by `in`
}

function keyFrom(type: string, status: number): ProblemKey | LocalKey {
  const key = type.slice(type.lastIndexOf("/") + 1);
  if (key in problems) return key as ProblemKey; // as: just looked up
  return status === 401 ? "not-signed-in" : "unreadable-answer";
}

function faultsFrom(value: unknown): readonly FieldFault[] {
  if (!Array.isArray(value)) return [];
  return value.filter(
    (fault): fault is FieldFault =>
      isRecord(fault) && typeof fault["pointer"] === "string" && typeof fault["detail"] === "string",
  );
}

function textOr(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
