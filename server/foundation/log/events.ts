/**
 * What a field of an event may hold. Anything else in it is written as "[unfit]".
 *
 * `id` a UUID; `word` a constant of ours, such as a method, a route's pattern or a code; `text` one of our own
 * sentences; `origin` a URL cut down to scheme, host and port; `error` whatever was thrown, cut down to what holds
 * no values. None is meant for what people typed or sent.
 */
export type Kind = "id" | "word" | "text" | "number" | "flag" | "origin" | "error";

export type Level = "debug" | "info" | "warn" | "error";

interface Event {
  readonly level: Level;
  readonly fields: Readonly<Record<string, Kind>>;
}

const request = {
  requestId: "id",
  method: "word",
  route: "word",
  status: "number",
  milliseconds: "number",
  bytes: "number",
  tenantId: "id",
  personId: "id",
  credentialId: "id",
} as const;

const job = {
  jobId: "id",
  job: "word",
  tenantId: "id",
  attempt: "number",
  milliseconds: "number",
} as const;

/** Every event that Ringfence logs, with the only fields that reach the log. What is not declared here is dropped. */
export const events = {
  "server-started": {
    level: "info",
    fields: { version: "word", origin: "origin", doors: "text", region: "word", milliseconds: "number" },
  },
  "server-stopping": { level: "info", fields: { signal: "word", seconds: "number" } },
  "server-stopped": { level: "info", fields: { milliseconds: "number", unfinished: "number" } },
  "start-refused": { level: "error", fields: { reason: "text", error: "error" } },
  "process-fault": { level: "error", fields: { kind: "word", error: "error" } },
  "setting-doubted": { level: "warn", fields: { setting: "word", fault: "text" } },
  "secret-created": { level: "info", fields: {} },

  "postgres-started": {
    level: "info",
    fields: { version: "word", adopted: "flag", created: "flag", milliseconds: "number" },
  },
  "postgres-stopped": { level: "info", fields: { milliseconds: "number" } },
  "postgres-died": { level: "error", fields: { exitCode: "number", signal: "word" } },
  "database-lost": { level: "error", fields: { door: "word", error: "error" } },
  "database-slow": { level: "warn", fields: { door: "word", statement: "word", milliseconds: "number" } },
  "pool-exhausted": { level: "warn", fields: { door: "word", waiting: "number", milliseconds: "number" } },
  "connection-discarded": { level: "warn", fields: { door: "word", reason: "word", error: "error" } },
  "migration-applied": { level: "info", fields: { file: "word", milliseconds: "number" } },
  "migrations-finished": { level: "info", fields: { applied: "number", milliseconds: "number" } },
  "proof-passed": { level: "info", fields: { tables: "number", policies: "number", milliseconds: "number" } },
  "proof-failed": { level: "error", fields: { fault: "text" } },
  "proof-reported": { level: "warn", fields: { measure: "word", fault: "text" } },

  "request-finished": { level: "info", fields: request },
  "request-refused": { level: "info", fields: { ...request, problem: "word" } },
  "request-failed": { level: "error", fields: { ...request, error: "error" } },
  "request-abandoned": { level: "info", fields: request },
  "refusal-unrecorded": { level: "error", fields: { requestId: "id", error: "error" } },
  "last-seen-unrecorded": { level: "warn", fields: { count: "number", error: "error" } },
  "sso-refused": { level: "info", fields: { requestId: "id", connectionId: "id", reason: "text" } },
  "domain-unanswered": { level: "warn", fields: { domainId: "id", reason: "text" } },
  "hashing-refused": { level: "warn", fields: { waiting: "number" } },
  "limits-shared": { level: "info", fields: {} },
  "limits-not-shared": { level: "warn", fields: { meanwhile: "word", reason: "text" } },
  "limit-reached": { level: "warn", fields: { requestId: "id", limit: "word" } },
  "address-blocked": {
    level: "warn",
    fields: {
      requestId: "id",
      network: "word",
      offence: "word",
      seconds: "number",
      repetition: "number",
      blocked: "number",
    },
  },
  "address-released": { level: "info", fields: { network: "word", refused: "number", blocked: "number" } },

  "worker-started": { level: "info", fields: { jobs: "number" } },
  "worker-stopped": { level: "info", fields: { returned: "number" } },
  "job-finished": { level: "info", fields: job },
  "job-failed": { level: "error", fields: { ...job, final: "flag", error: "error" } },
  "task-finished": { level: "debug", fields: { task: "word", count: "number", milliseconds: "number" } },
  "task-failed": { level: "error", fields: { task: "word", error: "error" } },

  "refresh-token-reused": { level: "warn", fields: { requestId: "id" } },

  "mail-sent": { level: "info", fields: { mailId: "id", tenantId: "id", milliseconds: "number" } },
  "mail-failed": {
    level: "warn",
    fields: { mailId: "id", tenantId: "id", attempt: "number", final: "flag", error: "error" },
  },

  "import-finished": {
    level: "info",
    fields: { importId: "id", tenantId: "id", rows: "number", refused: "number", milliseconds: "number" },
  },
  "import-failed": {
    level: "error",
    fields: { importId: "id", tenantId: "id", rows: "number", error: "error" },
  },
} as const satisfies Record<string, Event>;

export type EventName = keyof typeof events;

interface Held {
  readonly id: string;
  readonly word: string;
  readonly text: string;
  readonly number: number;
  readonly flag: boolean;
  readonly origin: string;
  readonly error: unknown;
}

type Declared<Name extends EventName> = (typeof events)[Name]["fields"];

/** The fields that an event takes; all may be left out, none may be added. */
export type Fields<Name extends EventName> = {
  readonly [Field in keyof Declared<Name>]?: Declared<Name>[Field] extends keyof Held
    ? Held[Declared<Name>[Field]] | null | undefined
    : never;
};
