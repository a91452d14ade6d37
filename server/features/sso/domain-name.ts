import { domainToASCII } from "node:url";

/** A domain as DNS has it: lower case, in ASCII, with a dot in it and none at its end; null for anything else. */
export function domainName(given: string): string | null {
  const plain = given.trim().normalize("NFKC").replace(/\.$/, "");
  // What ends a host in an address would be cut off and not refused.
  if (/[\s/?#@:\\[\]%]/.test(plain)) return null;
  const name = domainToASCII(plain).toLowerCase();
  return domain.test(name) ? name : null;
}

const domain = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;
