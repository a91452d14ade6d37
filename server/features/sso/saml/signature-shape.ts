import type { Element } from "@xmldom/xmldom";
import { attributeOf, childElements, everyElement, isNamed, textOf, type Vocabulary } from "./element.ts";
import { digestAlgorithms, signatureAlgorithms } from "./algorithms.ts";
import { Refused } from "./refused.ts";

const enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";

/**
 * The signature of a Response or Assertion, refused unless it has the one shape that is taken: second child of what it
 * signs, one SignedInfo, one Reference to just that element, enveloped and exclusive canonicalization and nothing else.
 * What its KeyInfo says is never read: keys are pinned.
 */
export function signatureOf(signed: Element): Element | null {
  const found = childElements(signed).filter((child) => child.localName === "Signature");
  const [signature] = found;
  if (signature === undefined) return null;
  if (found.length > 1) throw new Refused("signature-count", "several signatures of one element");
  const [issuer, second] = childElements(signed);
  if (second !== signature || issuer === undefined || !isNamed(issuer, "assertion", "Issuer")) {
    throw new Refused("signature-misplaced", "a signature comes right after the issuer");
  }
  demandShape(signature, attributeOf(signed, "ID") ?? "");
  return signature;
}

/** Refuses signatures, or parts of them, anywhere but where `signatureOf` found them. */
export function demandNoOthers(root: Element, expected: readonly Element[]): void {
  for (const name of ["Signature", "SignedInfo", "Reference", "SignatureValue"]) {
    const found = everyElement(root).filter(({ localName }) => localName === name);
    if (found.length !== expected.length)
      throw new Refused("signature-count", `${found.length} times ${name}`);
  }
}

function demandShape(signature: Element, id: string): void {
  const [signedInfo, value, keyInfo, ...others] = childElements(signature);
  demandNamed(signature, "Signature");
  demandNamed(signedInfo, "SignedInfo");
  demandNamed(value, "SignatureValue");
  if (keyInfo !== undefined) demandNamed(keyInfo, "KeyInfo");
  if (others.length > 0) throw shape("it holds more than SignedInfo, SignatureValue and KeyInfo");
  for (const { namespaceURI } of everyElement(signature)) {
    if (namespaceURI?.startsWith("urn:oasis:names:tc:SAML:") === true)
      throw shape("SAML within the signature");
  }
  if (!/^[A-Za-z0-9+/=\s]+$/.test(textOf(value, "signature-shape"))) throw shape("SignatureValue");
  demandSignedInfo(signedInfo, id);
}

function demandSignedInfo(signedInfo: Element, id: string): void {
  const [canonicalization, method, reference, ...others] = childElements(signedInfo);
  demandNamed(canonicalization, "CanonicalizationMethod");
  demandNamed(method, "SignatureMethod");
  demandNamed(reference, "Reference");
  if (others.length > 0) throw shape("SignedInfo holds more than one Reference");
  demandAlgorithm(canonicalization, [exclusive]);
  demandPrefixListOnly(canonicalization);
  demandAlgorithm(method, [...signatureAlgorithms.keys()]);
  if (childElements(method).length > 0) throw shape("SignatureMethod has parameters");
  demandReference(reference, id);
}

function demandReference(reference: Element, id: string): void {
  if (id === "" || attributeOf(reference, "URI") !== `#${id}`) {
    throw new Refused("reference-mismatch", "the reference is not to the element around the signature");
  }
  const [transforms, method, value, ...others] = childElements(reference);
  demandNamed(transforms, "Transforms");
  demandNamed(method, "DigestMethod");
  demandNamed(value, "DigestValue");
  if (others.length > 0) throw shape("Reference holds more than its three parts");
  const [first, second, ...more] = childElements(transforms);
  demandNamed(first, "Transform");
  demandNamed(second, "Transform");
  if (more.length > 0) throw shape("more than two transforms");
  demandAlgorithm(first, [enveloped]);
  if (childElements(first).length > 0) throw shape("the enveloped transform has parameters");
  demandAlgorithm(second, [exclusive]);
  demandPrefixListOnly(second);
  demandAlgorithm(method, [...digestAlgorithms.keys()]);
  if (childElements(method).length > 0) throw shape("DigestMethod has parameters");
  // CVE-2025-29775: a comment or an element within DigestValue made two readers see two digests.
  if (!/^[A-Za-z0-9+/=]+$/.test(textOf(value, "signature-shape").replace(/\s/g, "")))
    throw shape("DigestValue");
}

function demandPrefixListOnly(element: Element): void {
  const [list, ...others] = childElements(element);
  if (list === undefined) return;
  if (others.length > 0 || !isNamed(list, "canonical", "InclusiveNamespaces"))
    throw shape("odd canonicalization");
  if (childElements(list).length > 0 || (attributeOf(list, "PrefixList") ?? "").length > 500)
    throw shape("PrefixList");
}

function demandAlgorithm(element: Element, taken: readonly string[]): void {
  const algorithm = attributeOf(element, "Algorithm") ?? "";
  if (!taken.includes(algorithm)) throw new Refused("signature-algorithm", algorithm.slice(0, 100));
}

function demandNamed(
  element: Element | undefined,
  name: string,
  vocabulary: Vocabulary = "signature",
): asserts element is Element {
  if (element === undefined || !isNamed(element, vocabulary, name))
    throw shape(`${name} is not where it belongs`);
}

function shape(detail: string): Refused {
  return new Refused("signature-shape", detail);
}
