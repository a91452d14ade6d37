const germanLetters: Readonly<Record<string, string>> = { ä: "ae", ö: "oe", ü: "ue", ß: "ss" };

/**
 * A header as plain lower-case words, so that "E-Mail-Adresse", "First_Name", "FirstName" and "Mailing Zip/Postal Code"
 * can be looked up: "email adresse", "first name", "first name", "mailing zip postal code".
 */
export function headerWords(header: string): string {
  return header
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .normalize("NFC")
    .replace(/[äöüß]/g, (letter) => germanLetters[letter] ?? letter)
    .normalize("NFD")
    .replace(/\p{M}+/gu, "")
    .replace(/'s\b/g, "")
    .replace(/(\p{L})(\d)/gu, "$1 $2")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .replace(/\be mail(s?)\b/g, "email$1")
    .replace(/\bemailadresse\b/g, "email adresse");
}
