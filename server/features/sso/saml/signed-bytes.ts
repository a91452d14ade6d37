import type { Element } from "@xmldom/xmldom";
import { type HashAlgorithm, type SignatureAlgorithm, SignedXml } from "xml-crypto";
import { type Certificate, digestBase64, isSignedBy } from "../../../foundation/ids/index.ts";
import { digestAlgorithms, signatureAlgorithms } from "./algorithms.ts";
import { Refused } from "./refused.ts";

const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
const enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/**
 * The canonical bytes that one of the pinned keys signed. Only these may be believed: what stands in the document beside
 * them was signed by nobody (samlify CVE-2025-47949, node-saml CVE-2025-54419, passport-wsfed-saml2 CVE-2025-46572).
 *
 * The signature has been through `signatureOf`. The library is left with the two canonicalizations and our own digests
 * and signatures, so that what it would take by default (SHA-1, a key out of KeyInfo) is not even there.
 */
export function signedBytes(xml: string, signature: Element, pinned: readonly Certificate[]): string {
  const verifier = new SignedXml({ publicCert: "pinned", getCertFromKeyInfo: () => null });
  verifier.idAttributes = ["ID"];
  verifier.SignatureAlgorithms = signaturesUnder(pinned);
  verifier.HashAlgorithms = digests;
  verifier.CanonicalizationAlgorithms = onlyTaken(verifier.CanonicalizationAlgorithms);
  const [bytes, ...others] = checked(verifier, xml, signature);
  if (bytes === undefined || bytes === "" || others.length > 0)
    throw new Refused("signature-wrong", "nothing was signed");
  return bytes;
}

function checked(verifier: SignedXml, xml: string, signature: Element): readonly string[] {
  try {
    verifier.loadSignature(signature);
    if (!verifier.checkSignature(xml)) throw new Refused("signature-wrong", "the digest does not match");
    return verifier.getSignedReferences();
  } catch (thrown) {
    if (thrown instanceof Refused) throw thrown;
    throw new Refused("signature-wrong", "no pinned certificate verifies it");
  }
}

function signaturesUnder(pinned: readonly Certificate[]): SignedXml["SignatureAlgorithms"] {
  return Object.fromEntries(
    [...signatureAlgorithms].map(([name, scheme]) => [
      name,
      class implements SignatureAlgorithm {
        getAlgorithmName = (): string => name;
        getSignature = (): never => {
          throw new Error("This room signs no XML.");
        };
        // The key is not the library's to choose: each pinned one is tried, which is what rotation needs.
        verifySignature = (material: unknown, _key: unknown, value: unknown): boolean => {
          const [data, bytes] = [Buffer.from(String(material)), Buffer.from(String(value), "base64")];
          return pinned.some(({ key }) => isSignedBy(key, scheme, data, bytes));
        };
      },
    ]),
  ) as SignedXml["SignatureAlgorithms"]; // the declared type wants overloads with callbacks, which are never used
}

const digests: Record<string, new () => HashAlgorithm> = Object.fromEntries(
  [...digestAlgorithms].map(([name, digest]) => [
    name,
    class implements HashAlgorithm {
      getAlgorithmName = (): string => name;
      getHash = (xml: string): string => digestBase64(digest, xml);
    },
  ]),
);

function onlyTaken<T>(all: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => [exclusive, enveloped].includes(name)));
}
