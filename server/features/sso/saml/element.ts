import { DOMParser, type Element, Node } from "@xmldom/xmldom";
import { demandPlainXml } from "./plain-xml.ts";
import { Refused, type RefusalReason } from "./refused.ts";

export const namespaces = {
  assertion: "urn:oasis:names:tc:SAML:2.0:assertion",
  protocol: "urn:oasis:names:tc:SAML:2.0:protocol",
  signature: "http://www.w3.org/2000/09/xmldsig#",
  encryption: "http://www.w3.org/2001/04/xmlenc#",
  encryption11: "http://www.w3.org/2009/xmlenc11#",
  canonical: "http://www.w3.org/2001/10/xml-exc-c14n#",
  metadata: "urn:oasis:names:tc:SAML:2.0:metadata",
} as const;

export type Vocabulary = keyof typeof namespaces;

/** The root of plain XML (see `demandPlainXml`), in which no prefix is unbound. */
export function readXml(xml: string): Element {
  demandPlainXml(xml);
  const parser = new DOMParser({
    locator: false,
    onError: (_level, message) => {
      throw new Refused("not-plain-xml", message.slice(0, 100));
    },
  });
  const root = parsed(parser, xml);
  if (root === null) throw new Refused("not-plain-xml", "no root");
  return root;
}

function parsed(parser: DOMParser, xml: string): Element | null {
  try {
    return parser.parseFromString(xml, "application/xml").documentElement;
  } catch (thrown) {
    throw new Refused("not-plain-xml", thrown instanceof Error ? thrown.message.slice(0, 100) : "unreadable");
  }
}

/** This element and all below it, in the order of the document. */
export function everyElement(root: Element): Element[] {
  return [root, ...Array.from(root.getElementsByTagNameNS("*", "*"))];
}

export function childElements(parent: Element): Element[] {
  const found: Element[] = [];
  for (let child = parent.firstChild; child !== null; child = child.nextSibling) {
    // The node type says that it is an element.
    if (child.nodeType === Node.ELEMENT_NODE) found.push(child as Element);
  }
  return found;
}

export function isNamed(element: Element, vocabulary: Vocabulary, name: string): boolean {
  return element.localName === name && element.namespaceURI === namespaces[vocabulary];
}

export function childrenNamed(parent: Element, vocabulary: Vocabulary, name: string): Element[] {
  return childElements(parent).filter((child) => isNamed(child, vocabulary, name));
}

/** The one child of this name; refuses for `reason` when there is none or there are several. */
export function onlyChild(
  parent: Element,
  vocabulary: Vocabulary,
  name: string,
  reason: RefusalReason,
): Element {
  const child = optionalChild(parent, vocabulary, name, reason);
  if (child === null) throw new Refused(reason, `${name} is missing`);
  return child;
}

export function optionalChild(
  parent: Element,
  vocabulary: Vocabulary,
  name: string,
  reason: RefusalReason,
): Element | null {
  const found = childrenNamed(parent, vocabulary, name);
  if (found.length > 1) throw new Refused(reason, `${name} stands there more than once`);
  return found[0] ?? null;
}

/** The text of an element that holds nothing but text. */
export function textOf(element: Element, reason: RefusalReason): string {
  if (childElements(element).length > 0)
    throw new Refused(reason, `${element.localName ?? ""} holds more than text`);
  return (element.textContent ?? "").trim();
}

/** The value of an attribute without a prefix, or null. */
export function attributeOf(element: Element, name: string): string | null {
  return element.hasAttributeNS(null, name) ? element.getAttributeNS(null, name) : null;
}
