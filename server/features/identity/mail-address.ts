import { domainToASCII } from "node:url";
import { Problem } from "../../foundation/problem/index.ts";

const shape =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])$/;

/**
 * A typed e-mail address in the one form that it is compared and kept in; throws Problem("not-valid").
 *
 * It is brought into that form before it is judged: a sign that only becomes an `@` or a comma afterwards would have passed
 * (GHSA-7rqj-j65f-68wh). What is left is ASCII, so no look-alike letter passes for another; a foreign domain stands as its `xn--` name.
 */
export function mailAddress(typed: string, pointer = "/email"): string {
  const text = typed.normalize("NFKC").trim().toLowerCase();
  const [local = "", domain = "", ...more] = text.split("@");
  const address = `${local}@${domainToASCII(domain)}`;
  if (more.length > 0 || local.length > 64 || address.length > 254 || !shape.test(address)) {
    throw new Problem("not-valid", {
      errors: [{ pointer, detail: "Not an e-mail address that letters can be sent to." }],
    });
  }
  return address;
}
