import { monotonicMs } from "../../foundation/clock/index.ts";
import { log } from "../../foundation/log/index.ts";
import type { Mailer } from "../../foundation/mail/index.ts";
import { job, type Job, type JobScope } from "../../jobs/index.ts";
import type { KeyProvider } from "../../kernel/vault/index.ts";
import { isFinalMailFailure, type LetterBody, reasonOfMailFailure, unpackLetter } from "../identity/index.ts";
import { mailBody } from "./mail-body.ts";
import { withTenantVault } from "../../kernel/tenancy/index.ts";

export interface SendMailOptions {
  readonly keys: KeyProvider;
  /** Null without a relay: letters then wait in the outbox. */
  readonly mailer: Mailer | null;
}

interface Waiting {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly body: LetterBody;
}

const tries = 12;

/**
 * Sends one letter of the outbox. It is opened at the moment of sending only; a second run finds it sent and does
 * nothing, and one that died between the relay's yes and ours sends the same Message-ID again.
 *
 * Without a relay the job is done and the letter waits; a start with a relay queues it again.
 */
export function sendMailJob({ keys, mailer }: SendMailOptions): Job {
  return job({
    kind: "mail.send",
    requires: null,
    needs: ["outbox.send"],
    tries,
    run: async ({ scope, payload, attempt }) => {
      if (mailer === null) return;
      const startedAt = monotonicMs();
      const mailId = String(payload["mail"]);
      try {
        const waiting = await openLetter(scope, keys, mailId);
        if (waiting === null) return;
        const { id, to, subject, body } = waiting;
        await mailer.send({ id, to, subject, ...body });
      } catch (error) {
        const final = isFinalMailFailure(error) || attempt >= tries;
        log.event("mail-failed", { mailId, attempt, final, error });
        await settle(scope, mailId, reasonOfMailFailure(error), final);
        if (isFinalMailFailure(error)) return;
        throw error;
      }
      await settle(scope, mailId, null, true);
      log.event("mail-sent", { mailId, milliseconds: Math.round(monotonicMs() - startedAt) });
    },
  });
}

/** Null when it was sent already. */
async function openLetter(scope: JobScope, keys: KeyProvider, mailId: string): Promise<Waiting | null> {
  return scope.tx(async (t) => {
    const { rows } = await t.run({
      text: "select kernel.bound_tenant() as tenant, to_address, subject, body from kernel.mail_to_send where id = $1",
      values: [mailId],
    });
    const [row] = rows;
    const sealed = row?.["body"];
    if (row === undefined || !Buffer.isBuffer(sealed)) return null;
    const tenantId = String(row["tenant"]);
    const body = await withTenantVault(t, keys, tenantId, (vault) =>
      vault.use(tenantId, mailBody(mailId), sealed, unpackLetter),
    );
    return { id: mailId, to: String(row["to_address"]), subject: String(row["subject"]), body };
  });
}

async function settle(
  scope: JobScope,
  mailId: string,
  failure: string | null,
  final: boolean,
): Promise<void> {
  await scope.run({ text: "select kernel.settle_mail($1, $2, $3)", values: [mailId, failure, final] });
}
