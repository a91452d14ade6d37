import type { LetterBody } from "../identity/index.ts";

/** What ends: a key of one's own, of a service account that one answers for, or the token of a directory. */
export interface ExpiringKey {
  readonly class: string;
  /** What the service account or the directory is called; null for a key of one's own. */
  readonly account: string | null;
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
export function expirySubject(key: Pick<ExpiringKey, "name" | "class">): string {
  const what = key.class === "scim" ? "Token of the directory" : "API key";
  return plain(`${what} "${key.name}" is about to end`).slice(0, 250);
}

/** The letter to whoever has a key that is about to end. Names are other people's text: they stay on one line and become no markup. */
export function expiryLetter(key: ExpiringKey): LetterBody {
  const { organization, person, hint, day, link } = key;
  const lines = [
    plain(`Hello ${person},`),
    plain(
      `${whatOf(key)} (${hint}) of ${organization} ends on ${day}. What uses it will be refused from then on.`,
    ),
    "Re-roll it before that: the new one and the old one are both good for as long as you choose.",
  ];
  return {
    text: `${lines.join("\n\n")}\n\n${link}\n`,
    html: `${lines.map((line) => `<p>${escaped(line)}</p>`).join("")}<p><a href="${escaped(link)}">${escaped(link)}</a></p>`,
  };
}

function whatOf({ name, account, class: keyClass }: ExpiringKey): string {
  if (keyClass === "scim") return `the token of the directory "${account ?? name}"`;
  return account === null
    ? `the API key "${name}"`
    : `the API key "${name}" of the service account "${account}"`;
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
