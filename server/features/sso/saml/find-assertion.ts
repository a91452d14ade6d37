import type { Element } from "@xmldom/xmldom";
import type { Certificate } from "../../../foundation/ids/index.ts";
import { decryptAssertion } from "./decrypt-assertion.ts";
import { attributeOf, childrenNamed, everyElement, isNamed, readXml } from "./element.ts";
import type { ReadResponse } from "./read-response.ts";
import { Refused } from "./refused.ts";
import { demandNoOthers, signatureOf } from "./signature-shape.ts";
import { signedBytes } from "./signed-bytes.ts";

/** The id of the one assertion, and the bytes that were signed as it. */
export interface SignedAssertion {
  readonly id: string;
  readonly bytes: string;
}

type Pinned = readonly Certificate[];

/**
 * Finds the one assertion of a response, and has its own signature checked. The signature of the Response is checked too
 * where there is one, and must be there around an encrypted assertion.
 */
export function findAssertion(
  { xml, root }: ReadResponse,
  pinned: Pinned,
  decryptionKeys: readonly string[],
): SignedAssertion {
  demandUniqueIds(root);
  if (named(root, "Response").length !== 1) throw new Refused("assertion-count", "a response within");
  const encrypted = everyElement(root).some(({ localName }) => localName?.startsWith("Encrypted") === true);
  if (encrypted) return encryptedAssertion({ xml, root }, pinned, decryptionKeys);
  const assertion = onlyAssertion(root, "Assertion");
  const outer = signatureOf(root);
  const inner = innerSignature(assertion);
  demandNoOthers(root, outer === null ? [inner] : [outer, inner]);
  if (outer !== null) demandSigns(root, signedBytes(xml, outer, pinned));
  return signedAssertion(assertion, signedBytes(xml, inner, pinned));
}

function encryptedAssertion(
  { xml, root }: Omit<ReadResponse, "inResponseTo">,
  pinned: Pinned,
  decryptionKeys: readonly string[],
): SignedAssertion {
  const container = onlyAssertion(root, "EncryptedAssertion");
  if (named(root, "Assertion").length > 0) throw new Refused("assertion-count", "one encrypted, another not");
  if (decryptionKeys.length === 0)
    throw new Refused("encrypted-without-key", "this connection takes no encrypted assertions");
  const outer = signatureOf(root);
  if (outer === null)
    throw new Refused("encrypted-unsigned-response", "an encrypted assertion comes in a signed response");
  demandNoOthers(root, [outer]);
  demandSigns(root, signedBytes(xml, outer, pinned));
  const plaintext = decryptAssertion(container, decryptionKeys);
  const assertion = readXml(plaintext);
  if (!isNamed(assertion, "assertion", "Assertion") || named(assertion, "Assertion").length > 1)
    throw new Refused("assertion-count", "what was encrypted is not one assertion");
  demandUniqueIds(assertion);
  const inner = innerSignature(assertion);
  demandNoOthers(assertion, [inner]);
  return signedAssertion(assertion, signedBytes(plaintext, inner, pinned));
}

/** The one child of this name, which stands nowhere else either, in no namespace. */
function onlyAssertion(root: Element, name: string): Element {
  const [found] = childrenNamed(root, "assertion", name);
  const anywhere = named(root, name);
  if (found === undefined || anywhere.length !== 1)
    throw new Refused("assertion-count", `${anywhere.length} times ${name}`);
  return found;
}

function innerSignature(assertion: Element): Element {
  const signature = signatureOf(assertion);
  if (signature === null) throw new Refused("assertion-not-signed", "the assertion itself must be signed");
  return signature;
}

function signedAssertion(assertion: Element, bytes: string): SignedAssertion {
  return { id: attributeOf(assertion, "ID") ?? "", bytes };
}

/** Whether the bytes are this element's, and not those of another that a second reader found under the same id. */
function demandSigns(element: Element, bytes: string): void {
  const signed = readXml(bytes);
  if (signed.localName !== element.localName || attributeOf(signed, "ID") !== attributeOf(element, "ID"))
    throw new Refused("signature-wrong", "what was signed is another thing");
}

/** Ids in any spelling: what one reader takes for an id, another may not (xml-crypto CVE-2025-29774). */
function demandUniqueIds(root: Element): void {
  const seen = new Set<string>();
  for (const element of everyElement(root)) {
    for (const { localName, value } of Array.from(element.attributes)) {
      if (localName?.toLowerCase() !== "id") continue;
      if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,255}$/.test(value)) throw new Refused("id-not-unique", "an odd id");
      if (seen.has(value)) throw new Refused("id-not-unique", "one id twice");
      seen.add(value);
    }
  }
}

const named = (root: Element, name: string): Element[] =>
  everyElement(root).filter(({ localName }) => localName === name);
