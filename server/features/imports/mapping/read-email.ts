import { domainToASCII } from "node:url";

const asciiAddress =
  /^(?!\.)(?!.{0,63}\.[.@])[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9]))$/;
const internationalLocal = /^(?!\.)(?!.*\.(?:\.|$))[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64}$/u;
const domain = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

export interface ReadAddress {
  /** With its domain in lower case; the part before the @ is left as it is (RFC 5321, 2.4). */
  readonly address: string;
  /** For finding the same mailbox again: all in lower case, the domain in ASCII. */
  readonly match: string;
}

/**
 * Reads one e-mail address, or null when it is none.
 *
 * Stricter than RFC 5321: no quoted local parts, comments or address literals, which in a list of customers are typing
 * errors. Letters beyond ASCII are taken (RFC 6531).
 */
export function readEmail(text: string): ReadAddress | null {
  const bare = text.replace(/^mailto:/i, "").replace(/^[<"'\s]+|[>"'\s,;.]+$/g, "");
  if (bare.length > 254) return null;
  const ascii = asciiAddress.exec(bare);
  if (ascii !== null) {
    const host = ascii[1] ?? "";
    const local = bare.slice(0, bare.length - host.length);
    return { address: local + host.toLowerCase(), match: bare.toLowerCase() };
  }
  const at = bare.lastIndexOf("@");
  const local = bare.slice(0, Math.max(at, 0));
  const host = readDomain(bare.slice(at + 1));
  if (at < 1 || host === null || !internationalLocal.test(local)) return null;
  return { address: `${local}@${bare.slice(at + 1).toLowerCase()}`, match: `${local.toLowerCase()}@${host}` };
}

/** The addresses of a cell: split at `:::` (Google), commas, semicolons and blanks, or taken out of `Name <address>`. */
export function splitEmails(text: string): readonly string[] {
  if (!/[\s,;<]/.test(text)) return [text];
  const angled = [...text.matchAll(/<([^<>\s]+)>/g)].map((found) => found[1] ?? "");
  if (angled.length > 0) return angled;
  return text.split(/\s+:::\s+|[\s,;]+/).filter((part) => part !== "");
}

/** The ASCII form of a domain name written as such, as a web address or behind an @; null when it is none. */
export function readDomain(text: string): string | null {
  const host = text
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, "")
    .replace(/^[^@/]*@/, "")
    .replace(/[/?#:].*$/, "")
    .replace(/^www\.|\.$/g, "");
  const ascii = /^[\x21-\x7e]*$/.test(host) ? host : domainToASCII(host);
  return ascii.length <= 253 && domain.test(ascii) ? ascii : null;
}

/** A web address with its scheme, `https` when none is written; null for anything but http and https. */
export function readUrl(text: string): string | null {
  const url = /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`;
  if (!/^https?:\/\/[^\s/?#]+\.[^\s/?#]{2,}/i.test(url)) return null;
  return URL.canParse(url) ? url : null;
}
