import { beforeAll, describe, expect, test } from "vitest";
import type { SamlConnection } from "../../server/features/sso/saml/connection.ts";
import { proves } from "../proves.ts";
import {
  algorithms,
  connectionTo,
  encode,
  expected,
  honestXml,
  type Idp,
  keyInfoOf,
  newIdp,
  opensslIdp,
  type Signing,
  told,
  type Told,
} from "./saml-forge.ts";
import { opinionsOn } from "./saml-oracles.ts";
import { type Forged, refuses } from "./saml-refuses.ts";

proves("IAM-7");

let idp: Idp;
let attacker: Idp;
let curve: Idp;
let connection: SamlConnection;

beforeAll(async () => {
  [idp, attacker] = await Promise.all([newIdp(), newIdp()]);
  curve = opensslIdp(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
  connection = connectionTo(idp);
});

const signedWith = (signing: Partial<Signing>, by = idp, changes: Partial<Told> = {}): Forged => ({
  encoded: encode(honestXml(by, told(connection, changes), signing)),
  connection,
});

describe("control: what is strong enough is taken", () => {
  test.each([
    ["rsa-sha256", algorithms.rsaSha256, algorithms.sha256],
    ["rsa-sha384", algorithms.rsaSha384, algorithms.sha384],
    ["rsa-sha512", algorithms.rsaSha512, algorithms.sha512],
  ])("%s", async (_, signature, digest) => {
    const { ours } = await opinionsOn(signedWith({ signature, digest }).encoded, connection, expected());
    expect(ours).toHaveProperty("identity");
  });

  test("ecdsa-sha256", async () => {
    const there = connectionTo(curve);
    const encoded = encode(honestXml(curve, told(there), { signature: algorithms.ecdsaSha256 }));
    expect((await opinionsOn(encoded, there, expected())).ours).toHaveProperty("identity");
  });

  test("either of two pinned certificates, while one replaces the other", async () => {
    const both = connectionTo(idp, { certificates: [attacker.certificate, idp.certificate] });
    const encoded = encode(honestXml(idp, told(both)));
    const opinions = await opinionsOn(encoded, both, expected());
    expect(opinions.ours).toHaveProperty("identity");
    expect(opinions.nodeSaml).toBe("8f14e45f-victim");
  });

  test("without KeyInfo, or with another's in it: it is not read", async () => {
    for (const keyInfo of ["", keyInfoOf(attacker)]) {
      const { ours } = await opinionsOn(signedWith({ keyInfo }).encoded, connection, expected());
      expect(ours).toHaveProperty("identity");
    }
  });
});

refuses("SIG-1", "another key, its certificate in KeyInfo", "signature-wrong", () =>
  signedWith({}, attacker),
);
refuses("SIG-2", "another key, the pinned certificate in KeyInfo", "signature-wrong", () =>
  signedWith({ keyInfo: keyInfoOf(idp) }, attacker),
);
refuses("SIG-3", "SHA-1 in the signature (samlify fee4ff1)", "signature-algorithm", () =>
  signedWith({ signature: algorithms.rsaSha1 }),
);
refuses("SIG-4", "SHA-1 in the digest", "signature-algorithm", () => signedWith({ digest: algorithms.sha1 }));
refuses("SIG-5", "HMAC-SHA1 with the public key as its secret", "signature-algorithm", () =>
  signedWith({ signature: algorithms.hmacSha1 }),
);
refuses("SIG-6", "HMAC-SHA256 with the public key as its secret", "signature-algorithm", () =>
  signedWith({ signature: algorithms.hmacSha256 }),
);
refuses("SIG-7", "HMACOutputLength of nothing", "signature-shape", () =>
  signedWith({
    signedInfo: (xml) =>
      xml.replace(
        "</ds:SignatureMethod>",
        "<ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>",
      ),
  }),
);
refuses("SIG-8", "a pinned RSA key of 1024 bits", "certificate-unusable", () => {
  const weak = opensslIdp(["-newkey", "rsa:1024"]);
  const there = connectionTo(weak);
  return { encoded: encode(honestXml(weak, told(there))), connection: there };
});
refuses("SIG-9", "a weak key beside a strong one: the weak one verifies nothing", "signature-wrong", () => {
  const weak = opensslIdp(["-newkey", "rsa:1024"]);
  const there = connectionTo(idp, { certificates: [weak.certificate, idp.certificate] });
  return { encoded: encode(honestXml(weak, told(there))), connection: there };
});
refuses(
  "SIG-10",
  "no certificate pinned (SolarWinds CVE-2026-28323, hacktricks #2794: no check then)",
  "certificate-unusable",
  () => ({
    ...signedWith({}),
    connection: connectionTo(idp, { certificates: [] }),
  }),
);
refuses("SIG-11", "a certificate that is none", "certificate-unusable", () => ({
  ...signedWith({}),
  connection: connectionTo(idp, {
    certificates: ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"],
  }),
}));
refuses("SIG-12", "an RSA signature that claims to be ECDSA", "signature-wrong", () =>
  signedWith({ signedInfo: (xml) => xml.replace(algorithms.rsaSha256, algorithms.ecdsaSha256) }),
);
refuses("SIG-13", "inclusive canonicalization of the assertion", "signature-algorithm", () =>
  signedWith({ transforms: [algorithms.enveloped, algorithms.inclusive] }),
);
refuses("SIG-14", "canonicalization with comments", "signature-algorithm", () =>
  signedWith({ transforms: [algorithms.enveloped, algorithms.exclusiveWithComments] }),
);
refuses("SIG-15", "inclusive canonicalization of SignedInfo", "signature-algorithm", () =>
  signedWith({ canonicalization: algorithms.inclusive }),
);
refuses("SIG-16", "an XSLT transform, which runs a program", "signature-algorithm", () =>
  signedWith({ transforms: [algorithms.enveloped, "http://www.w3.org/TR/1999/REC-xslt-19991116"] }),
);
refuses("SIG-17", "an XPath transform, which signs less than it seems", "signature-algorithm", () =>
  signedWith({ transforms: ["http://www.w3.org/TR/1999/REC-xpath-19991116", algorithms.exclusive] }),
);
refuses("SIG-18", "a base64 transform", "signature-algorithm", () =>
  signedWith({ transforms: ["http://www.w3.org/2000/09/xmldsig#base64", algorithms.exclusive] }),
);
refuses("SIG-19", "a thousand transforms", "signature-shape", () =>
  signedWith({
    transforms: [algorithms.enveloped, ...Array.from({ length: 999 }, () => algorithms.exclusive)],
  }),
);
refuses("SIG-20", "one transform only", "signature-shape", () =>
  signedWith({ transforms: [algorithms.enveloped] }),
);
refuses("SIG-21", "a reference to the whole document", "reference-mismatch", () => signedWith({ uri: "" }));
refuses("SIG-22", "a reference to another machine", "reference-mismatch", () =>
  signedWith({ uri: "http://127.0.0.1:1/assertion.xml" }),
);
refuses("SIG-23", "a reference to a file", "reference-mismatch", () =>
  signedWith({ uri: "file:///etc/passwd" }),
);
refuses("SIG-24", "a reference by XPointer", "reference-mismatch", () =>
  signedWith({ uri: "#xpointer(id('_a1'))" }),
);
refuses("SIG-25", "a reference to nothing that is there", "reference-mismatch", () =>
  signedWith({ uri: "#_nobody" }),
);
refuses("SIG-26", "a malformed reference, with an XPath expression in it", "reference-mismatch", () =>
  signedWith({ uri: "#_a1'] | //*[@ID='_r1" }),
);
refuses("SIG-27", "no reference address", "reference-mismatch", () =>
  signedWith({ signedInfo: (xml) => xml.replace(/ URI="[^"]*"/, "") }),
);
refuses("SIG-28", "an element within DigestValue (DigestValue wrapping)", "signature-shape", () =>
  signedWith({ element: (xml) => xml.replace("<ds:DigestValue>", "<ds:DigestValue><x>AAAA</x>") }),
);
refuses("SIG-29", "two digest values", "signature-shape", () =>
  signedWith({ element: (xml) => xml.replace(/(<ds:DigestValue>.*<\/ds:DigestValue>)/, "$1$1") }),
);
refuses("SIG-30", "an Object in the signature", "signature-shape", () =>
  signedWith({ element: (xml) => xml.replace("</ds:Signature>", "<ds:Object>x</ds:Object></ds:Signature>") }),
);
refuses("SIG-31", "SAML within KeyInfo", "signature-shape", () =>
  signedWith({
    keyInfo:
      '<ds:KeyInfo><saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">x</saml:NameID></ds:KeyInfo>',
  }),
);
refuses("SIG-32", "a manifest of references", "signature-count", () =>
  signedWith({
    keyInfo: '<ds:KeyInfo><ds:Manifest><ds:Reference URI="#_a1"></ds:Reference></ds:Manifest></ds:KeyInfo>',
  }),
);
refuses("SIG-33", "a signature of zero bytes", "signature-shape", () =>
  signedWith({
    element: (xml) =>
      xml.replace(/<ds:SignatureValue>.*<\/ds:SignatureValue>/, "<ds:SignatureValue></ds:SignatureValue>"),
  }),
);
refuses("SIG-34", "a signature whose RSA value is one", "signature-wrong", () => {
  const one = Buffer.alloc(256);
  one[255] = 1;
  return signedWith({
    element: (xml) =>
      xml.replace(
        /<ds:SignatureValue>.*<\/ds:SignatureValue>/,
        `<ds:SignatureValue>${one.toString("base64")}</ds:SignatureValue>`,
      ),
  });
});
refuses(
  "SIG-35",
  "an ECDSA signature of two zeros (psychic signatures, CVE-2022-21449)",
  "signature-wrong",
  () => {
    const there = connectionTo(curve);
    const xml = honestXml(curve, told(there), {
      signature: algorithms.ecdsaSha256,
      element: (element) =>
        element.replace(
          /<ds:SignatureValue>.*<\/ds:SignatureValue>/,
          `<ds:SignatureValue>${Buffer.alloc(64).toString("base64")}</ds:SignatureValue>`,
        ),
    });
    return { encoded: encode(xml), connection: there };
  },
);
