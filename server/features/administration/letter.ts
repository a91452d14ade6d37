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
  return `You are invited to ${plainName(organization)}`;
}

/** The letter to somebody who is invited. Names are other people's text: they become no markup, no second line and no link. */
export function invitationLetter({ organization, invitedBy, roles, link, days }: Invitation): LetterBody {
  return letterOf({
    paragraphs: [
      `${plainName(invitedBy)} invites you to ${plainName(organization)} as ${roles.join(", ")}.`,
      `The link works once, for ${days} days. If you did not expect this, you can ignore it.`,
    ],
    link: { label: "Open this link to accept", href: link },
  });
}

const nameMax = 100;

/**
 * Somebody's name in a letter to a stranger. Mail programs make links of what looks like one, and anybody may call an organization
 * "Visit evil.example": dots within words are followed by a space, and long names are cut.
 */
function plainName(name: string): string {
  const plain = oneLine(name)
    .replaceAll("://", " ")
    .replace(/([.\u3002\uff0e\uff61])(?=\S)/gu, "$1 ");
  const letters = [...plain];
  return letters.length > nameMax ? `${letters.slice(0, nameMax).join("")}\u2026` : plain;
}
