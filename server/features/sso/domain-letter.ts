import type { OwnersLetter } from "./tell-owners.ts";

/** What became of a verified domain, and who comes in by it. */
export interface DomainNews {
  readonly what: "missing" | "found" | "withdrawn" | "taken";
  readonly domain: string;
  /** Until when a domain counts whose record is gone. */
  readonly until: string;
  readonly enforced: boolean;
  readonly connections: readonly { readonly id: string; readonly name: string }[];
  readonly publicUrl: string;
}

/** The letter about it: what goes on, what does not, and what to do. */
export function domainLetter(news: DomainNews): OwnersLetter {
  const { what, domain, until } = news;
  const record = `_ringfence.${domain}`;
  switch (what) {
    case "missing":
      return letter(`The TXT record of ${domain} is gone`, [
        `The TXT record ${record}, which shows that ${domain} is yours, is no longer in DNS. The domain counts until ${until}, if the record does not come back.`,
        "Until then your members go on as before, and nobody new is added by an address of this domain.",
        'If it is a mistake, set the record again and choose "Check now" under "Who gets in". If the domain is no longer yours, remove it there.',
        ...afterwards(news, "After that date"),
      ]);
    case "found":
      return letter(`The TXT record of ${domain} is back`, [
        `The TXT record ${record} was found again. ${domain} counts as before.`,
      ]);
    case "withdrawn":
      return letter(`${domain} is no longer verified`, [
        `The TXT record ${record} has been gone for seven days, so ${domain} no longer counts as yours.`,
        ...afterwards(news, "From now on"),
        'To verify it again, set the record and choose "Check now" under "Who gets in".',
      ]);
    case "taken":
      return letter(`${domain} is another organization's now`, [
        `Another organization has shown by DNS that ${domain} is its own, and your record ${record} has been gone for more than a day. It no longer counts as yours.`,
        ...afterwards(news, "From now on"),
      ]);
  }
}

function letter(subject: string, paragraphs: readonly string[]): OwnersLetter {
  return { purpose: "domain", subject, paragraphs };
}

/** What a domain that does not count leaves behind; who is in it must be able to find the way without their address. */
function afterwards({ domain, enforced, connections, publicUrl }: DomainNews, when: string): string[] {
  if (connections.length === 0) return [];
  const ways = connections.map(({ id, name }) => `${name}: ${publicUrl}/sign-in?sso=${id}`).join(" ; ");
  return [
    `${when}, the sign-in page does not send people of ${domain} to your identity provider. Members who have come by it before still get in, at this address: ${ways}`,
    "Members who have never come by it, and new ones, do not get in by an address of this domain.",
    ...(enforced ? ["Single sign-on stays demanded. Owners with break-glass get in without it."] : []),
  ];
}
