import { beforeAll, describe, expect, test } from "vitest";
import type { SamlConnection } from "../../server/features/sso/saml/connection.ts";
import { proves } from "../proves.ts";
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
  type Told,
  told,
  twiceSigned,
} from "./saml-forge.ts";
import { opinionsOn } from "./saml-oracles.ts";
import { type Forged, refuses } from "./saml-refuses.ts";

proves("IAM-7");

let idp: Idp;
let connection: SamlConnection;
let genuine: Told;
let evil: Told;

beforeAll(async () => {
  idp = await newIdp();
  connection = connectionTo(idp);
  genuine = told(connection);
  evil = told(connection, {
    subject: "the-owner",
    email: "owner@acme.example",
    assertionId: "_evil",
    responseId: "_evil-r",
  });
});

const bare = (t: Told): string => assertionOf(t).replaceAll(signatureHere, "");
const signatureIn = (xml: string): string => /<ds:Signature.*?<\/ds:Signature>/s.exec(xml)?.[0] ?? "";
const without = (xml: string): string => xml.replace(signatureIn(xml), "");
const around = (t: Told, content: string): string => responseOf(t, content).replaceAll(signatureHere, "");
const forged = (xml: string): Forged => ({ encoded: encode(xml), connection });
/** The attacker's element, holding what is given right after its issuer. */
const holding = (xml: string, content: string): string =>
  xml.replace("</saml:Issuer>", `</saml:Issuer>${content}`);
const inObject = (signature: string, content: string): string =>
  signature.replace("</ds:Signature>", `<ds:Object>${content}</ds:Object></ds:Signature>`);

test("control: what the attacker starts from is taken, by us and by the two others", async () => {
  for (const xml of [honestXml(idp, genuine), twiceSigned(idp, genuine)]) {
    const { ours, shieldAccepts, nodeSaml } = await opinionsOn(encode(xml), connection, expected());
    expect(ours).toMatchObject({ identity: { subject: "8f14e45f-victim" } });
    expect([shieldAccepts, nodeSaml]).toEqual([true, "8f14e45f-victim"]);
  }
});

describe("signature wrapping, the eight classic shapes", () => {
  refuses("XSW-1", "a signed response hidden in the signature of a forged one", "assertion-count", () => {
    const original = twiceSigned(idp, genuine);
    const signature = inObject(signatureIn(original), without(original));
    return forged(holding(around(evil, bare(evil)), signature));
  });
  refuses("XSW-2", "a signed response beside the signature, in a forged one", "assertion-count", () => {
    const original = twiceSigned(idp, genuine);
    return forged(holding(around(evil, bare(evil)), signatureIn(original) + without(original)));
  });
  refuses(
    "XSW-3",
    "a forged assertion before the signed one (samlify CVE-2025-47949)",
    "assertion-count",
    () => forged(around(genuine, bare(evil) + signed(assertionOf(genuine), idp))),
  );
  refuses("XSW-4", "the signed assertion within a forged one", "assertion-count", () =>
    forged(
      around(
        genuine,
        bare(evil).replace("</saml:Assertion>", `${signed(assertionOf(genuine), idp)}</saml:Assertion>`),
      ),
    ),
  );
  refuses(
    "XSW-5",
    "the signature moved to a forged assertion, the signed one behind it (node-saml CVE-2025-54369)",
    "assertion-count",
    () => {
      const original = signed(assertionOf(genuine), idp);
      return forged(around(genuine, holding(bare(evil), signatureIn(original)) + without(original)));
    },
  );
  refuses("XSW-6", "the signed assertion in the signature of a forged one", "assertion-count", () => {
    const original = signed(assertionOf(genuine), idp);
    const signature = signatureIn(original).replace("</ds:Signature>", `${without(original)}</ds:Signature>`);
    return forged(around(genuine, holding(bare(evil), signature)));
  });
  refuses("XSW-7", "a forged assertion of the same id in Extensions", "id-not-unique", () => {
    const extension = `<samlp:Extensions>${bare({ ...evil, assertionId: genuine.assertionId })}</samlp:Extensions>`;
    return forged(
      holding(around(genuine, signed(assertionOf(genuine), idp)), "").replace(
        "<samlp:Status>",
        `${extension}<samlp:Status>`,
      ),
    );
  });
  refuses(
    "XSW-8",
    "the signed assertion in an Object of the forged one's signature",
    "assertion-count",
    () => {
      const original = signed(assertionOf(genuine), idp);
      return forged(around(genuine, holding(bare(evil), inObject(signatureIn(original), without(original)))));
    },
  );
});

