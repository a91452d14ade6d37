import type { EmailKind, PhoneKind } from "../../../../contract/import.ts";

/** A column of e-mail addresses or phone numbers, or of the kinds ("Work", "Mobile") that belong to such a column. */
export interface ReachHeader {
  readonly what: "email" | "phone";
  readonly kind: EmailKind | PhoneKind | null;
  /** Lower is preferred as the main one. */
  readonly rank: number;
  /** "E-mail 1 - Type" and "E-mail 1 - Value" share a group. */
  readonly group: string | null;
  readonly holdsKinds: boolean;
}

const emailWords = new Set(["email", "emails", "mail", "mailadresse", "mailaddress"]);
const phoneWords = new Set([
  "phone",
  "phones",
  "telephone",
  "telefon",
  "telefonnummer",
  "tel",
  "rufnummer",
  "mobile",
  "mobil",
  "mobiltelefon",
  "mobilnummer",
  "mobiltelefonnummer",
  "handy",
  "handynummer",
  "cell",
  "cellphone",
  "fax",
  "faxnummer",
  "festnetz",
  "whatsapp",
]);
/** Words of columns that tell something about an address or a number, or about somebody else's. */
const otherMatters = new Set(
  (
    "opt opted out not do call unsubscribed unsubscribe status date time last first count owner assistant asst manager spouse " +
    "created modified bounced bounce hard sent opened open clicked delivered valid verified verification domain " +
    "subscription subscriptions marketing template campaign consent hash preference preferred yomi display pager telex isdn " +
    "callback tty tdd keine nicht id reason quarantined source sends eligible confirmed name city street state zip"
  ).split(" "),
);
const phoneKindWords: readonly (readonly [PhoneKind, RegExp])[] = [
  ["fax", /\bfax/],
  ["mobile", /\b(mobile|mobil|handy|cell|whatsapp)/],
  ["home", /\b(home|privat|private|personal)\b/],
  ["work", /\b(work|business|office|direct|geschaeftlich|dienstlich|buero)\b/],
  ["main", /\b(main|primary|company|corporate|zentrale|haupt)\b/],
  ["other", /\b(other|additional|alternate|secondary|weitere\w*|car|radio)\b/],
];
const emailKindWords: readonly (readonly [EmailKind, RegExp])[] = [
  ["home", /\b(home|privat|private|personal)\b/],
  ["work", /\b(work|business|office|geschaeftlich|dienstlich|company)\b/],
  ["other", /\b(other|additional|alternate|secondary|weitere\w*|alternativ\w*)\b/],
];
const kindRanks = { main: 0, work: 1, mobile: 2, home: 3, other: 6, fax: 90 } as const;

/** Tells whether a header (in `headerWords`) names e-mail addresses or phone numbers of the person, and of which kind. */
export function readReachHeader(words: string): ReachHeader | null {
  const tokens = words.split(" ");
  const holdsKinds = /^(email|phone|telefon) (\d+ )?(type|label|typ)$/.test(words);
  if (!holdsKinds && tokens.some((token) => otherMatters.has(token))) return null;
  const what = tokens.some((token) => emailWords.has(token)) ? "email" : phoneOrNull(tokens);
  if (what === null || (!holdsKinds && /\b(type|label|typ)\b/.test(words))) return null;
  const kind = what === "email" ? emailKind(words) : phoneKind(words);
  const number = /\b(\d+)\b/.exec(words)?.[1];
  const rank = (kind === null ? 0 : kindRanks[kind]) + (number === undefined ? 0 : Number(number) * 0.1);
  return {
    what,
    kind,
    rank,
    group: holdsKinds || number !== undefined ? `${what} ${number ?? 1}` : null,
    holdsKinds,
  };
}

/** The kind that a word like "Work Fax", "* Mobile" or "privat" stands for, in the kind column of a row. */
export function emailKind(words: string): EmailKind | null {
  return emailKindWords.find(([, pattern]) => pattern.test(words))?.[0] ?? null;
}

/** Likewise for phone numbers. */
export function phoneKind(words: string): PhoneKind | null {
  return phoneKindWords.find(([, pattern]) => pattern.test(words))?.[0] ?? null;
}

function phoneOrNull(tokens: readonly string[]): "phone" | null {
  return tokens.some((token) => phoneWords.has(token)) ? "phone" : null;
}
