/** The tokens that a search text may begin: the same plain text that the database makes, digits where it is a number. */
export function tokenRange(q: string): [string, string] {
  const trimmed = q.trim();
  const digits = trimmed.replace(/\D/g, "");
  const isNumber = digits.length > 3 && /^[\d\s+()./-]+$/.test(trimmed);
  const low = isNumber ? `+${numberStart(trimmed, digits)}` : plainText(trimmed);
  // The largest code point that UTF-8 allows: everything that begins with `low` sorts below it.
  return [low, `${low}\u{10ffff}`];
}

function numberStart(typed: string, digits: string): string {
  if (typed.startsWith("+")) return digits;
  if (digits.startsWith("00")) return digits.slice(2);
  // A national number: its last seven digits are a token of their own.
  return digits.length > 6 ? digits.slice(-7) : digits.replace(/^0/, "");
}

function plainText(value: string): string {
  const lower = value
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
  const isAddress = /^\S*[@.]\S+$/.test(lower);
  return isAddress ? lower : lower.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
