import { DOMParser } from "@xmldom/xmldom";
import { beforeAll, expect } from "vitest";
import { authnRequestXml, signedRedirect } from "../../server/features/sso/saml/authn-request.ts";
import type { SamlConnection, SamlIdentity } from "../../server/features/sso/saml/connection.ts";
import { metadataXml } from "../../server/features/sso/saml/metadata.ts";
import { validateResponse } from "../../server/features/sso/saml/validate-response.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import {
  connectionTo,
  encode,
  expected,
  honestXml,
  type Idp,
  newIdp,
  told,
  type Told,
  twiceSigned,
} from "./saml-forge.ts";

// What was signed stays as it was, and something is put where a reader might take it for a part of that; or text is put where a
// writer might make markup of it.

proves("IAM-7");

let idp: Idp;
let connection: SamlConnection;
let genuine: Told;

beforeAll(async () => {
  idp = await newIdp();
  connection = connectionTo(idp);
  genuine = told(connection);
});

const verdictOn = (xml: string): ReturnType<typeof validateResponse> =>
  validateResponse(encode(xml), connection, expected());
const identityIn = (xml: string): SamlIdentity => {
  const verdict = verdictOn(xml);
  if ("refused" in verdict) throw new Error(verdict.refused);
  return verdict.identity;
};

const namespace = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';
const attribute = (name: string, value: string): string =>
  `<saml:Attribute Name="${name}"><saml:AttributeValue>${value}</saml:AttributeValue></saml:Attribute>`;
const smuggled =
  `<saml:AttributeStatement ${namespace}>` +
  `${attribute("email", "owner@acme.example")}${attribute("groups", "owners")}</saml:AttributeStatement>`;
const subject = `<saml:Subject ${namespace}><saml:NameID>the-owner</saml:NameID></saml:Subject>`;

/** Places that no signature covers: around the assertion, and in the signature itself, which leaves itself out. */
const places: Readonly<Record<string, (xml: string, what: string) => string>> = {
  "before the assertion": (xml, what) => xml.replace("<saml:Assertion ", `${what}<saml:Assertion `),
  "behind the assertion": (xml, what) => xml.replace("</saml:Assertion>", `</saml:Assertion>${what}`),
  "in extensions": (xml, what) =>
    xml.replace("<samlp:Status>", `<samlp:Extensions>${what}</samlp:Extensions><samlp:Status>`),
  "in the status": (xml, what) =>
    xml.replace("</samlp:Status>", `<samlp:StatusDetail>${what}</samlp:StatusDetail></samlp:Status>`),
  "at the end of the signature": (xml, what) => xml.replace("</ds:Signature>", `${what}</ds:Signature>`),
  "in an object of the signature": (xml, what) =>
    xml.replace("</ds:Signature>", `<ds:Object>${what}</ds:Object></ds:Signature>`),
  "among the keys of the signature": (xml, what) => xml.replace("</ds:KeyInfo>", `${what}</ds:KeyInfo>`),
  "beside the signature's value": (xml, what) =>
    xml.replace("</ds:SignatureValue>", `</ds:SignatureValue>${what}`),
};

attack(
  {
    id: "SAML-SMUGGLE-1",
    title: `attributes and a subject in ${Object.keys(places).length} places of a genuine response that nobody signed (passport-wsfed-saml2 CVE-2025-46573)`,
    expected: "refused, or as if they were not there",
  },
  async () => {
    const before = identityIn(honestXml(idp, genuine));
    expect([before.email, before.groups]).toEqual(["ada@acme.example", ["sales", "emea"]]);
    for (const what of [
      smuggled,
      subject,
      attribute("email", "owner@acme.example").replace(" ", ` ${namespace} `),
    ]) {
      for (const [place, put] of Object.entries(places)) {
        const changed = put(honestXml(idp, genuine), what);
        expect(changed).toContain(what);
        const verdict = verdictOn(changed);
        if (!("refused" in verdict)) expect([place, verdict.identity]).toEqual([place, before]);
      }
    }
    // In an assertion that is signed, attributes stand in one statement; in a response that is signed, nothing is added to it.
    const second = honestXml(idp, { ...genuine, extra: smuggled.replace(` ${namespace}`, "") });
    expect(verdictOn(second)).toHaveProperty("refused");
    const whole = twiceSigned(idp, genuine);
    expect(verdictOn(whole)).toHaveProperty("identity");
    expect(verdictOn(whole.replace("</saml:Assertion>", `</saml:Assertion>${smuggled}`))).toHaveProperty(
      "refused",
    );
    return "refused, or as if they were not there";
  },
);

const breakouts = [
  `x</saml:AttributeValue></saml:Attribute>${attribute("groups", "owners")}<saml:Attribute Name="y"><saml:AttributeValue>`,
  `</saml:AttributeValue><saml:AttributeValue>owners`,
  `]]></saml:AttributeValue>`,
  `<!--`,
  `&#60;/saml:AttributeValue&#62;`,
  `"><script>`,
];
/** Text as canonical XML has it. */
const spelt = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

attack(
  {
    id: "SAML-MARKUP-1",
    title:
      "markup for a name, a group or an id, as somebody typed it at the provider: read as text, however often it is parsed (samlify GHSA-34r5-q4jw-r36m)",
    expected: "text, and nothing more",
  },
  async () => {
    for (const text of breakouts) {
      const extraAttributes = attribute("displayName", spelt(text)) + attribute("memberOf", spelt(text));
      const identity = identityIn(honestXml(idp, { ...genuine, extraAttributes, subject: spelt(text) }));
      expect(identity).toMatchObject({ subject: text, name: text, email: "ada@acme.example" });
      expect(identity.groups).toEqual(["sales", "emea", text]);
    }
    return "text, and nothing more";
  },
);

attack(
  {
    id: "SAML-MARKUP-2",
    title:
      "markup for our own addresses and for the provider's, into the requests and the metadata that we sign and show (GHSA-34r5-q4jw-r36m)",
    expected: "text, and nothing more",
  },
  async () => {
    const parsed = (xml: string) => new DOMParser().parseFromString(xml, "text/xml");
    for (const text of [
      `https://x.example/"><evil a="`,
      `https://x.example/</saml:Issuer><saml:Issuer>evil`,
      `https://x.example/&lt;&quot;'`,
    ]) {
      const request = authnRequestXml({
        id: "_1",
        issuedAt: new Date(0),
        destination: text,
        entityId: text,
        acsUrl: text,
        nameIdFormat: "persistent",
        fresh: false,
      });
      const read = parsed(request);
      expect(read.getElementsByTagName("*").length).toBe(3);
      expect(read.documentElement?.getAttribute("Destination")).toBe(text);
      expect(read.documentElement?.getAttribute("AssertionConsumerServiceURL")).toBe(text);
      expect(read.getElementsByTagName("saml:Issuer")[0]?.textContent).toBe(text);
      const shown = parsed(metadataXml({ entityId: text, acsUrl: text }, [idp.certificate]));
      expect(shown.getElementsByTagName("evil").length).toBe(0);
      expect(shown.documentElement?.getAttribute("entityID")).toBe(text);
    }
    // The address that the browser takes it to holds nothing but what was encoded.
    const sent = new URL(signedRedirect("https://idp.example/sso?a=b", "<x>&\"'</x>", idp.privateKey));
    expect([...sent.searchParams.keys()]).toEqual(["a", "SAMLRequest", "SigAlg", "Signature"]);
    return "text, and nothing more";
  },
);
