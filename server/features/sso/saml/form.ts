import type { Readable } from "node:stream";
import { fieldOf } from "../form.ts";

/** A response of 256 KiB in base64 with each sign escaped would be more; none is. */
export const formBytesMax = 640 * 1024;

/** The response in the form of the POST binding (SAML bindings 3.5). RelayState is let in and never looked at, so it leads nowhere. */
export async function readForm(body: Readable): Promise<string> {
  // A "+" that was not escaped has become a space.
  return (await fieldOf(body, "SAMLResponse")).replaceAll(" ", "+");
}
