import { deflateRawSync, gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import type { SamlConnection } from "../../server/features/sso/saml/connection.ts";
import { validateResponse } from "../../server/features/sso/saml/validate-response.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import {
  assertionOf,
  connectionTo,
  encode,
  expected,
  honestXml,
  type Idp,
  newIdp,
  responseOf,
  signatureHere,
  signed,
  told,
  type Told,
} from "./saml-forge.ts";
import { type Forged, refuses } from "./saml-refuses.ts";

proves("IAM-7");

let idp: Idp;
let connection: SamlConnection;
let genuine: Told;

beforeAll(async () => {
  idp = await newIdp();
  connection = connectionTo(idp);
  genuine = told(connection);
});

const forged = (xml: string): Forged => ({ encoded: encode(xml), connection });
const changed = (change: (xml: string) => string): Forged => forged(change(honestXml(idp, genuine)));
const doctype = (subset: string): Forged =>
  changed((xml) => `<!DOCTYPE r [${subset}]>${xml}`.replace("8f14e45f-victim", "&x;"));

test("control: declaration, line ends and empty elements in any spelling are taken", () => {
  const plain = honestXml(idp, genuine);
  for (const xml of [
    `<?xml version="1.0" encoding="UTF-8"?>\r\n${plain}\r\n`,
    `<?xml version="1.0" encoding="utf-8" standalone="yes"?>${plain}`,
    `\ufeff${plain}`,
    plain.replace("></samlp:StatusCode>", " />"),
    plain.replace("</ds:SignatureValue>", "&#13;\n</ds:SignatureValue>"),
    plain.replace("<samlp:Status>", "\n  <samlp:Status>"),
  ]) {
    expect(validateResponse(encode(xml), connection, expected())).toHaveProperty("identity");
  }
  const inLines = encode(plain).replace(/.{76}/g, "$&\r\n");
  expect(validateResponse(inLines, connection, expected())).toHaveProperty("identity");
});

