import { monotonicMs } from "../../foundation/clock/index.ts";
import type { Pool } from "../../foundation/database/index.ts";
import { newToken, sha256 } from "../../foundation/ids/index.ts";
import { log } from "../../foundation/log/index.ts";
import type { Mailer } from "../../foundation/mail/index.ts";
import { type Loop, startLoop } from "../../jobs/index.ts";
import type { InstallationVault } from "../../kernel/vault/index.ts";
import { unpackLetter } from "./letter.ts";
import { isFinalMailFailure, reasonOfMailFailure } from "./mail-failure.ts";
import { personMailBody } from "./person-mail.ts";

export interface PersonMailOptions {
  readonly worker: Pool;
  readonly vault: InstallationVault;
  readonly mailer: Mailer;
  readonly idleMs?: number;
}

interface Leased {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly body: Buffer;
  readonly attempt: number;
}

const tries = 10;
const leaseSeconds = 120;
const atOnce = 4;

/**
 * Sends people's own letters until stopped. It looks at its own pace and is never nudged by a request: work that begins
 * with an answer would tell, by the time of the next one, whether there was anybody to write to.
 */
export function startPersonMail({ worker, vault, mailer, idleMs = 1000 }: PersonMailOptions): Loop {
  const leaseHash = sha256(newToken());
  const settle = async (id: string, failure: string | null, retrySeconds: number | null): Promise<void> => {
    await worker.batch([
      {
        text: "select kernel.settle_person_mail($1, $2, $3, $4)",
        values: [id, leaseHash, failure, retrySeconds],
      },
    ]);
  };
  const sendOne = async ({ id, to, subject, body, attempt }: Leased): Promise<void> => {
    const startedAt = monotonicMs();
    try {
      const letter = await vault.use(personMailBody(id), body, unpackLetter);
      await mailer.send({ id, to, subject, ...letter });
    } catch (error) {
      const final = isFinalMailFailure(error) || attempt >= tries;
      log.event("mail-failed", { mailId: id, attempt, final, error });
      return settle(id, reasonOfMailFailure(error), final ? null : Math.min(2 ** attempt, 3600));
    }
    // One that died before this sends the same Message-ID again.
    await settle(id, null, null);
    log.event("mail-sent", { mailId: id, milliseconds: Math.round(monotonicMs() - startedAt) });
  };
  return startLoop({
    task: "person mail",
    idleMs,
    round: async () => {
      const [leased] = await worker.batch([
        {
          text: "select * from kernel.lease_person_mail($1, $2, $3)",
          values: [leaseHash, leaseSeconds, atOnce],
        },
      ]);
      const letters = (leased?.rows ?? []).map(leasedFrom);
      await Promise.all(letters.map(sendOne));
      return letters.length > 0;
    },
  });
}

function leasedFrom(row: Record<string, unknown>): Leased {
  return {
    id: String(row["id"]),
    to: String(row["to_address"]),
    subject: String(row["subject"]),
    // The column is bytea, and a letter that waits has one.
    body: row["body"] as Buffer,
    attempt: Number(row["attempt"]),
  };
}
