/** What a letter says, as it is sealed into the outbox: a text for everybody and the same as simple HTML. */
export interface LetterBody {
  readonly text: string;
  readonly html: string;
}

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
  const said = `${oneLine(invitedBy)} invites you to ${oneLine(organization)} as ${roles.join(", ")}.`;
  const valid = `The link works once, for ${days} days. If you did not expect this, you can ignore it.`;
  return {
    text: `${said}\n\nOpen this link to accept:\n\n${link}\n\n${valid}\n`,
    html: `<p>${escaped(said)}</p><p><a href="${escaped(link)}">Accept the invitation</a></p><p>${escaped(link)}</p><p>${escaped(valid)}</p>`,
  };
}

/** A letter as bytes to be sealed. */
export function packLetter(body: LetterBody): Buffer {
  return Buffer.from(JSON.stringify(body), "utf8");
}

/** What `packLetter` made. */
export function unpackLetter(bytes: Buffer): LetterBody {
  // Only packLetter writes sealed bodies, and the seal shows that nobody else did.
  return JSON.parse(bytes.toString("utf8")) as LetterBody;
}

function oneLine(value: string): string {
  return value.replace(/[\s\p{C}]+/gu, " ").trim();
}

function escaped(value: string): string {
  const signs: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return value.replace(/[&<>"']/g, (sign) => signs[sign] ?? sign);
}
