/** A pinned certificate that will soon be over. */
export interface EndingCertificate {
  readonly connection: string;
  readonly organization: string;
  readonly fingerprint: string;
  readonly endsAt: string;
  /** How many other certificates the connection has. */
  readonly others: number;
}

/** The letter about it, packed as the outbox keeps letters. */
export function certificateLetter(ending: EndingCertificate): {
  readonly subject: string;
  readonly body: Buffer;
} {
  const { organization, connection, fingerprint, endsAt, others } = ending;
  const paragraphs = [
    `A certificate of the identity provider "${connection}", by which people of ${organization} sign in, ends at ${endsAt}. ` +
      "Responses that it signed are not taken any more from then on.",
    others > 0
      ? "The connection has another certificate beside it. If your provider signs with that one already, take this one out."
      : "Add the provider's next certificate to the connection beside this one, before the provider changes over.",
    `SHA-256 fingerprint: ${fingerprint}`,
  ].map(oneLine);
  const html = paragraphs.map((paragraph) => `<p>${escaped(paragraph)}</p>`).join("");
  return {
    subject: oneLine(`A certificate of "${connection}" ends at ${endsAt.slice(0, 10)}`).slice(0, 250),
    body: Buffer.from(JSON.stringify({ text: `${paragraphs.join("\n\n")}\n`, html }), "utf8"),
  };
}

function oneLine(value: string): string {
  return value.replace(/[\s\p{C}]+/gu, " ").trim();
}

function escaped(value: string): string {
  return value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
