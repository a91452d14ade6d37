import type { Readable } from "node:stream";
import { SsoRefusal } from "../sso-refusal.ts";

/** What a provider posts; RelayState is let in and never looked at, so it leads nowhere. */
export interface PostedResponse {
  readonly response: string;
}

/** A response of 256 KiB in base64 with each sign escaped would be more; none is. */
export const formBytesMax = 640 * 1024;

/** Reads the form of the POST binding (SAML bindings 3.5): each field once, nothing beside them. */
export async function readForm(body: Readable): Promise<PostedResponse> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(Buffer.from(part));
  const fields = new URLSearchParams(Buffer.concat(parts).toString("latin1"));
  const names = [...fields.keys()];
  if (new Set(names).size !== names.length) throw new SsoRefusal("a field came twice");
  const response = fields.get("SAMLResponse");
  if (response === null) throw new SsoRefusal("no response was posted");
  // A "+" that was not escaped has become a space.
  return { response: response.replaceAll(" ", "+") };
}
