import type { Element } from "@xmldom/xmldom";
import { attributeOf, childrenNamed, everyElement, isNamed, onlyChild, readXml } from "./element.ts";
import { Refused } from "./refused.ts";

export interface IdpMetadata {
  readonly entityId: string;
  readonly signOnUrl: string;
  readonly certificates: string[];
}

const redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const protocol = "urn:oasis:names:tc:SAML:2.0:protocol";

/**
 * What an administrator needs of an identity provider's metadata, or null when it is not that of exactly one. It is
 * believed because the administrator brought it; its own signature, if any, says nothing that we could check.
 */
export function readIdpMetadata(xml: string): IdpMetadata | null {
  try {
    return read(readXml(withoutComments(xml.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n"))));
  } catch (thrown) {
    if (thrown instanceof Refused) return null;
    throw thrown;
  }
}

/** Metadata is pasted, and often has a line from its product on top; nothing is signed here that this could change. */
function withoutComments(xml: string): string {
  return xml.replace(/<!--[^]*?-->/g, "");
}

function read(root: Element): IdpMetadata | null {
  if (!isNamed(root, "metadata", "EntityDescriptor")) return null;
  const role = onlyChild(root, "metadata", "IDPSSODescriptor", "not-a-response");
  if (!(attributeOf(role, "protocolSupportEnumeration") ?? "").split(" ").includes(protocol)) return null;
  const service = childrenNamed(role, "metadata", "SingleSignOnService").find(
    (one) => attributeOf(one, "Binding") === redirect,
  );
  const entityId = attributeOf(root, "entityID");
  const signOnUrl = service === undefined ? null : attributeOf(service, "Location");
  if (entityId === null || signOnUrl === null) return null;
  return { entityId, signOnUrl, certificates: signingCertificates(role) };
}

function signingCertificates(role: Element): string[] {
  return childrenNamed(role, "metadata", "KeyDescriptor")
    .filter((key) => (attributeOf(key, "use") ?? "signing") === "signing")
    .flatMap(everyElement)
    .filter((element) => isNamed(element, "signature", "X509Certificate"))
    .map((element) => (element.textContent ?? "").replace(/\s/g, ""));
}
