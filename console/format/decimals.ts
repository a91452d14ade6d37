/** A number as it stands in an input: the locale's decimal sign, no groups, plain digits and a plain minus. */
export function decimalInput(locale: string, value: number): string {
  return new Intl.NumberFormat(locale, {
    useGrouping: false,
    maximumFractionDigits: 20,
    numberingSystem: "latn",
  })
    .format(value)
    .replace("\u2212", "-")
    .replace(/[\u200e\u200f\u061c]/gu, "");
}

/** Reads a number that was typed the locale's way; null when it is none, or could be two different ones. */
export function readDecimal(locale: string, typed: string): number | null {
  const { decimal, group } = signsOf(locale);
  const text = typed.trim().replace("\u2212", "-");
  const [whole = "", fraction, ...rest] = text.split(decimal);
  if (rest.length > 0) return null;
  const parts = spaced(whole).replace(/^[+-]/u, "").split(spaced(group));
  const grouped = parts.length > 1;
  if (grouped && !parts.every((part, at) => (at === 0 ? /^\d{1,3}$/u : /^\d{3}$/u).test(part))) return null;
  const plain = `${text.startsWith("-") ? "-" : ""}${parts.join("")}${fraction === undefined ? "" : `.${fraction}`}`;
  return /^-?\d+(?:\.\d+)?$/u.test(plain) ? Number(plain) : null;
}

/** Apostrophes and blanks of any width separate groups alike, whichever the keyboard has. */
function spaced(text: string): string {
  return text.replaceAll(/['\u2019\s]/gu, " ");
}

function signsOf(locale: string): { readonly decimal: string; readonly group: string } {
  const parts = new Intl.NumberFormat(locale, { numberingSystem: "latn", useGrouping: true }).formatToParts(
    -1_234_567.5,
  );
  const sign = (type: "decimal" | "group"): string | undefined =>
    parts.find((part) => part.type === type)?.value;
  return { decimal: sign("decimal") ?? ".", group: sign("group") ?? "\u00a0" };
}
