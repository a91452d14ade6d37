import { type LetterBody, letterOf, oneLine } from "../identity/index.ts";

export interface Invitation {
  readonly organization: string;
  readonly invitedBy: string;
  readonly roles: readonly string[];
  readonly link: string;
  readonly days: number;
}

/** The subject of an invitation: one line, whatever the organization is called. */
export function invitationSubject({ organization }: Pick<Invitation, "organization">): string {
  return oneLine(`You are invited to ${organization}`).slice(0, 250);
}

/** The letter to somebody who is invited. Names are other people's text: they stay on one line and become no markup. */
export function invitationLetter({ organization, invitedBy, roles, link, days }: Invitation): LetterBody {
  return letterOf({
    paragraphs: [
      `${oneLine(invitedBy)} invites you to ${oneLine(organization)} as ${roles.join(", ")}.`,
      `The link works once, for ${days} days. If you did not expect this, you can ignore it.`,
    ],
    link: { label: "Open this link to accept", href: link },
  });
}