refuses(
  "XML-1",
  "a document type (ruby-saml CVE-2025-25291: parsers differ in what it says)",
  "not-plain-xml",
  () => changed((xml) => `<!DOCTYPE Response>${xml}`),
);
refuses("XML-2", "an external entity (XXE, samlify fee4ff1)", "not-plain-xml", () =>
  doctype('<!ENTITY x SYSTEM "file:///etc/passwd">'),
);
refuses("XML-3", "an external subset of a document type", "not-plain-xml", () =>
  changed((xml) => `<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd">${xml}`),
);
refuses("XML-4", "entities that double ten times over (billion laughs)", "not-plain-xml", () => {
  const laughs = Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join(
    "",
  );
  return doctype(`<!ENTITY l0 "ha">${laughs}<!ENTITY x "&l10;">`);
});
refuses("XML-5", "one long entity many times (quadratic blow-up)", "not-plain-xml", () =>
  changed((xml) =>
    `<!DOCTYPE r [<!ENTITY x "${"a".repeat(50_000)}">]>${xml}`.replace(
      "8f14e45f-victim",
      "&x;".repeat(10_000),
    ),
  ),
);
refuses("XML-6", "a comment in NameID (ruby-saml, 2018: everything after it was lost)", "not-plain-xml", () =>
  changed((xml) => xml.replace("8f14e45f-victim", "8f14e45f<!--x-->-victim")),
);
refuses(
  "XML-7",
  "a comment that the signer signed away: owner@acme.example<!---->.evil.example (node-saml CVE-2025-54419, CVE-2025-54369, node-saml #400: read from what nobody signed)",
  "not-plain-xml",
  () => {
    // The signature holds: exclusive canonicalization leaves comments out.
    const mail = "owner@acme.example.evil.example";
    return forged(
      honestXml(idp, told(connection, { email: mail })).replace(
        mail,
        "owner@acme.example<!---->.evil.example",
      ),
    );
  },
);
refuses(
  "XML-8",
  "a comment in DigestValue (xml-crypto CVE-2025-29775, xml-crypto #494)",
  "not-plain-xml",
  () => changed((xml) => xml.replace("<ds:DigestValue>", "<ds:DigestValue><!--x-->")),
);
refuses("XML-9", "a comment outside of the assertion", "not-plain-xml", () =>
  changed((xml) => `${xml}<!--x-->`),
);
refuses("XML-10", "a processing instruction", "not-plain-xml", () =>
  changed((xml) => xml.replace("8f14e45f-victim", "8f14e45f<?x y?>-victim")),
);
refuses("XML-11", "a style sheet before the root", "not-plain-xml", () =>
  changed((xml) => `<?xml-stylesheet href="http://127.0.0.1:1/"?>${xml}`),
);
refuses("XML-12", "a CDATA section, which readers join in two ways", "not-plain-xml", () =>
  changed((xml) => xml.replace("8f14e45f-victim", "<![CDATA[8f14e45f]]>-victim")),
);
refuses("XML-13", "an attribute twice", "not-plain-xml", () =>
  changed((xml) => xml.replace(' ID="_r1"', ' ID="_r1" ID="_r2"')),
);
refuses("XML-14", "an attribute twice by two prefixes of one namespace", "not-plain-xml", () =>
  changed((xml) =>
    xml.replace("<samlp:Status>", '<samlp:Status xmlns:a="urn:x" xmlns:b="urn:x" a:v="1" b:v="2">'),
  ),
);
refuses(
  "XML-15",
  "a relative namespace, which canonicalizes to nothing (void canonicalization, ruby-saml CVE-2025-66568)",
  "not-plain-xml",
  () => changed((xml) => xml.replace("<saml:Assertion ", '<saml:Assertion xmlns:v="1" ')),
);
refuses(
  "XML-16",
  "the digest and the signature of nothing (void canonicalization, CVE-2025-66568)",
  "signature-wrong",
  () =>
    forged(
      responseOf(
        genuine,
        signed(assertionOf({ ...genuine, subject: "the-owner" }), idp, { digested: "" }),
      ).replaceAll(signatureHere, ""),
    ),
);
refuses(
  "XML-17",
  "a prefix bound to the namespace of another (namespace confusion, ruby-saml CVE-2025-25292, CVE-2025-66567)",
  "assertion-count",
  () =>
    changed((xml) =>
      xml.replace(/<saml:Assertion xmlns:saml="[^"]*"/, '<saml:Assertion xmlns:saml="urn:evil"'),
    ),
);
refuses("XML-18", "a prefix that stands for nothing", "not-plain-xml", () =>
  changed((xml) => xml.replace("<samlp:Status>", "<samlp:Status><x:y></x:y>")),
);
refuses(
  "XML-19",
  "an attribute that looks like a namespace and is not signed (xmlnsx, CVE-2025-66567)",
  "not-plain-xml",
  () => changed((xml) => xml.replace("<saml:Assertion ", '<saml:Assertion xmlnsx="1" ')),
);
refuses("XML-20", "elements nested 10 000 deep", "not-plain-xml", () =>
  changed((xml) =>
    xml.replace("</samlp:Status>", `${"<a>".repeat(10_000)}${"</a>".repeat(10_000)}</samlp:Status>`),
  ),
);
refuses("XML-21", "20 000 elements", "not-plain-xml", () =>
  changed((xml) => xml.replace("</samlp:Status>", `${"<a></a>".repeat(20_000)}</samlp:Status>`)),
);
refuses("XML-22", "10 000 namespaces", "not-plain-xml", () => {
  const many = Array.from({ length: 10_000 }, (_, n) => ` xmlns:n${n}="urn:${n}"`).join("");
  return changed((xml) => xml.replace("<samlp:Status>", `<samlp:Status${many}>`));
});
refuses("XML-23", "a character reference to nothing that XML has", "not-plain-xml", () =>
  changed((xml) => xml.replace("8f14e45f-victim", "8f14e45f&#0;-victim")),
);
refuses("XML-24", "UTF-16, in which a filter sees no markup", "not-utf8", () => ({
  encoded: Buffer.from(`\ufeff${honestXml(idp, genuine)}`, "utf16le").toString("base64"),
  connection,
}));
refuses("XML-25", "UTF-7 by its declaration", "not-plain-xml", () =>
  changed((xml) => `<?xml version="1.0" encoding="UTF-7"?>${xml}`),
);
refuses("XML-26", "bytes that are not UTF-8", "not-utf8", () => ({
  encoded: Buffer.from(honestXml(idp, genuine).replace("victim", "vict\u00edm"), "latin1").toString("base64"),
  connection,
}));
refuses("XML-27", "XML 1.1, which has other line ends", "not-plain-xml", () =>
  changed((xml) => `<?xml version="1.1"?>${xml}`),
);
refuses("XML-28", "a second root", "not-plain-xml", () => changed((xml) => xml + xml));
refuses("XML-29", "more than 256 KiB", "too-large", () => changed((xml) => xml + " ".repeat(256 * 1024)));
refuses("XML-30", "10 MiB of base64", "too-large", () => ({ encoded: "QUJD".repeat(2_500_000), connection }));
refuses("XML-31", "a zip bomb: deflated, as only requests are (Keycloak CVE-2026-2575)", "not-utf8", () => ({
  encoded: deflateRawSync(Buffer.alloc(100 * 1024 * 1024, " ")).toString("base64"),
  connection,
}));
refuses("XML-32", "a response in gzip", "not-utf8", () => ({
  encoded: gzipSync(honestXml(idp, genuine)).toString("base64"),
  connection,
}));
refuses("XML-33", "not base64", "not-base64", () => ({ encoded: "<samlp:Response>", connection }));
refuses("XML-34", "base64 with something after its end", "not-base64", () => ({
  encoded: `${encode("<a></a>")}==QUJD`,
  connection,
}));
refuses("XML-35", "nothing", "not-base64", () => ({ encoded: "", connection }));

attack(
  { id: "SAML-XML-36", title: "documents made to be slow to read", expected: "each refused within 2 s" },
  async () => {
    const xml = honestXml(idp, genuine);
    const slow = [
      `<a ${"x".repeat(250_000)}`,
      `<a ${'b="'.repeat(60_000)}`,
      `<a${" ".repeat(250_000)}`,
      "<a>".repeat(80_000),
      `<a>${"&".repeat(250_000)}</a>`,
      `<a>${"&amp;".repeat(50_000)}</a>`,
      xml.replace("8f14e45f-victim", "a".repeat(200_000)),
      xml.replace("<ds:SignatureValue>", `<ds:SignatureValue>${"A \n".repeat(60_000)}`),
    ];
    for (const text of slow) {
      const begun = performance.now();
      expect(validateResponse(encode(text), connection, expected())).toHaveProperty("refused");
      expect(performance.now() - begun).toBeLessThan(2000);
    }
    return "each refused within 2 s";
  },
);
