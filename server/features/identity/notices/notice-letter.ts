import { type LetterBody, letterOf, oneLine } from "../letter.ts";

/** A notice as a letter tells it. */
export interface ToldNotice {
  readonly kind: string;
  readonly at: string;
  /** The organization's name. */
  readonly organization: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly ip: string | null;
  readonly device: string | null;
}

interface Said {
  readonly subject: string;
  readonly said: string;
  /** What to do about it; what there is to do about one's own sessions, unless said. */
  readonly advice?: string;
  /** Where to do it, and in which words; where to see what happened, unless said. */
  readonly link?: { readonly label: string; readonly path: string };
}
type Words = (told: ToldNotice) => Said;

const named = ({ details }: ToldNotice, name: string): string =>
  typeof details[name] === "string" ? oneLine(details[name]) : "";
const where = ({ organization }: ToldNotice): string =>
  organization === null ? "your account" : oneLine(organization);
/** The place, and who runs the network there, as far as mounted files know them. */
const place = (told: ToldNotice): string =>
  ["place", "operator"].map((name) => (named(told, name) === "" ? "" : `, ${named(told, name)}`)).join("");
const whence = (told: ToldNotice): string =>
  place(told) === "" ? "" : ` It came from${place(told).slice(1)}.`;

const words: Readonly<Record<string, Words>> = {
  "new-device": (told) => ({
    subject: "A new device has signed in to your account",
    said: `A device that your account has not been used from before has signed in: ${named(told, "device")}${place(told)}.`,
  }),
  "unusual-sign-in": (told) => ({
    subject: "An unusual sign-in to your account",
    said: `Somebody has signed in to your account in an unusual way: ${signals(told)}.${whence(told)}`,
  }),
  "key-made": keyMade,
  "public-key-made": (told) => ({
    subject: `A new public key in ${where(told)}`,
    said: `A public key of ${accountOf(told)}, for which you answer, was registered in ${where(told)}${by(told)}: ${named(told, "name")}. Whoever has its private key can come in as that account.`,
    advice: `If you know of this, there is nothing to do. If not, end the key: it is listed with the service account in ${where(told)}.`,
  }),
  "directory-left": (told) => ({
    subject: `Who answers for the directory ${named(told, "directory")} in ${where(told)}`,
    said: `${named(told, "former")}, who set up the directory ${named(told, "directory")} in ${where(told)} or was shown its token, has left or may manage directories no longer. ${next(told)}`,
    advice:
      "They may still have its token: give the directory a new one. Until then it gives no role to them. Whoever saves the directory answers for it by name.",
  }),
  "organization-left": (told) => ({
    subject: `You have left ${where(told)}`,
    said: `You have left ${where(told)}: your keys and the invitations that you had sent have ended there. Your account stays.`,
    advice:
      "If you know of this, there is nothing to do. If not, change your password, end the sessions that are not yours, and ask an owner to invite you again.",
  }),
  "second-factor-asked": (told) => ({
    subject: `${where(told)} asks for a second factor`,
    said: `${where(told)} asks you for a second factor beside your password: a passkey, or an authenticator app. You have none yet. From ${day(told)} on you do not get in without one.`,
    ...adding(told),
  }),
  "second-factor-due": (told) => ({
    subject: `Add a second factor before ${day(told)}`,
    said: `From ${day(told)} on ${where(told)} lets you in by a second factor only: a passkey, or an authenticator app. You have none yet.`,
    ...adding(told),
  }),
  "support-asked": (told) => ({
    subject: `Support asks to come into ${where(told)}`,
    said: `${named(told, "operator")} of the platform's staff asks to come into ${where(told)}. The reason given: ${named(told, "reason")}. Nobody comes in unless one of you grants it.`,
  }),
  "support-granted": (told) => ({
    subject: `Support may come into ${where(told)}`,
    said: `${named(told, "operator")} may come into ${where(told)} until ${named(told, "until")}. The reason given: ${named(told, "reason")}.`,
  }),
  "emergency-asked": (told) => ({
    subject: `Emergency access to ${where(told)} was asked for`,
    said: `${named(told, "operator")} of the platform's staff asks to come into ${where(told)} without your consent, to read for an hour. The reason given: ${named(told, "reason")} (${named(told, "reference")}). A second one of them must confirm it. Under Support access you can refuse it now, and for good.`,
  }),
  "emergency-granted": (told) => ({
    subject: `Emergency access to ${where(told)} was given`,
    said: `${named(told, "operator")} of the platform's staff may read in ${where(told)} until ${named(told, "until")}, without your consent. ${named(told, "confirmedBy")} has confirmed it. The reason given: ${named(told, "reason")} (${named(told, "reference")}). Under Support access you can end it at once, and refuse it for good.`,
  }),
  "support-used": (told) => ({
    subject: `Support has come into ${where(told)}`,
    said: `${named(told, "operator")} has come into ${where(told)} for the first time since it was granted. All that they do stands in the audit trail.`,
  }),
  "emergency-lent": (told) => ({
    subject: `You may come into ${where(told)}, in an emergency`,
    said: `Your request was confirmed: you may read in ${where(told)} until ${named(told, "until")}. Its owners have been told.`,
  }),
  "support-lent": (told) => ({
    subject: `You may come into ${where(told)}`,
    said: `${where(told)} has let you in until ${named(told, "until")}.`,
  }),
};

