/** One sign-in past an organization's single sign-on. */
export interface BreakGlassUse {
  readonly organization: string;
  readonly who: string;
  readonly at: string;
  readonly ip: string | null;
}

/** The letter about it, packed as the outbox keeps letters. It has no link: nobody should follow one out of an alarm. */
export function breakGlassLetter({ organization, who, at, ip }: BreakGlassUse): {
  readonly subject: string;
  readonly body: Buffer;
} {
  const paragraphs = [
    `${who} signed in to ${organization} without single sign-on, which ${organization} demands of everybody else.`,
    `It happened at ${at}${ip === null ? "" : `, from ${ip}`}. The audit trail has it as break-glass.`,
    "If nobody of you meant to, end that person's sessions and membership now.",
  ].map(oneLine);
  const html = paragraphs.map((paragraph) => `<p>${escaped(paragraph)}</p>`).join("");
  return {
    subject: oneLine(`Somebody got into ${organization} without single sign-on`).slice(0, 250),
    body: Buffer.from(JSON.stringify({ text: `${paragraphs.join("\n\n")}\n`, html }), "utf8"),
  };
}

function oneLine(value: string): string {
  return value.replace(/[\s\p{C}]+/gu, " ").trim();
}

function escaped(value: string): string {
  return value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
