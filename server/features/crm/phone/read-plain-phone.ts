import { numberingPlan, planOfDigits, type NumberingPlan } from "./numbering-plan.ts";

const plain = /^\+?\(?\d[\d ().\-\u00a0]{5,28}$/;
const separators = /[^\d+]+/g;

/**
 * The E.164 form of a number that can be read in one way only, else null: then the library has to decide.
 *
 * An import reads millions of numbers, and the library takes about 15 microseconds for each. This gives exactly what the
 * library gives, or nothing: whatever has a second reading (a trunk prefix after the calling code, an international
 * prefix, a calling code without `+`, a carrier code) is left to it. The test compares both over every country.
 */
export function readPlainPhone(raw: string, country: string | null): string | null {
  if (!plain.test(raw)) return null;
  const digits = raw.replace(separators, "");
  if (digits.startsWith("+")) return readInternational(digits.slice(1));
  return country === null ? null : readNational(digits, country);
}

function readInternational(digits: string): string | null {
  const plan = planOfDigits(digits);
  if (plan === null) return null;
  const national = digits.slice(plan.callingCode.length);
  if (plan.prefix?.test(national) === true || !isUsed(national, plan)) return null;
  return `+${digits}`;
}

function readNational(digits: string, country: string): string | null {
  const plan = numberingPlan(country);
  if (plan === null || plan.internationalPrefix.test(digits) || digits.startsWith(plan.callingCode))
    return null;
  const prefix = plan.prefix?.exec(digits) ?? null;
  if (prefix !== null && (prefix[0] !== plan.nationalPrefix || prefix.length > 1)) return null;
  const national = digits.slice(prefix?.[0].length ?? 0);
  if (!plan.pattern.test(national) || !plan.lengths.includes(national.length)) return null;
  // A calling code may serve several countries; the library asks its main one first whether the number is in use.
  const main = numberingPlan(plan.callingCode);
  return main !== null && isUsed(national, main) ? `+${plan.callingCode}${national}` : null;
}

function isUsed(national: string, plan: NumberingPlan): boolean {
  if (!plan.lengths.includes(national.length) || !plan.pattern.test(national)) return false;
  return plan.kinds === null || plan.kinds.some((kind) => kind.test(national));
}
