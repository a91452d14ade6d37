import type { OwnersLetter } from "../tell-owners.ts";

/** A pinned certificate that will soon be over. */
export interface EndingCertificate {
  readonly connection: string;
  readonly organization: string;
  readonly fingerprint: string;
  readonly endsAt: string;
  /** How many other certificates the connection has. */
  readonly others: number;
}

/** The letter about it. */
export function certificateLetter(ending: EndingCertificate): OwnersLetter {
  const { organization, connection, fingerprint, endsAt, others } = ending;
  return {
    purpose: "certificate",
    subject: `A certificate of "${connection}" ends at ${endsAt.slice(0, 10)}`,
    paragraphs: [
      `A certificate of the identity provider "${connection}", by which people of ${organization} sign in, ends at ${endsAt}. ` +
        "Responses that it signed are not taken any more from then on.",
      others > 0
        ? "The connection has another certificate beside it. If your provider signs with that one already, take this one out."
        : "Add the provider's next certificate to the connection beside this one, before the provider changes over.",
      `SHA-256 fingerprint: ${fingerprint}`,
    ],
  };
}
