import type { Notice } from "../../api/notices.ts";
import type { Formats } from "../../format/formats.ts";

type Told = Pick<Notice, "kind" | "details">;
type Words = (said: (name: string) => string, where: string, formats: Formats) => string;

const words: Readonly<Record<string, Words>> = {
  "new-device": (said) => `A new device has signed in: ${said("device") || "unknown"}`,
  "unusual-sign-in": () => "An unusual sign-in",
  "key-made": (said, where) =>
    ({
      service: `An API key of the service account ${said("account")}, for which you answer, was made in ${where}${by(said)}: ${said("name")}`,
      scim: `A token for the directory ${said("account")} was made in ${where}${by(said)}`,
    })[said("class")] ?? `An API key was made for you in ${where}: ${said("name")}`,
  "public-key-made": (said, where) =>
    `A public key of the service account ${said("account")}, for which you answer, was registered in ${where}${by(said)}: ${said("name")}`,
  "directory-left": (said, where) =>
    `${said("former")}, who knows the token of the directory ${said("directory")} in ${where}, may manage it no longer: give it a new one. ` +
    (said("answers") === "" ? "Nobody answers for it now" : `${said("answers")} answers for it now`),
  "organization-left": (_, where) => `You have left ${where}`,
  "member-left": (said, where) => `${said("member")} has left ${where}`,
  "password-changed": () => "Your password was changed",
  "email-changed": (said) => `Your address changed from ${said("from")} to ${said("to")}`,
  "factor-added": (said) => `A second factor was added: ${said("name")}`,
  "factor-removed": (said) => `A second factor was removed: ${said("name")}`,
  "support-asked": (said, where) =>
    `${said("operator")} of the platform’s staff asks to come into ${where}: ${said("reason")}`,
  "second-factor-asked": (said, where, formats) =>
    `${where} asks you for a second factor${fromOf(said("until"), formats)}: add a passkey or an authenticator app`,
  "second-factor-due": (said, where, formats) =>
    `Add a second factor soon: ${where} lets you in by one only${fromOf(said("until"), formats)}`,
  "support-granted": (said, where, formats) =>
    `${said("operator")} of the platform’s staff may come into ${where}${untilOf(said("until"), formats)}: ${said("reason")}`,
  "support-used": (said, where) =>
    `${said("operator")} of the platform’s staff has come into ${where} for the first time since they were let in`,
  "emergency-asked": (said, where) =>
    `${said("operator")} of the platform’s staff asks to come into ${where} without your consent, in an emergency: ${said("reason")}`,
  "emergency-granted": (said, where, formats) =>
    `${said("operator")} of the platform’s staff may read in ${where}${untilOf(said("until"), formats)} without your consent, as ${said("confirmedBy")} has confirmed: ${said("reason")}`,
  "emergency-lent": (said, where, formats) =>
    `You may come into ${where} in an emergency${untilOf(said("until"), formats)}`,
  "support-lent": (said, where, formats) => `${where} has let you in${untilOf(said("until"), formats)}`,
};

const by = (said: (name: string) => string): string => (said("madeBy") === "" ? "" : ` by ${said("madeBy")}`);

const signals: Readonly<Record<string, string>> = {
  "new-device": "from a new device",
  "new-country": "from a country that it was not used from before",
  "new-operator": "through a network operator that it was not used through before",
  "hasty-travel": "from too far away to have travelled there since the last time",
  automated: "by a program, as it seems, and not by a person in a browser",
  "long-absence": "after more than thirty days",
  "after-failures": "after many wrong passwords",
};

/** What a notice says, in one sentence; `where` is what the organization is called. */
export function noticeText({ kind, details }: Told, where: string, formats: Formats): string {
  const said = (name: string): string => {
    const value = details[name];
    return typeof value === "string" ? value : "";
  };
  return words[kind]?.(said, where, formats) ?? `Your account has changed: ${kind.replaceAll("-", " ")}`;
}

/** What was unusual about a sign-in; empty for everything else. */
export function unusualIn({ details }: Told): string {
  const found = details["signals"];
  if (!Array.isArray(found)) return "";
  return found.map((signal) => signals[String(signal)] ?? String(signal)).join(", ");
}

/** Whether it is about somebody coming in, whom the person may not be. */
export function isAlarming({ kind }: Pick<Notice, "kind">): boolean {
  return kind === "new-device" || kind === "unusual-sign-in" || /^emergency-(?:asked|granted)$/.test(kind);
}

function fromOf(at: string, formats: Formats): string {
  return at === "" ? "" : ` from ${formats.exact(at)} on`;
}

function untilOf(until: string, formats: Formats): string {
  return until === "" ? "" : ` until ${formats.exact(until)}`;
}