const ownAdvice =
  "If you know of this, there is nothing to do. If not, end the sessions that are not yours and change your password.";

/** A moment, as somebody reads it who may be in any zone. */
function day(told: ToldNotice): string {
  const at = named(told, "until");
  return `${at.slice(0, 10)}, ${at.slice(11, 16)} UTC`;
}

/** How to add one: at the provider for whoever comes by one, since nobody adds a factor from its session. */
function adding({ details }: ToldNotice): Pick<Said, "advice" | "link"> {
  if (details["byProvider"] === true)
    return {
      advice:
        "You sign in by your organization's identity provider, which has to ask you for it. If it asks you for one already, tell an administrator of your organization; or sign in by password and add one.",
      link: { label: "Sign in", path: "" },
    };
  return {
    advice: "It takes a minute, and you stay signed in.",
    link: { label: "Add a second factor", path: "/security" },
  };
}

/** A key of one's own, of a service account that one answers for, or of a directory: told apart, since what to do differs. */
function keyMade(told: ToldNotice): Said {
  const name = named(told, "name");
  const subject = `A new API key in ${where(told)}`;
  if (named(told, "account") === "")
    return { subject, said: `An API key was made for you in ${where(told)}: ${name}${hint(told)}.` };
  const advice = `If you know of this, there is nothing to do. If not, end the key in ${where(told)}.`;
  if (named(told, "class") === "scim") {
    const said = `A token was made${by(told)} with which the directory ${accountOf(told)} adds, changes and ends members of ${where(told)}${hint(told)}.`;
    return { subject: `A new token of a directory in ${where(told)}`, said, advice };
  }
  return {
    subject: `A new key of a service account in ${where(told)}`,
    said: `An API key of the service account ${accountOf(told)}, for which you answer, was made in ${where(told)}${by(told)}: ${name}${hint(told)}.`,
    advice,
  };
}

const accountOf = (told: ToldNotice): string => `"${named(told, "account")}"`;
const by = (told: ToldNotice): string => (named(told, "madeBy") === "" ? "" : ` by ${named(told, "madeBy")}`);
const hint = (told: ToldNotice): string => (named(told, "hint") === "" ? "" : ` (${named(told, "hint")})`);
const next = (told: ToldNotice): string =>
  named(told, "answers") === ""
    ? "Nobody is left who may: it stands still until somebody does."
    : `It goes on, and ${named(told, "answers")} answers for it now.`;

/** The letter that tells a person of a notice, with what they can do if it was not them. */
export function noticeLetter(
  told: ToldNotice,
  publicUrl: string,
): { readonly subject: string; readonly letter: LetterBody } {
  const {
    subject,
    said,
    advice = ownAdvice,
    link = { label: "See what happened", path: "" },
  } = words[told.kind]?.(told) ?? {
    subject: "A change of your account",
    said: `Your account has changed: ${told.kind}.`,
  };
  const from = [told.ip, told.device].filter((part) => part !== null).join(", ");
  const paragraphs = [said, `When: ${told.at}${from === "" ? "" : `. From: ${oneLine(from)}`}.`, advice];
  return {
    subject: oneLine(subject).slice(0, 250),
    letter: letterOf({ paragraphs, link: { label: link.label, href: `${publicUrl}${link.path}` } }),
  };
}

const signalWords: Readonly<Record<string, string>> = {
  "new-device": "from a new device",
  "new-country": "from a country that it was not used from before",
  "new-operator": "through a network operator that it was not used through before",
  "hasty-travel": "from too far away to have travelled there since the last time",
  automated: "by a program, as it seems, and not by a person in a browser",
  "long-absence": "after more than thirty days",
  "after-failures": "after many wrong passwords",
};

function signals({ details }: ToldNotice): string {
  const found: unknown = details["signals"];
  if (!Array.isArray(found)) return "unknown";
  return found.map((signal) => signalWords[String(signal)] ?? String(signal)).join(", ");
}
