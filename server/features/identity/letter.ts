/** What a letter says, as it is sealed into the outbox: a text for everybody and the same as simple HTML. */
export interface LetterBody {
  readonly text: string;
  readonly html: string;
}

export interface LetterParts {
  /** Each on a line of its own; what is quoted in them becomes no markup. */
  readonly paragraphs: readonly string[];
  /** Stands after the first paragraph. */
  readonly link?: { readonly label: string; readonly href: string };
}

/** A letter of plain paragraphs and at most one link. Names are other people's text: they stay on one line and become no markup. */
export function letterOf({ paragraphs, link }: LetterParts): LetterBody {
  const [first = "", ...rest] = paragraphs.map(oneLine);
  const links = link === undefined ? [] : [link];
  return {
    text: `${[first, ...links.map(({ label, href }) => `${label}:\n\n${href}`), ...rest].join("\n\n")}\n`,
    html: [
      `<p>${escaped(first)}</p>`,
      ...links.map(
        ({ label, href }) => `<p><a href="${escaped(href)}">${escaped(label)}</a></p><p>${escaped(href)}</p>`,
      ),
      ...rest.map((paragraph) => `<p>${escaped(paragraph)}</p>`),
    ].join(""),
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

/** Somebody else's text on one line, without control characters. */
export function oneLine(value: string): string {
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
