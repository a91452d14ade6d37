import type { SupportGrant } from "../../api/support.ts";
import type { Tone } from "../../parts/status.tsx";

interface Words {
  readonly tone: Tone;
  readonly word: string;
}

type Told = Pick<SupportGrant, "state" | "emergency" | "givenAt">;

/** What a grant is at, in a few words. */
export function grantState({ state, emergency, givenAt }: Told): Words {
  switch (state) {
    case "asked":
      return { tone: "warn", word: emergency ? "Waits for a second operator" : "Asks for access" };
    case "live":
      return emergency ? { tone: "bad", word: "May read now" } : { tone: "accent", word: "Has access" };
    case "refused":
      return { tone: "neutral", word: "Refused" };
    case "ended":
      return { tone: "neutral", word: "Ended" };
    default:
      return { tone: "neutral", word: givenAt === null ? "Nobody confirmed it" : "Over" };
  }
}

/** Whether somebody waits at the door, or is inside. */
export function isOpen({ state }: Pick<SupportGrant, "state">): boolean {
  return state === "asked" || state === "live";
}

/** How the sentence begins that says what a grant is for. */
export function scopeBegins({ state, givenAt }: Pick<SupportGrant, "state" | "givenAt">): string {
  if (state === "live") return "May";
  return givenAt === null ? "Asked to" : "Could";
}

const reasons: Readonly<Record<string, string>> = {
  "given back": "they gave it back",
  "the operator left": "they left the platform’s staff",
  "emergency access refused": "emergency access was refused",
  "emergency access was switched off": "the installation switched emergency access off",
};

/** Why a grant ended; empty where to say who ended it says it all. */
export function endReason(why: string | null): string {
  return why === null ? "" : (reasons[why] ?? "");
}
