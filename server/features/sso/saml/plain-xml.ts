import { Refused } from "./refused.ts";

const elementsMax = 5000;
const depthMax = 32;
const attributesMax = 24;
const namespacesMax = 256;
const name = "[A-Za-z_][A-Za-z0-9_.-]*";
const qualified = `${name}(?::${name})?`;

const declaration = /^<\?xml version="1\.0"(?: encoding="[Uu][Tt][Ff]-8")?(?: standalone="(?:yes|no)")? ?\?>/;
const tag = new RegExp(
  `<(/?)(${qualified})((?:\\s+${qualified}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(/?)>`,
  "y",
);
const attribute = new RegExp(`\\s+(${qualified})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, "y");
const text = /[^<]*/y;
const reference = /&(?:amp|lt|gt|quot|apos|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));/g;
const odd = /[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * Refuses all XML but the part of it that SAML needs: elements, attributes, text, the five named entities and character
 * references. No DTD, processing instruction, comment or CDATA; ASCII names; nothing twice; bounded in depth and count.
 *
 * Two XML parsers read what comes (ours, and the one of the signature library), and parsers disagree in the odd corners:
 * ruby-saml CVE-2025-25291/25292, node-saml CVE-2025-54369, xml-crypto CVE-2025-29775. What gets past here has none.
 * Line ends are already normalized: the text holds no carriage return but as a reference.
 */
export function demandPlainXml(xml: string): void {
  const strange = odd.exec(xml);
  if (strange !== null) throw refusal("a character that XML does not have");
  let at = declaration.exec(xml)?.[0].length ?? 0;
  const open: string[] = [];
  const seen = { elements: 0, namespaces: 0 };
  while (at < xml.length) {
    at = textEnd(xml, at, open.length > 0);
    if (at === xml.length) break;
    tag.lastIndex = at;
    const [whole, closing, named = "", attributes = "", empty] = tag.exec(xml) ?? [];
    if (whole === undefined) throw refusal("something other than elements and text");
    at += whole.length;
    if (closing === "/") {
      if (attributes !== "" || empty === "/" || open.pop() !== named)
        throw refusal("an end tag that ends nothing");
      continue;
    }
    if (open.length === 0 && seen.elements > 0) throw refusal("more than one root");
    seen.elements += 1;
    seen.namespaces += demandPlainAttributes(attributes);
    if (empty !== "/") open.push(named);
    if (seen.elements > elementsMax || open.length > depthMax || seen.namespaces > namespacesMax) {
      throw refusal("too many or too deep elements");
    }
  }
  if (open.length > 0 || seen.elements === 0) throw refusal("an element without an end");
}

function textEnd(xml: string, at: number, inside: boolean): number {
  text.lastIndex = at;
  const [found = ""] = text.exec(xml) ?? [];
  if (!inside && found.trim() !== "") throw refusal("text outside of the root");
  if (found.includes("]]>")) throw refusal("the end of a section that was not begun");
  demandPlainReferences(found);
  return at + found.length;
}

function demandPlainReferences(value: string): void {
  if (!value.includes("&")) return;
  const rest = value.replace(reference, (_, decimal?: string, hex?: string) => {
    const code = decimal === undefined ? Number.parseInt(hex ?? "20", 16) : Number(decimal);
    const harmless = code === 0xd || (code <= 0x10ffff && !odd.test(String.fromCodePoint(code)));
    if (!harmless) throw refusal("a reference to a character that XML does not have");
    return "";
  });
  if (rest.includes("&")) throw refusal("an entity of its own");
}

/** Returns how many namespaces are declared. */
function demandPlainAttributes(attributes: string): number {
  const names = new Set<string>();
  let namespaces = 0;
  for (let at = 0; at < attributes.length;) {
    attribute.lastIndex = at;
    const [whole = "", named = "", double, single] = attribute.exec(attributes) ?? [];
    at += whole.length;
    const value = double ?? single ?? "";
    if (/[\t\n]/.test(value)) throw refusal("an attribute over several lines");
    demandPlainReferences(value);
    const declares = isNamespace(named, value);
    if (declares) namespaces += 1;
    // `a:x` and `b:x` are the same attribute when both prefixes stand for one namespace, of which a parser keeps either.
    const bare = declares ? named : named.slice(named.indexOf(":") + 1);
    if (names.has(bare)) throw refusal("an attribute twice");
    names.add(bare);
  }
  if (names.size > attributesMax) throw refusal("too many attributes");
  return namespaces;
}

/**
 * A namespace is an absolute URI: canonicalization of a relative one is an error (RFC 3986 and C14N 1.0 section 1.3),
 * which libraries have turned into an empty result that verifies (void canonicalization).
 */
function isNamespace(attributeName: string, value: string): boolean {
  if (!attributeName.toLowerCase().startsWith("xmlns")) return false;
  const prefix = /^xmlns(?::(.+))?$/.exec(attributeName);
  if (prefix === null || /^xml/i.test(prefix[1] ?? "")) throw refusal("a reserved name");
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:[^\s&]+$/.test(value)) throw refusal("a namespace that is no absolute URI");
  return true;
}

function refusal(what: string): Refused {
  return new Refused("not-plain-xml", what);
}
