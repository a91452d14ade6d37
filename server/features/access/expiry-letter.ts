import type { LetterBody } from "../identity/index.ts";

export interface ExpiringKey {
  readonly organization: string;
  readonly person: string;
  readonly name: string;
  /** The public id that stands in the key. */
  readonly hint: string;
  /** The day, as the organization writes days. */
  readonly day: string;
  readonly link: string;
}

/** The subject of the letter: one line, whatever the key is called. */
export function expirySubject({ name }: Pick<ExpiringKey, "name">): string {
  return plain(`API key "${name}" is about to end`).slice(0, 250);
}

/** The letter to whoever has a key that is about to end. Names are other people's text: they stay on one line and become no markup. */
export function expiryLetter({ organization, person, name, hint, day, link }: ExpiringKey): LetterBody {
  const lines = [
    plain(`Hello ${person},`),
    plain(
      `the API key "${name}" (${hint}) of ${organization} ends on ${day}. What uses it will be refused from then on.`,
    ),
    "Re-roll it before that: the new key and the old one are both good for as long as you choose.",
  ];
  return {
    text: `${lines.join("\n\n")}\n\n${link}\n`,
    html: `${lines.map((line) => `<p>${escaped(line)}</p>`).join("")}<p><a href="${escaped(link)}">${escaped(link)}</a></p>`,
  };
}

function plain(value: string): string {
  return value.replace(/[\s\p{C}]+/gu, " ").trim();
}

function escaped(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
