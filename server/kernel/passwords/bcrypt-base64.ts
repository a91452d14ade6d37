const alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Decodes bcrypt's own base64 (OpenBSD's alphabet, no padding). Spare bits of the last character are dropped. */
export function fromBcryptBase64(text: string): Buffer {
  return Buffer.from(translate(text, alphabet, standard), "base64");
}

/** Encodes bytes in bcrypt's own base64. */
export function toBcryptBase64(bytes: Buffer): string {
  return translate(bytes.toString("base64").replaceAll("=", ""), standard, alphabet);
}

function translate(text: string, from: string, to: string): string {
  let result = "";
  for (const character of text) {
    const replacement = to[from.indexOf(character)];
    if (replacement === undefined) throw new RangeError("This is not bcrypt's base64.");
    result += replacement;
  }
  return result;
}
