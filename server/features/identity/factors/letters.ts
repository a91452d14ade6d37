import type { InstallationVault } from "../../../kernel/vault/index.ts";
import { letterOf } from "../letter.ts";
import { sealedLetter } from "../person-mail.ts";

/** What a person is told about their factors. */
export type Told =
  | "factor-added"
  | "factor-removed"
  | "factors-reset"
  | "factors-locked"
  | "backup-code-used"
  | "backup-codes-renewed";

interface Hands {
  readonly ip: string;
  readonly device: string;
}

interface Letters {
  readonly personVault: InstallationVault;
  readonly publicUrl: () => string;
}

const subjects: Readonly<Record<Told, string>> = {
  "factor-added": "A second factor was added to your account",
  "factor-removed": "A second factor was removed from your account",
  "factors-reset": "Your second factor was taken away",
  "factors-locked": "Too many wrong codes for your account",
  "backup-code-used": "A backup code of your account was used",
  "backup-codes-renewed": "New backup codes were made for your account",
};

const whatToDo =
  "If this was not you, change your password, end your sessions, and look at your factors under Security.";

/**
 * Letters about what may come of a request, sealed: the database queues the one that turns out true, in the same
 * transaction, and can open none.
 */
export function factorLetters(
  { personVault, publicUrl }: Letters,
  { ip, device }: Hands,
  wanted: Readonly<Partial<Record<Told, string>>>,
): string {
  const from = `It came from ${ip}${device === "" ? "" : `, which calls itself ${device}`}.`;
  const entries = Object.entries(wanted).map(([told, sentence]) => {
    const letter = letterOf({
      paragraphs: [sentence, from, whatToDo],
      link: { label: "Security", href: `${publicUrl()}/security` },
    });
    const { mailId, sealed } = sealedLetter(personVault, letter);
    // Object.entries forgets what the keys of `wanted` are.
    const subject = subjects[told as Told];
    return [told, { id: mailId, subject, body: sealed.toString("base64") }];
  });
  return JSON.stringify(Object.fromEntries(entries));
}

/** The letters that a try of a factor may call for. */
export function tryingLetters(letters: Letters, hands: Hands, backupCodesLeft: number): string {
  const left = Math.max(0, backupCodesLeft - 1);
  const warning = left <= fewCodes ? " Make new ones soon, under Security." : "";
  return factorLetters(letters, hands, {
    "factors-locked":
      "Many wrong codes were typed for your account, by somebody who knows your password, holds a session of yours, or came by an organization's single sign-on. Codes are refused there for a quarter of an hour, and after fifty within a day for the rest of it; passkeys work.",
    "backup-code-used": `One of your backup codes was used. ${left} ${left === 1 ? "is" : "are"} left.${warning}`,
  });
}

/** From so few on, people are told to make new ones. */
export const fewCodes = 3;
