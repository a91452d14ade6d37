import { createTransport } from "nodemailer";
import { type Config, onThisMachine } from "../config/index.ts";
import { type Letter, refuseUnsafe } from "./letter.ts";
import { transportOptions } from "./transport-options.ts";

const secondsInAll = 60;

export interface Mailer {
  /**
   * Hands one letter to the relay; resolved means that the relay has taken charge of it. Rejects with a `Problem`
   * for a letter that must not be sent, and with `MailNotTaken` otherwise. Tries once: the outbox decides on more.
   */
  send(letter: Letter): Promise<void>;
}

/** The relay did not take a letter. Carries codes only: the relay's own words quote addresses. */
export class MailNotTaken extends Error {
  /** Whether trying again is of no use (an SMTP answer of 5xx to the letter itself; RFC 5321 section 4.2.1). */
  readonly permanent: boolean;
  readonly code: string;

  constructor(code: string, permanent: boolean, cause: unknown) {
    super(`The mail relay did not take the letter (${code})`, { cause });
    this.name = "MailNotTaken";
    this.code = code;
    this.permanent = permanent;
  }
}

/** The way to the relay, or null when none is configured and letters stay in the outbox for people to read. */
export function createMailer({ smtpUrl, mailFrom }: Pick<Config, "smtpUrl" | "mailFrom">): Mailer | null {
  if (smtpUrl === null || mailFrom === null) return null;
  const transport = createTransport(transportOptions(smtpUrl, onThisMachine));
  const domain = mailFrom.replace(/^.*@|>$/g, "");
  return {
    async send(letter) {
      refuseUnsafe(letter);
      const sending = transport.sendMail({
        from: mailFrom,
        to: { name: "", address: letter.to },
        subject: letter.subject,
        text: letter.text,
        ...(letter.html === undefined ? {} : { html: letter.html }),
        messageId: `<${letter.id}@${domain}>`,
        // RFC 3834: keeps holiday notices from answering.
        headers: { "Auto-Submitted": "auto-generated" },
      });
      await withinTime(sending).catch(notTaken);
    },
  };
}

/** Silence is timed by the transport; this also ends a relay that answers a letter at a time. */
async function withinTime(sending: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new MailNotTaken("ETIMEDOUT", false, undefined)), secondsInAll * 1000);
  });
  try {
    await Promise.race([sending, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function notTaken(error: unknown): never {
  if (error instanceof MailNotTaken) throw error;
  const response = field(error, "responseCode");
  const code = field(error, "code");
  const command = field(error, "command");
  // A refused sign-in or greeting is 5xx as well, but it is the installation's fault and will be mended.
  const aboutLetter = command === "RCPT TO" || command === "DATA" || command === "MAIL FROM";
  const permanent = aboutLetter && typeof response === "number" && response >= 500 && response < 600;
  throw new MailNotTaken(
    typeof response === "number" ? `SMTP${response}` : String(code ?? "UNKNOWN"),
    permanent,
    error,
  );
}

function field(error: unknown, name: string): unknown {
  return error instanceof Error ? Reflect.get(error, name) : undefined;
}
