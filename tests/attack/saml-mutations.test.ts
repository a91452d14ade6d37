import { execFileSync, spawnSync } from "node:child_process";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { SamlConnection } from "../../server/features/sso/saml/connection.ts";
import { validateResponse, type Verdict } from "../../server/features/sso/saml/validate-response.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import {
  algorithms,
  connectionTo,
  encode,
  expected,
  honestXml,
  type Idp,
  newIdp,
  told,
  twiceSigned,
  withFile,
} from "./saml-forge.ts";
import { opinionsOn } from "./saml-oracles.ts";

proves("IAM-7");

let idp: Idp;
let connection: SamlConnection;
let xmls: readonly string[];
let genuine: Verdict;

beforeAll(async () => {
  idp = await newIdp();
  connection = connectionTo(idp);
  const whole = told(connection);
  xmls = [honestXml(idp, whole), twiceSigned(idp, whole)];
  genuine = judge(xmls[0] ?? "");
  expect(genuine).toHaveProperty("identity");
});

const judge = (xml: string): Verdict => validateResponse(encode(xml), connection, expected());

/** The whole of what is said of the person; whatever was done to the document, it is this or a refusal. */
function demandSameOrRefused(verdict: Verdict): void {
  if ("identity" in verdict) expect(verdict).toEqual(genuine);
}

/** Pieces that have made readers disagree. */
const pieces = [
  "<!---->",
  "<!--x-->",
  "<?x y?>",
  "<![CDATA[x]]>",
  "&#x0;",
  "&#10;",
  "&amp;",
  "&x;",
  "\u0000",
  "\ufeff",
  "\r\n",
  " ",
  '"',
  "'",
  ">",
  "<",
  "]]>",
  'xmlns="urn:x" ',
  'xmlns:saml="urn:x" ',
  'ID="_a1" ',
  'Id="_a1" ',
  "the-owner",
  "<saml:NameID>the-owner</saml:NameID>",
  "<saml:Attribute Name='email'><saml:AttributeValue>owner@acme.example</saml:AttributeValue></saml:Attribute>",
];

const original = fc.integer({ min: 0, max: 1 });
const place = fc.double({ min: 0, max: 1, noNaN: true });
const at = (xml: string, where: number): number => Math.floor(where * xml.length);

type Edit = (xml: string) => string;
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(place, fc.constantFrom(...pieces)).map(
    ([where, piece]): Edit =>
      (xml) =>
        xml.slice(0, at(xml, where)) + piece + xml.slice(at(xml, where)),
  ),
  fc.tuple(place, fc.integer({ min: 32, max: 126 })).map(
    ([where, code]): Edit =>
      (xml) =>
        xml.slice(0, at(xml, where)) + String.fromCharCode(code) + xml.slice(at(xml, where) + 1),
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 40 })).map(
    ([where, length]): Edit =>
      (xml) =>
        xml.slice(0, at(xml, where)) + xml.slice(at(xml, where) + length),
  ),
);

interface Node {
  readonly from: number;
  readonly to: number;
}

/** Where each element of the document begins and ends; the forge writes no empty-element tags. */
function elementsOf(xml: string): Node[] {
  const open: number[] = [];
  const found: Node[] = [];
  for (const match of xml.matchAll(/<(\/?)[A-Za-z:]+[^>]*>/g)) {
    if (match[1] === "/") found.push({ from: open.pop() ?? 0, to: match.index + match[0].length });
    else open.push(match.index);
  }
  return found;
}

/** Moves, copies, drops or wraps whole elements, with what the attacker wants said in place of the truth. */
const rearrange: fc.Arbitrary<Edit> = fc
  .tuple(place, place, fc.constantFrom("copy", "move", "drop", "double", "evil copy", "rename"))
  .map(([what, where, act]): Edit => (xml) => {
    const elements = elementsOf(xml);
    const { from, to } = elements[Math.floor(what * (elements.length - 1))] ?? { from: 0, to: 0 };
    const element = xml.slice(from, to);
    const target = elements[Math.floor(where * (elements.length - 1))] ?? { from: 0, to: 0 };
    const put = (text: string, piece: string, here: number): string =>
      text.slice(0, here) + piece + text.slice(here);
    const evil = element.replaceAll("8f14e45f-victim", "the-owner").replaceAll("ada@", "owner@");
    switch (act) {
      case "copy":
        return put(xml, element, target.from);
      case "move":
        return target.from < from
          ? put(xml.slice(0, from) + xml.slice(to), element, target.from)
          : xml.slice(0, from) + xml.slice(to, target.from) + element + xml.slice(Math.max(to, target.from));
      case "drop":
        return xml.slice(0, from) + xml.slice(to);
      case "double":
        return put(xml, element, to);
      case "evil copy":
        return put(xml, evil.replaceAll('"_a1"', '"_evil"'), target.from);
      default:
        return xml.slice(0, from) + evil + xml.slice(to);
    }
  });

