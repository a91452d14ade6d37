import type { Where } from "../../kernel/vault/index.ts";

/** The cell that a letter is sealed for: the body of this very mail, and no other. */
export function mailBody(mailId: string): Where {
  return { table: "mail", column: "body", rowId: mailId };
}
