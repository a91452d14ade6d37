import { problems, type FieldFault, type ProblemKey } from "../../../contract/problem.ts";

interface Particulars {
  /** A sentence for the client: what is wrong with this very request, and how to mend it. Never a secret. */
  readonly detail?: string;
  readonly errors?: readonly FieldFault[];
  readonly retryAfterSeconds?: number;
  /** For the log only; the client never sees it. */
  readonly cause?: unknown;
  /** What judged it has written it down among the refusals, with more than the door knows: one try is one row. */
  readonly recorded?: boolean;
}

/**
 * A refusal from the catalogue: the only kind of error that features throw.
 *
 * `detail`, `errors` and `retryAfterSeconds` are for the client, `cause` is for the log, `recorded` for the trail. Whatever else is thrown
 * answers `our-fault` without its message.
 */
export class Problem extends Error {
  readonly key: ProblemKey;
  readonly detail: string | undefined;
  readonly errors: readonly FieldFault[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly recorded: boolean;

  constructor(
    key: ProblemKey,
    { detail, errors, retryAfterSeconds, cause, recorded = false }: Particulars = {},
  ) {
    super(problems[key].title, { cause });
    this.name = "Problem";
    this.key = key;
    this.detail = detail;
    this.errors = errors;
    this.retryAfterSeconds = retryAfterSeconds;
    this.recorded = recorded;
  }

  get status(): number {
    return problems[this.key].status;
  }
}
