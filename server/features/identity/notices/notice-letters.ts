import type { Pool } from "../../../foundation/database/index.ts";
import { type Loop, startLoop } from "../../../jobs/index.ts";
import type { InstallationVault } from "../../../kernel/vault/index.ts";
import { sealedLetter } from "../person-mail.ts";
import { noticeLetter, type ToldNotice } from "./notice-letter.ts";

export interface NoticeLetterOptions {
  readonly worker: Pool;
  readonly vault: InstallationVault;
  readonly publicUrl: () => string;
  readonly idleMs?: number;
}

const atOnce = 10;

/**
 * Writes the letters that notices want, until stopped. The database notes what happened, in the transaction in which it
 * happens; what a letter says of it is put into words here and sealed, since the database has no key for that.
 */
export function startNoticeLetters({ worker, vault, publicUrl, idleMs = 1000 }: NoticeLetterOptions): Loop {
  return startLoop({
    task: "notices",
    idleMs,
    round: async () => {
      const [found] = await worker.batch([
        { text: "select * from kernel.notices_to_mail($1)", values: [atOnce] },
      ]);
      // The columns of kernel.notices_to_mail.
      const notices = (found?.rows ?? []) as unknown as (ToldNotice & { readonly id: string })[];
      for (const told of notices) {
        const { subject, letter } = noticeLetter(told, publicUrl());
        const { mailId, sealed } = sealedLetter(vault, letter);
        await worker.batch([
          { text: "select kernel.mail_notice($1, $2, $3, $4)", values: [told.id, mailId, subject, sealed] },
        ]);
      }
      return notices.length === atOnce;
    },
  });
}
