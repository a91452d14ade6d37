import { Problem } from "../problem/index.ts";

/** One letter to one person. */
export interface Letter {
  /** The id of the letter in the outbox: a second try carries the same Message-ID, so that a mailbox shows it once. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
}

const bytesMax = 500_000;
// eslint-disable-next-line no-control-regex -- finding them is the purpose.
const control = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;
const address = /^[^\s@<>",;:\\()[\]]{1,64}@[^\s@<>",;:\\()[\]]{1,255}$/;

/**
 * Refuses a letter that could say more than it should: a line break in an address or subject begins a header of the
 * attacker's own (RFC 5322 section 2.2), and a comma or bracket adds a recipient.
 */
export function refuseUnsafe(letter: Letter): void {
  if (control.test(letter.to) || !address.test(letter.to))
    throw unsafe("/to", "must be one plain e-mail address");
  if (control.test(letter.subject) || letter.subject.length > 250 || letter.subject === "") {
    throw unsafe("/subject", "must be one line of at most 250 characters");
  }
  if (!/^[\w-]{1,64}$/.test(letter.id)) throw unsafe("/id", "must be an id");
  if (Buffer.byteLength(letter.text) + Buffer.byteLength(letter.html ?? "") > bytesMax) {
    throw unsafe("/text", `must be at most ${bytesMax} bytes`);
  }
}

function unsafe(pointer: string, detail: string): Problem {
  return new Problem("not-valid", { errors: [{ pointer, detail }] });
}
