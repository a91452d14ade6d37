import { folded, guessingCost, guessingCostMin } from "./guessing-cost.ts";
import { beyondReading, charactersMax, normalised } from "./password-bytes.ts";
import { bcryptPasswordBytesMax, type HashingConfig } from "./recipe.ts";

/** Where the password stands alone (NIST SP 800-63B-4). */
export const lengthMinAlone = 15;
/** Where policy makes sure that a second factor follows (ASVS 6.2.1). */
export const lengthMinWithSecondFactor = 8;

/** What surrounds a new password. */
export interface PasswordContext {
  /** Organization, product, e-mail address, name: whatever somebody who knows the person would try. */
  readonly words: readonly string[];
  /** 15 unless given; never below 8. */
  readonly lengthMin?: number;
  /** bcrypt reads 72 bytes only, so longer passwords are refused where it is selected. */
  readonly scheme?: HashingConfig["scheme"];
}

export interface PasswordFault {
  readonly rule:
    | "too-short"
    | "too-long"
    | "unusable-character"
    | "too-long-for-bcrypt"
    | "common"
    | "context";
  /** A sentence for the person; it never contains any part of the password. */
  readonly detail: string;
}

/**
 * What is wrong with a password that somebody wants to set; empty when nothing is.
 *
 * Length and guessability count, kinds of characters do not, and no password ages (ASVS 6.2.5, 6.2.10).
 */
export function faultsOfPassword(password: string, context: PasswordContext): readonly PasswordFault[] {
  if (beyondReading(password)) return [tooLong];
  const text = normalised(password);
  const length = [...text].length;
  const lengthMin = Math.max(context.lengthMin ?? lengthMinAlone, lengthMinWithSecondFactor);
  if (length > charactersMax) return [tooLong];
  if (length < lengthMin) return [{ rule: "too-short", detail: `Use at least ${lengthMin} characters.` }];
  // A lone surrogate has no UTF-8 form: two of them would hash alike. NUL ends a string in some bcrypt libraries.
  if (/[\p{Surrogate}\0]/u.test(text)) return [unusableCharacter];
  if (context.scheme === "bcrypt" && Buffer.byteLength(text) > bcryptPasswordBytesMax)
    return [tooLongForBcrypt];
  if (guessingCost(text, new Set()) < guessingCostMin) return [common];
  if (guessingCost(text, wordsOf(context)) < guessingCostMin) return [fromContext];
  return [];
}

const tooLong: PasswordFault = { rule: "too-long", detail: `Use at most ${charactersMax} characters.` };
const unusableCharacter: PasswordFault = {
  rule: "unusable-character",
  detail: "The password contains a character that cannot be stored.",
};
const tooLongForBcrypt: PasswordFault = {
  rule: "too-long-for-bcrypt",
  detail: `Use at most ${bcryptPasswordBytesMax} bytes: letters with accents and signs of other scripts count two to four.`,
};
const common: PasswordFault = {
  rule: "common",
  detail:
    "This is a common password, or one put together from common ones. Take several words that have nothing to do with each other.",
};
const fromContext: PasswordFault = {
  rule: "context",
  detail: "This is easily guessed from your name, e-mail address or organization.",
};

function wordsOf({ words }: PasswordContext): ReadonlySet<string> {
  const found = words.slice(0, 32).flatMap((word) => {
    const parts = folded(word.slice(0, 320))
      .split(/[^\p{L}\p{N}]+/u)
      .filter((part) => part !== "");
    return [...parts, parts.join("")];
  });
  return new Set(found.filter((word) => word.length >= 3));
}
