type Replacer = (found: string) => string;

const keyWords =
  "passw(?:or)?d|passphrase|passcode|pwd|totp|otp|pin|cvv2?|cvc2?|secret|token|api[_-]?key|private[_-]?key|" +
  "credential|signature|csrf|session|sid|ssn";
const keyed = `([\\w-]{0,40}(?:${keyWords})s?)["'\\\\\\]]{0,9}\\s{0,4}`;

/**
 * What must not be logged and what stands in its place, in the order in which it is looked for.
 *
 * Every repetition is bounded or cannot overlap with what follows it: a hostile text costs no more than a long one.
 */
export const patterns: readonly (readonly [pattern: RegExp, instead: Replacer])[] = [
  always(/-----BEGIN [^-]{1,40}-----[^]*?(?:-----END [^-]{1,40}-----|$)/g, "[pem]"),
  keeping(
    /\b((?:proxy-)?authorization|(?:set-)?cookie|x-[a-z-]{0,20}(?:token|key))["'\\]{0,9}\s{0,4}[:=][^\r\n]*/gi,
    (header) => `${header}: [hidden]`,
  ),
  // Where a quoted value ends depends on how often it was quoted, so the rest of the line goes with it.
  keeping(
    new RegExp(`${keyed}(?:(?::|=>)[^\\r\\n]*|(?:=|\\b(?:is|was)\\b)\\s{0,4}["'\\\\][^\\r\\n]*)`, "gi"),
    (key) => `${key}: [hidden]`,
  ),
  keeping(
    new RegExp(`${keyed}(?:=|\\b(?:is|was)\\b)\\s{0,4}[^\\s,;&"'<>]{1,2000}`, "gi"),
    (key) => `${key}=[hidden]`,
  ),
  keeping(
    /\b((?:verification|security|sign-in|access|one-time) code)\D{0,12}\d{3,8}/gi,
    (what) => `${what} [hidden]`,
  ),
  always(/\beyJ[\w-]{4,}(?:\.[\w-]{0,9000}){1,4}/g, "[token]"),
  keeping(/\b(bearer|basic|digest|token|apikey)\s{1,4}[\w+/.~=-]{8,}/gi, (scheme) => `${scheme} [token]`),
  always(/\brf_[\w-]{16,}/g, "[token]"),
  keeping(/([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#@"']{1,512}@/gi, (scheme) => `${scheme}[credentials]@`),
  always(/(?<=[^\s"'])[?#][^\s"']{1,9000}/g, "?[query]"),
  always(/[^\s@"'<>()[\],;:\\/=]{1,64}@[^\s@"'<>()[\],;:\\/=]{1,255}/g, "[email]"),
  [/(?<![\w+/-])[\w+/-]{32,}={0,2}/g, tokenOrNot],
  always(/\b(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}\b/gi, "[ip]"),
  always(/\b[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){1,5}::[0-9a-f:]{0,30}/gi, "[ip]"),
  [numbers(), numberOrNot],
];

function always(pattern: RegExp, instead: string): readonly [RegExp, Replacer] {
  return [pattern, () => instead];
}

/** Keeps what the first group of the pattern found, so that the line still says what was struck out. */
function keeping(pattern: RegExp, instead: (group: string) => string): readonly [RegExp, Replacer] {
  // `String.replace` hands the groups to the replacer after the match.
  const replacer = (_: string, group: string): string => instead(group);
  return [pattern, replacer as Replacer];
}

/** Long runs that look random: mixed letters and digits as in base64, or long hex. Names of files are neither. */
function tokenOrNot(run: string): string {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(run)) return run;
  if (/[0-9a-f]{40,}/i.test(run)) return "[token]";
  const mixed = /[a-z]/.test(run) && /[A-Z]/.test(run) && /\d/.test(run);
  const path = run.includes("/") && !run.endsWith("=") && run.length < 60;
  return mixed && !path ? "[token]" : run;
}

/** A UUID, a date, an IPv4 address or a run of at least seven digits, whichever begins first. */
function numbers(): RegExp {
  const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
  const date = "\\d{4}-\\d\\d-\\d\\d(?:[T ]\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?)?(?!\\d)";
  const address = "\\b\\d{1,3}(?:\\.\\d{1,3}){3}\\b";
  return new RegExp(`${uuid}|${date}|${address}|\\+?\\(?\\d(?:[\\s()./-]{0,3}\\d){6,22}`, "gi");
}

/** Dates and UUIDs stay; for the rest a harmless number struck out is better than a telephone number left in. */
function numberOrNot(found: string): string {
  if (/[a-f]/i.test(found) || /^\d{4}-\d\d-\d\d(?:\D|$)/.test(found)) return found;
  if (/^[0-9-]{36}$/.test(found) && found[8] === "-") return found;
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(found)) return /^(?:127\.|0\.0\.0\.0$)/.test(found) ? found : "[ip]";
  if (/^\d{3}[-. ]?\d{2}[-. ]?\d{4}$/.test(found)) return "[ssn]";
  const digits = found.replace(/\D/g, "");
  if (digits.length >= 13 && digits.length <= 19 && luhn(digits)) return "[card]";
  return digits.length >= (digits === found ? 9 : 7) ? "[phone]" : found;
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits[digits.length - 1 - at]) * (at % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}
