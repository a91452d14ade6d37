import { MailNotTaken } from "../../foundation/mail/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { UnsealError } from "../../kernel/vault/index.ts";

/** A letter that must not be sent, cannot be opened, or that the relay will never take, is not tried again. */
export function isFinalMailFailure(error: unknown): boolean {
  return (
    error instanceof Problem ||
    error instanceof UnsealError ||
    (error instanceof MailNotTaken && error.permanent)
  );
}

/** Why a letter was not sent, for its row. Codes and our own words only: a relay's words quote addresses. */
export function reasonOfMailFailure(error: unknown): string {
  if (error instanceof MailNotTaken) return `the relay did not take it (${error.code})`;
  if (error instanceof Problem)
    return error.errors?.map(({ pointer, detail }) => `${pointer} ${detail}`).join("; ") ?? error.message;
  return error instanceof UnsealError
    ? "it cannot be opened; its key is gone"
    : "it could not be sent; see the log";
}
