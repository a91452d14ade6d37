import type { Element } from "@xmldom/xmldom";
import { attributeOf, isNamed, readXml } from "./element.ts";
import { Refused } from "./refused.ts";

const bytesMax = 256 * 1024;

/** A response as it came: plain XML whose root is a Response, and nothing of it believed yet. */
export interface ReadResponse {
  readonly xml: string;
  readonly root: Element;
  /** Which request it says that it answers: enough to look the request up, no more. */
  readonly inResponseTo: string | null;
}

/**
 * Reads the form field `SAMLResponse`. The POST binding carries base64 and nothing else: what is compressed is not XML,
 * and is never inflated, so there is no bomb to defuse (Keycloak CVE-2026-2575).
 */
export function readResponse(encoded: string): ReadResponse {
  if (encoded.length > bytesMax * 1.5) throw new Refused("too-large", `${encoded.length} characters`);
  const compact = encoded.replace(/[\r\n]/g, "");
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact) || compact === "")
    throw new Refused("not-base64", "SAMLResponse is not base64");
  const bytes = Buffer.from(compact, "base64");
  if (bytes.length > bytesMax) throw new Refused("too-large", `${bytes.length} bytes`);
  const xml = textOf(bytes);
  const root = readXml(xml);
  if (!isNamed(root, "protocol", "Response") || attributeOf(root, "Version") !== "2.0")
    throw new Refused("not-a-response", "the root is no SAML 2.0 Response");
  return { xml, root, inResponseTo: attributeOf(root, "InResponseTo") };
}

/** Line ends are normalized here, as every XML parser must (XML 1.0 section 2.11), so that ours need not agree on how. */
function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r\n?/g, "\n");
  } catch {
    throw new Refused("not-utf8", "the response is not UTF-8");
  }
}