describe("a valid response that was changed", () => {
  const runs = 2000;
  attack(
    {
      id: "SAML-FUZZ-1",
      title: "change bytes of a signed response at random",
      expected: "never another identity",
    },
    async () => {
      fc.assert(
        fc.property(original, fc.array(edit, { minLength: 1, maxLength: 4 }), (which, edits) => {
          demandSameOrRefused(judge(edits.reduce((xml, change) => change(xml), xmls[which] ?? "")));
        }),
        { numRuns: runs },
      );
      return "never another identity";
    },
    180_000,
  );

  attack(
    {
      id: "SAML-FUZZ-2",
      title: "copy, move, drop and rewrite its elements at random",
      expected: "never another identity",
    },
    async () => {
      fc.assert(
        fc.property(original, fc.array(rearrange, { minLength: 1, maxLength: 4 }), (which, edits) => {
          demandSameOrRefused(judge(edits.reduce((xml, change) => change(xml), xmls[which] ?? "")));
        }),
        { numRuns: runs },
      );
      return "never another identity";
    },
    180_000,
  );

  attack(
    { id: "SAML-FUZZ-3", title: "post anything at all", expected: "never an identity, never a fault" },
    async () => {
      fc.assert(
        fc.property(
          fc.oneof(
            fc.string({ unit: "binary" }),
            fc.base64String(),
            fc.array(fc.constantFrom(...pieces)).map((all) => encode(all.join(""))),
          ),
          (text) => {
            expect(validateResponse(text, connection, expected())).toHaveProperty("refused");
          },
        ),
        { numRuns: runs },
      );
      return "never an identity, never a fault";
    },
    180_000,
  );

  attack(
    { id: "SAML-FUZZ-4", title: "take what node-saml or samlshield refuse", expected: "never" },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          original,
          fc.array(fc.oneof(edit, rearrange), { minLength: 1, maxLength: 2 }),
          async (which, edits) => {
            const encoded = encode(edits.reduce((xml, change) => change(xml), xmls[which] ?? ""));
            const { ours, shieldAccepts, nodeSaml } = await opinionsOn(encoded, connection, expected());
            if ("refused" in ours) return;
            expect([shieldAccepts, nodeSaml]).toEqual([true, ours.identity.subject]);
          },
        ),
        { numRuns: 250 },
      );
      return "never";
    },
    240_000,
  );
});

const xmlsec1 = spawnSync("xmlsec1", ["--version"]).status === 0;
if (!xmlsec1) test.skip("against xmlsec1: Debian's package xmlsec1 is not installed", () => {});

describe.skipIf(!xmlsec1)("what xmlsec1 makes of the same documents", () => {
  const ids = [
    "--id-attr:ID",
    "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
    "--id-attr:ID",
    "urn:oasis:names:tc:SAML:2.0:protocol:Response",
  ];
  const template = (algorithm: string, digest: string): string =>
    `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${algorithms.exclusive}"/>` +
    `<ds:SignatureMethod Algorithm="${algorithm}"/><ds:Reference URI="#_a1"><ds:Transforms><ds:Transform Algorithm="${algorithms.enveloped}"/>` +
    `<ds:Transform Algorithm="${algorithms.exclusive}"><ec:InclusiveNamespaces xmlns:ec="${algorithms.exclusive}" PrefixList="xs xsi"/></ds:Transform></ds:Transforms>` +
    `<ds:DigestMethod Algorithm="${digest}"/><ds:DigestValue></ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue></ds:SignatureValue></ds:Signature>`;

  /** A document that xmlsec1 signs: namespaces from around, odd spacing, empty elements, an entity. */
  function signedByXmlsec(algorithm: string, digest: string): string {
    const spread = honestXml(
      idp,
      told(connection, {
        subject: "a &amp; b",
        extraAttributes:
          '\n  <saml:Attribute Name="x"  ><saml:AttributeValue xsi:type="xs:string">1</saml:AttributeValue></saml:Attribute>',
      }),
    )
      .replace(/<ds:Signature .*<\/ds:Signature>/s, template(algorithm, digest))
      .replace(
        "<samlp:Response ",
        '<samlp:Response xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ',
      );
    return withFile(spread, (document) =>
      withFile(idp.privateKey, (key) =>
        execFileSync("xmlsec1", ["--sign", ...ids, "--privkey-pem", key, document], {
          encoding: "utf8",
          stdio: "pipe",
        }),
      ),
    );
  }

  const accepts = (xml: string): boolean =>
    withFile(xml, (document) =>
      withFile(
        idp.certificate,
        (certificate) =>
          spawnSync("xmlsec1", ["--verify", ...ids, "--pubkey-cert-pem", certificate, document], {
            stdio: "pipe",
          }).status === 0,
      ),
    );

  test.each([
    ["rsa-sha256", algorithms.rsaSha256, algorithms.sha256],
    ["rsa-sha384", algorithms.rsaSha384, algorithms.sha384],
    ["rsa-sha512", algorithms.rsaSha512, algorithms.sha512],
  ])("what it signs is taken: %s", (_, algorithm, digest) => {
    const xml = signedByXmlsec(algorithm, digest);
    expect(accepts(xml)).toBe(true);
    expect(judge(xml)).toMatchObject({ identity: { subject: "a & b" } });
  });

  test("what the forge signs is a signature to it as well", () => {
    for (const xml of xmls) expect(accepts(xml)).toBe(true);
  });

  attack(
    {
      id: "SAML-FUZZ-5",
      title: "take another identity from a change that xmlsec1 refuses",
      expected: "never",
    },
    async () => {
      const xml = signedByXmlsec(algorithms.rsaSha256, algorithms.sha256);
      fc.assert(
        fc.property(fc.oneof(edit, rearrange), (change) => {
          const changed = change(xml);
          const seen = judge(changed);
          // It refuses some changes of what nobody signed; then we may take what was signed, and nothing else.
          if ("identity" in seen && !accepts(changed)) expect(seen).toEqual(judge(xml));
        }),
        { numRuns: 150 },
      );
      return "never";
    },
    180_000,
  );
});
