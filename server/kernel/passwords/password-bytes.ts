/** Characters (code points) that a password may have. Passphrases fit; megabytes that only cost us time do not. */
export const charactersMax = 256;

/**
 * The one spelling of a password that is hashed: NFKC, so that the same keys pressed on another keyboard or system
 * give the same bytes (NIST SP 800-63B). Nothing is trimmed, folded or cut.
 */
export function normalised(password: string): string {
  return password.normalize("NFKC");
}

/** True for what is too long to look at further, told before any work that grows with its length. */
export function beyondReading(password: string): boolean {
  // UTF-16 units: at most two per character. NFKC may lengthen a text 18 times, hence the look at the raw one.
  return password.length > 2 * charactersMax;
}

/**
 * The bytes to hash, `asTyped` where another system hashed them so. The caller overwrites them when done; the string
 * itself is the engine's to forget.
 */
export function passwordBytes(password: string, asTyped: boolean): Buffer {
  return Buffer.from(asTyped ? password : normalised(password), "utf8");
}
