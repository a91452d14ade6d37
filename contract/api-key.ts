/**
 * What an API key looks like: `sec_live_8Zk4Q2mX7aBc_<secret><checksum>`.
 *
 * The prefix says the class, the environment says whether the organization is real (`live`) or the demo (`test`), the id is
 * public and tells one key from another in lists and logs, the secret has 256 bits, and the checksum shows a typo or a
 * cut without asking anybody. Letters and digits only, so that a double click takes all of it.
 */
export const keyPrefixes = {
  publishable: "pub",
  secret: "sec",
  personal: "rf_key",
  service: "rf_svc",
  scim: "rf_scim",
} as const;

/** What kind of key: whose rights it has, and where it is taken. */
export type KeyClass = keyof typeof keyPrefixes;
export type KeyEnvironment = "live" | "test";

export const keyIdLength = 12;
export const keySecretLength = 43;
const checksumLength = 6;

/** Finds keys in text, for scanners of secrets; `checksumFits` then tells keys from look-alikes. */
export const keyPattern =
  "\\b(?:pub|sec|rf_key|rf_svc|rf_scim)_(?:live|test)_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\\b";

export interface ReadKey {
  readonly keyClass: KeyClass;
  readonly environment: KeyEnvironment;
  readonly id: string;
}

/** Why a text is no key, in words for whoever typed it. */
export type KeyFault =
  | "It is not as long as a key is."
  | "It is not a key that was made here, or it is mistyped.";

/** Whether the text claims to be one of our keys: those are read strictly, anything else is some other credential. */
export function claimsToBeKey(text: string): boolean {
  return /^(?:pub|sec|rf_key|rf_svc|rf_scim)_/.test(text);
}

/** Reads a key without asking anybody: what its parts say, or what is wrong with it. It proves nothing about the key being good. */
export function readKey(text: string): ReadKey | KeyFault {
  const [, prefix, environment, id, rest] =
    /^(pub|sec|rf_key|rf_svc|rf_scim)_(live|test)_([0-9A-Za-z]+)_([0-9A-Za-z]+)$/.exec(text) ?? [];
  const keyClass = classOf(prefix);
  if (keyClass === null || id === undefined || rest === undefined)
    return "It is not a key that was made here, or it is mistyped.";
  if (id.length !== keyIdLength || rest.length !== keySecretLength + checksumLength)
    return "It is not as long as a key is.";
  if (!checksumFits(text)) return "It is not a key that was made here, or it is mistyped.";
  return { keyClass, environment: environment === "test" ? "test" : "live", id };
}

/** Whether the last six characters are the checksum of what stands before them. */
export function checksumFits(key: string): boolean {
  return key.slice(-checksumLength) === checksumOf(key.slice(0, -checksumLength));
}

/** CRC-32 (ISO 3309, as in PNG and ZIP) in six digits of base 62. It guards against accidents, not against anybody. */
export function checksumOf(text: string): string {
  let crc = 0xffffffff;
  for (let at = 0; at < text.length; at += 1) {
    crc ^= text.charCodeAt(at);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return inBase62((crc ^ 0xffffffff) >>> 0, checksumLength);
}

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A whole number in so many digits of base 62. */
export function inBase62(value: number | bigint, length: number): string {
  let left = BigInt(value);
  let text = "";
  for (let at = 0; at < length; at += 1) {
    text = (digits[Number(left % 62n)] ?? "") + text;
    left /= 62n;
  }
  return text;
}

function classOf(prefix: string | undefined): KeyClass | null {
  const found = Object.entries(keyPrefixes).find(([, one]) => one === prefix);
  // Object.entries widens the key; it comes from `keyPrefixes` itself.
  return found === undefined ? null : (found[0] as KeyClass);
}

/**
 * All that a secret key may ever do: it sends records and reads a little, and neither changes nor removes anything. The
 * database holds the same list (kernel.secret_ceiling) and judges by that.
 */
export const secretCeiling = [
  "account.create",
  "account.read",
  "contact.create",
  "contact.read",
  "organization.read",
  "own_field.read",
] as const;

/** For how long the old key goes on after a re-roll, in seconds. */
export const rerollOverlaps = [0, 900, 3600, 21_600, 86_400] as const;
