import type { Result, Statement, Transaction } from "../foundation/database/index.ts";

/** Authority of one leased job: its organization, its kind's permissions, as long as its member still holds them. */
export interface JobScope {
  run(statement: Statement): Promise<Result>;
  batch(statements: readonly Statement[]): Promise<Result[]>;
  tx<T>(work: (t: Transaction) => Promise<T>): Promise<T>;
}

export interface JobContext {
  readonly scope: JobScope;
  readonly jobId: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly attempt: number;
  /** Aborted when the worker stops; a job that heeds it is resumed by the next lease. */
  readonly signal: AbortSignal;
}

/** A kind of work for later. It runs at least once, so `run` must be able to meet what an earlier try left. */
export interface Job {
  /** `<room>.<act>`, as in kernel.job_kind. */
  readonly kind: string;
  /** The permission that asking for it takes; null when only the clock asks. */
  readonly requires: string | null;
  /** What the job may do. */
  readonly needs: readonly string[];
  /** Its own code does more than its member could: the member then needs to hold only `requires`. Say why. */
  readonly delegatedBecause?: string;
  readonly tries: number;
  /** How often the clock asks for it, in SQL's words ("1 hour"). */
  readonly every?: string;
  run(context: JobContext): Promise<void>;
}

/** Declares a job. A Problem thrown by `run` ends it for good; anything else is tried again, later each time. */
export function job(declaration: Job): Job {
  return declaration;
}

/** The migration text that makes the database's job kinds equal the declarations. */
export function jobsScript(jobs: readonly Job[]): string {
  const rows = jobs
    .toSorted((a, b) => (a.kind < b.kind ? -1 : 1))
    .map(
      ({ kind, requires, needs, delegatedBecause, tries, every }) =>
        `  ('${kind}', ${quoted(requires)}, '{${needs.toSorted().join(",")}}', ${delegatedBecause !== undefined}, ${tries}, ${quoted(every ?? null)})`,
    );
  return `-- Generated from the declarations (npm run docs): the kinds of job, and what each may do.

set local role rf_kernel;

insert into kernel.job_kind (name, requires, needs, delegated, tries, every) values
${rows.join(",\n")}
on conflict (name) do update set
  requires = excluded.requires, needs = excluded.needs, delegated = excluded.delegated, tries = excluded.tries, every = excluded.every;
`;
}

function quoted(value: string | null): string {
  return value === null ? "null" : `'${value}'`;
}
