import { type LetterBody, letterOf } from "./letter.ts";

/** What a letter with a link says, but for the link. */
export interface LinkLetter {
  readonly subject: string;
  readonly path: `/${string}`;
  readonly label: string;
  readonly first: string;
  readonly rest: readonly string[];
}

const ignore = "If it was not you who asked, you can ignore this letter; nobody gets in without the link.";

export const resetLetter: LinkLetter = {
  subject: "Set a new password",
  path: "/reset-password",
  label: "Set a new password",
  first: "Somebody, probably you, asked to set a new password for your account.",
  rest: ["The link works once, for one hour, and only the newest one does.", ignore],
};

export const magicLetter = (minutes: number): LinkLetter => ({
  subject: "Your link to sign in",
  path: "/magic-link",
  label: "Sign in",
  first: "Somebody, probably you, asked to sign in without a password.",
  rest: [
    `The link works once, for ${minutes} ${minutes === 1 ? "minute" : "minutes"}. Open it in the browser in which you asked for it.`,
    "Opened elsewhere, it shows a code for that browser. Never tell that code to anybody, whoever they say they are.",
    ignore,
  ],
});

export const unlockLetter: LinkLetter = {
  subject: "Unlock signing in to your account",
  path: "/unlock",
  label: "Let me sign in again",
  first: "There were many wrong passwords for your account, so new browsers cannot sign in to it for now.",
  rest: [
    "Browsers in which you have signed in before still can. The link works once, for one hour.",
    "If it was not you who typed the passwords, nothing is lost: somebody guesses, and you need not do anything.",
  ],
};

export const oldAddressLetter = (wanted: string): LinkLetter => ({
  subject: "Confirm your new e-mail address",
  path: "/confirm-email",
  label: "Yes, change my address",
  first: `Somebody who is signed in as you wants your account to have another address: ${wanted}.`,
  rest: [
    "The change happens when both addresses have confirmed it. The link works once, for one hour.",
    "If it was not you, do not open it; end all your sessions and set a new password.",
  ],
});

export const newAddressLetter: LinkLetter = {
  subject: "Confirm your new e-mail address",
  path: "/confirm-email",
  label: "Yes, this is my address",
  first: "Somebody, probably you, wants to use this address for their account.",
  rest: [
    "The change happens when both addresses have confirmed it. The link works once, for one hour.",
    ignore,
  ],
};

/** The letter with its link. The token stands in the fragment, which browsers keep to themselves: no log or referrer sees it. */
export function linkLetter(
  { path, label, first, rest }: LinkLetter,
  origin: string,
  token: string,
): LetterBody {
  return letterOf({ paragraphs: [first, ...rest], link: { label, href: `${origin}${path}#token=${token}` } });
}

export const passwordChanged = {
  subject: "Your password was changed",
  letter: letterOf({
    paragraphs: [
      "The password of your account was changed just now.",
      'If it was not you, set a new one at once by the link "Forgotten your password?", which ends every session.',
    ],
  }),
};

export const emailChanged = {
  subject: "Your e-mail address was changed",
  letter: letterOf({
    paragraphs: [
      "The e-mail address of your account was changed just now, after both addresses confirmed it.",
      "If it was not you, tell an administrator of your organization at once.",
    ],
  }),
};
