import type { OwnersLetter } from "./tell-owners.ts";

/** One sign-in past an organization's single sign-on. */
export interface BreakGlassUse {
  readonly organization: string;
  readonly who: string;
  readonly at: string;
  readonly ip: string | null;
}

/** The letter about it. */
export function breakGlassLetter({ organization, who, at, ip }: BreakGlassUse): OwnersLetter {
  return {
    purpose: "break-glass",
    subject: `Somebody got into ${organization} without single sign-on`,
    paragraphs: [
      `${who} signed in to ${organization} without single sign-on, which ${organization} demands of everybody else.`,
      `It happened at ${at}${ip === null ? "" : `, from ${ip}`}. The audit trail has it as break-glass.`,
      "If nobody of you meant to, end that person's sessions and membership now.",
    ],
  };
}