describe("wrapping beyond the classics", () => {
  refuses("XSW-9", "a forged assertion in Extensions, of another id", "assertion-count", () =>
    forged(
      around(genuine, signed(assertionOf(genuine), idp)).replace(
        "<samlp:Status>",
        `<samlp:Extensions>${bare(evil)}</samlp:Extensions><samlp:Status>`,
      ),
    ),
  );
  refuses("XSW-10", "the signed assertion in the Advice of a forged one", "assertion-count", () => {
    const advice = `<saml:Advice>${signed(assertionOf(genuine), idp)}</saml:Advice>`;
    return forged(
      around(genuine, bare(evil).replace("<saml:AuthnStatement", `${advice}<saml:AuthnStatement`)),
    );
  });
  refuses(
    "XSW-11",
    "the signed assertion in StatusDetail (ruby-saml CVE-2024-45409)",
    "assertion-count",
    () => {
      const detail = `<samlp:StatusDetail>${signed(assertionOf(genuine), idp)}</samlp:StatusDetail>`;
      return forged(around(genuine, bare(evil)).replace("</samlp:Status>", `${detail}</samlp:Status>`));
    },
  );
  refuses(
    "XSW-12",
    "an assertion of another namespace, which readers by local name take",
    "assertion-count",
    () => {
      const odd = bare(evil)
        .replaceAll("saml:", "evil:")
        .replace(/xmlns:saml="[^"]*"/, 'xmlns:evil="urn:evil"');
      return forged(around(genuine, odd + signed(assertionOf(genuine), idp)));
    },
  );
  refuses("XSW-13", "the signature of a whole response over a swapped assertion", "signature-wrong", () => {
    const original = twiceSigned(idp, genuine);
    return forged(original.replaceAll("8f14e45f-victim", "the-owner"));
  });
  refuses(
    "XSW-14",
    "a signature that stands in the attributes (passport-wsfed-saml2 CVE-2025-46572)",
    "signature-misplaced",
    () => {
      const original = signed(assertionOf(genuine), idp);
      const signature = signatureIn(original);
      const moved = without(original).replace(
        "</saml:AttributeStatement>",
        `</saml:AttributeStatement>${signature}`,
      );
      return forged(around(genuine, moved));
    },
  );
  refuses("XSW-15", "a signature that refers to the response, in the assertion", "reference-mismatch", () =>
    forged(around(genuine, signed(assertionOf(genuine), idp, { uri: "#_r1" }))),
  );
  refuses(
    "XSW-16",
    "an id in another spelling, which another reader takes for the reference (CVE-2025-29774)",
    "id-not-unique",
    () => {
      const original = signed(assertionOf(genuine), idp);
      return forged(around(genuine, original).replace("<samlp:Status>", '<samlp:Status Id="_a1">'));
    },
  );
});

describe("parts that nobody signed", () => {
  refuses("PART-1", "no signature at all (better-auth dce3cda741)", "assertion-not-signed", () =>
    forged(around(evil, bare(evil))),
  );
  refuses(
    "PART-2",
    "the response is signed, the assertion is not (better-auth #10621)",
    "assertion-not-signed",
    () => forged(twiceSigned(idp, genuine, bare(genuine))),
  );
  refuses("PART-3", "the response is signed wrongly, the assertion well", "signature-wrong", () =>
    forged(twiceSigned(idp, genuine).replace(' IssueInstant="', ' Consent="x" IssueInstant="')),
  );
  refuses("PART-4", "two signed assertions", "assertion-count", () =>
    forged(
      around(
        genuine,
        signed(assertionOf(genuine), idp) + signed(assertionOf({ ...genuine, assertionId: "_a2" }), idp),
      ),
    ),
  );
  refuses("PART-5", "a response in a response", "assertion-count", () => {
    const inner = around({ ...genuine, responseId: "_r2" }, signed(assertionOf(genuine), idp));
    return forged(around(genuine, inner));
  });
  refuses("PART-6", "two signatures of one assertion", "signature-count", () => {
    const original = signed(assertionOf(genuine), idp);
    return forged(around(genuine, holding(without(original), signatureIn(original).repeat(2))));
  });
  refuses("PART-7", "a failed sign-in with an assertion in it all the same", "status-not-success", () =>
    forged(honestXml(idp, { ...genuine, status: "urn:oasis:names:tc:SAML:2.0:status:Responder" })),
  );
  refuses("PART-8", "no assertion", "assertion-count", () => forged(around(genuine, "")));
  refuses("PART-9", "an assertion alone, without a response", "not-a-response", () =>
    forged(signed(assertionOf(genuine), idp)),
  );
  refuses("PART-10", "a second reference, to what the attacker added", "signature-shape", () =>
    forged(
      honestXml(idp, genuine, {
        signedInfo: (xml) => xml.replace(/(<ds:Reference.*<\/ds:Reference>)/s, "$1$1"),
      }),
    ),
  );
  refuses("PART-11", "a second SignedInfo (xml-crypto CVE-2025-29774)", "signature-shape", () =>
    forged(
      honestXml(idp, genuine, {
        element: (xml) => xml.replace(/(<ds:SignedInfo.*<\/ds:SignedInfo>)/s, "$1$1"),
      }),
    ),
  );
});
