/**
 * Reads a number as people write it, with `decimal` for the locale's decimal sign; null when it is none.
 *
 * Where both signs occur the last one is the decimal sign, whatever the locale; a single sign that is not the locale's
 * separates thousands only when three digits follow it.
 */
export function readNumber(text: string, decimal: "." | ","): number | null {
  const negative = /^\(.*\)$/.test(text);
  const bare = text.replace(/^\(|\)$/g, "").replace(/[\s\u00a0\u202f'’]|[$€£¥]|\b(?:EUR|USD|GBP|CHF)\b/g, "");
  if (!/^[+-]?[\d.,]*\d(?:e[+-]?\d{1,3})?$/i.test(bare)) return null;
  const plain = withPoint(bare, decimal);
  if (plain === null) return null;
  const value = Number(plain);
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return null;
  return negative ? -value : value;
}

/** The decimal sign of a locale (BCP 47). */
export function decimalSign(locale: string): "." | "," {
  const parts = new Intl.NumberFormat(locale).formatToParts(0.5);
  return parts.some(({ type, value }) => type === "decimal" && value === ",") ? "," : ".";
}

function withPoint(text: string, decimal: "." | ","): string | null {
  const sign = decimalIn(text, decimal);
  const thousands = sign === "," ? "." : ",";
  const [whole = "", fraction, ...rest] = sign === null ? [text] : text.split(sign);
  if (rest.length > 0 || fraction?.includes(thousands) === true) return null;
  if (/[.,]/.test(whole) && !/^[+-]?\d{1,3}(?:[.,]\d{3})+$/.test(whole)) return null;
  return `${whole.replace(/[.,]/g, "")}${fraction === undefined ? "" : `.${fraction}`}`;
}

function decimalIn(text: string, decimal: "." | ","): "." | "," | null {
  const points = text.split(".").length - 1;
  const commas = text.split(",").length - 1;
  if (points > 0 && commas > 0) return text.lastIndexOf(".") > text.lastIndexOf(",") ? "." : ",";
  if (points + commas === 0) return null;
  const only = points > 0 ? "." : ",";
  if (points + commas > 1) return null;
  return only === decimal || !/[.,]\d{3}$/.test(text) ? only : null;
}
