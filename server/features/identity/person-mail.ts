import type { Statement } from "../../foundation/database/index.ts";
import { uuidv7 } from "../../foundation/ids/index.ts";
import type { InstallationVault, Where } from "../../kernel/vault/index.ts";
import { type LetterBody, packLetter } from "./letter.ts";

/** A letter to a person as the functions of the database take it: sealed for the very row that it will be. */
export interface SealedLetter {
  readonly mailId: string;
  readonly sealed: Buffer;
}

/** Seals a letter for `kernel.queue_person_mail`. The database cannot open it, and the one-time link in it is nowhere else. */
export function sealedLetter(vault: InstallationVault, letter: LetterBody): SealedLetter {
  const mailId = uuidv7();
  return { mailId, sealed: vault.seal(personMailBody(mailId), packLetter(letter)) };
}

/** The cell that a person's letter is sealed for: the body of this very mail, and no other. */
export function personMailBody(mailId: string): Where {
  return { table: "person_mail", column: "body", rowId: mailId };
}

/**
 * Reads the letters that wait, for the operator, or with an organization named those in its name; the look stands in the trails
 * of those whom they are addressed to.
 */
export function personOutbox(organization: string | null): Statement {
  return { text: "select * from kernel.operator_person_outbox($1)", values: [organization] };
}
