const percentEscapes = /(?:%[0-9a-f]{2})+/gi;
const unicodeEscapes = /\\{1,8}u00([2-7][0-9a-f])/gi;
const invisible = /[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g;
// Control characters (C0 without tab and line break, DEL, C1) and directions drive a terminal or reorder a line.
// eslint-disable-next-line no-control-regex -- finding them is the purpose.
const steering = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;
// eslint-disable-next-line no-control-regex -- the range is ASCII.
const beyondAscii = /[^\x00-\x7f]/;

/**
 * The text in its plainest spelling, so that a pattern sees what a reader would: percent and unicode escapes undone,
 * full-width letters and digits folded (NFKC), invisible characters gone, steering ones replaced.
 */
export function plainly(text: string): string {
  let plain = text.includes("%") ? text.replace(percentEscapes, decoded) : text;
  if (plain.includes("\\u")) {
    plain = plain.replace(unicodeEscapes, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
  }
  if (beyondAscii.test(plain)) plain = plain.normalize("NFKC").replace(invisible, "");
  return plain.replace(steering, "\ufffd");
}

function decoded(escapes: string): string {
  try {
    return decodeURIComponent(escapes);
  } catch {
    return Buffer.from(escapes.replaceAll("%", ""), "hex").toString("latin1"); // Not UTF-8.
  }
}
