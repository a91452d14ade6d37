interface Particulars {
  /** What is wrong, with the names and paths that matter; never a password. */
  readonly detail: string;
  /** What the operator can do about it. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/**
 * PostgreSQL cannot be started, and this is why and what to do about it.
 *
 * For an operator at a terminal, so unlike a `Problem` it has no status and no page: its message says it all.
 */
export class PostgresRefusal extends Error {
  readonly detail: string;
  readonly remedy: string;

  constructor({ detail, remedy, cause }: Particulars) {
    super(`${detail}\n${remedy}`, { cause });
    this.name = "PostgresRefusal";
    this.detail = detail;
    this.remedy = remedy;
  }
}
