import { beforeAll, describe, expect, test } from "vitest";
import type { Expectations, SamlConnection } from "../../server/features/sso/saml/connection.ts";
import { validateResponse } from "../../server/features/sso/saml/validate-response.ts";
import { proves } from "../proves.ts";
import {
  at,
  connectionTo,
  encode,
  expected,
  honest,
  honestXml,
  type Idp,
  newIdp,
  requestId,
  type Told,
  told,
} from "./saml-forge.ts";
import { opinionsOn } from "./saml-oracles.ts";
import { type Forged, refuses } from "./saml-refuses.ts";

proves("IAM-7");

let idp: Idp;
let connection: SamlConnection;
beforeAll(async () => {
  idp = await newIdp();
  connection = connectionTo(idp);
});

const signed = (changes: Partial<Told>, expectations?: Expectations): Forged => ({
  encoded: honest(idp, connection, changes),
  connection,
  ...(expectations === undefined ? {} : { expectations }),
});

/** Also what the two others must take: nothing that we let in is let in by us alone. */
async function taken(
  there: SamlConnection,
  changes: Partial<Told>,
  expectations = expected(),
): Promise<void> {
  const opinions = await opinionsOn(honest(idp, there, changes), there, expectations);
  expect(opinions.ours).toHaveProperty("identity");
  expect([opinions.shieldAccepts, opinions.nodeSaml]).toEqual([true, changes.subject ?? "8f14e45f-victim"]);
}

/** One moment for the exact bounds, however slow the machine. */
const clock = new Date();
const exactly = (seconds: number): string => new Date(clock.getTime() + seconds * 1000).toISOString();
const atClock = (changes: Partial<Told>): Forged =>
  signed(
    { notBefore: exactly(-400), authenticatedAt: exactly(-5), issuedAt: exactly(-1), ...changes },
    expected({ now: clock }),
  );

describe("control: what is less than a minute off is taken", () => {
  test.each<[string, Partial<Told>]>([
    ["conditions that begin in 30 s", { notBefore: at(30) }],
    ["conditions that ended 10 s ago", { notBefore: at(-400), notOnOrAfter: at(-10) }],
    ["nothing said of the response's issuer", { responseIssuer: null }],
    ["another subject", { subject: "someone-else" }],
  ])("%s, by all three", (_, changes) => taken(connection, changes));

  test.each<[string, Partial<Told>]>([
    ["conditions that begin in 59 s", { notBefore: exactly(59) }],
    ["conditions that ended 59 s ago", { notOnOrAfter: exactly(-59) }],
    ["a confirmation that ended 59 s ago", { confirmedUntil: exactly(-59) }],
    ["a session at the provider that ended 59 s ago", { sessionUntil: exactly(-59) }],
  ])("%s", (_, changes) => {
    const { encoded, expectations = expected() } = atClock(changes);
    expect(validateResponse(encoded, connection, expectations)).toHaveProperty("identity");
  });

  test("without a request, where the connection lets the provider begin", () =>
    taken(
      connectionTo(idp, { allowsUnsolicited: true }),
      { inResponseTo: null },
      expected({ request: null }),
    ));

  test("several audiences, of which we are one", () =>
    taken(connection, {
      audience: `${connection.entityId}</saml:Audience><saml:Audience>https://other.example`,
    }));
});

describe("meant for somebody else", () => {
  refuses("FOR-1", "another audience (better-auth #10226)", "wrong-audience", () =>
    signed({ audience: "https://other.example/sp" }),
  );
  refuses("FOR-2", "no audience (samlify F-4)", "wrong-audience", () => signed({ audience: null }));
  refuses("FOR-3", "an audience that begins like ours", "wrong-audience", () =>
    signed({ audience: `${connection.entityId}.evil` }),
  );
  refuses("FOR-4", "a second restriction, to another audience", "wrong-audience", () =>
    signed({
      extraConditions:
        "<saml:AudienceRestriction><saml:Audience>https://other.example</saml:Audience></saml:AudienceRestriction>",
    }),
  );
  refuses("FOR-5", "another recipient (better-auth #10226)", "wrong-recipient", () =>
    signed({ recipient: "https://other.example/acs" }),
  );
  refuses("FOR-6", "no recipient", "wrong-recipient", () => signed({ recipient: null }));
  refuses("FOR-7", "another destination (better-auth #10226)", "wrong-destination", () =>
    signed({ destination: "https://other.example/acs" }),
  );
  refuses("FOR-8", "no destination", "wrong-destination", () => signed({ destination: null }));
  refuses("FOR-9", "our address in capital letters", "wrong-destination", () =>
    signed({ destination: connection.acsUrl.toUpperCase() }),
  );
  refuses("FOR-10", "another issuer of the assertion, the same key", "wrong-issuer", () =>
    signed({ issuer: "https://other-idp.example" }),
  );
  refuses("FOR-11", "another issuer of the response", "wrong-issuer", () =>
    signed({ responseIssuer: "https://other-idp.example" }),
  );
  refuses("FOR-12", "the issuer with a slash behind it", "wrong-issuer", () =>
    signed({ issuer: `${idp.entityId}/` }),
  );
  refuses(
    "FOR-13",
    "another organization's response, of the same provider and key (minisaml #11)",
    "wrong-destination",
    () => {
      const other = connectionTo(idp, {
        acsUrl: "https://crm.example/auth/saml/other/acs",
        entityId: "https://crm.example/auth/saml/other/metadata",
      });
      return { encoded: honest(idp, other), connection };
    },
  );
  refuses("FOR-14", "the same, with the unsigned destination changed to ours", "wrong-audience", () => {
    const other = connectionTo(idp, {
      acsUrl: "https://crm.example/auth/saml/other/acs",
      entityId: "https://crm.example/auth/saml/other/metadata",
    });
    return { encoded: honest(idp, other, { destination: connection.acsUrl }), connection };
  });
  refuses("FOR-15", "another organization's provider, well signed", "signature-wrong", async () => {
    const theirs = await newIdp(idp.entityId);
    return { encoded: honest(theirs, connection), connection };
  });
});

describe("an answer to nothing, or to something else", () => {
  refuses("ASK-1", "no request, and the provider may not begin", "unsolicited", () =>
    signed({ inResponseTo: null }, expected({ request: null })),
  );
  refuses(
    "ASK-2",
    "another request (node-saml bb3cdb0: not looked at by default)",
    "wrong-in-response-to",
    () => signed({ inResponseTo: "_other", confirmedInResponseTo: "_other" }),
  );
  refuses("ASK-3", "another request on the response alone", "wrong-in-response-to", () =>
    signed({ inResponseTo: "_other", confirmedInResponseTo: requestId }),
  );
  refuses("ASK-4", "another request in the confirmation alone", "wrong-in-response-to", () =>
    signed({ confirmedInResponseTo: "_other" }),
  );
  refuses("ASK-5", "no request on the response", "wrong-in-response-to", () =>
    signed({ inResponseTo: null, confirmedInResponseTo: requestId }),
  );
  refuses("ASK-6", "no request in the confirmation", "wrong-in-response-to", () =>
    signed({ confirmedInResponseTo: null }),
  );
  refuses("ASK-7", "one that names a request where the provider began", "wrong-in-response-to", () => ({
    ...signed({}, expected({ request: null })),
    connection: connectionTo(idp, { allowsUnsolicited: true }),
  }));
  refuses("ASK-8", "the request stripped off, and the provider may begin", "wrong-in-response-to", () => ({
    encoded: encode(honestXml(idp, told(connection)).replace(` InResponseTo="${requestId}"`, "")),
    connection: connectionTo(idp, { allowsUnsolicited: true }),
    expectations: expected({ request: null }),
  }));
});

describe("at another time", () => {
  refuses("TIME-1", "conditions that begin in 61 s", "not-yet-valid", () =>
    atClock({ notBefore: exactly(61) }),
  );
  refuses("TIME-2", "conditions that ended 61 s ago", "expired", () =>
    atClock({ notOnOrAfter: exactly(-61) }),
  );
  refuses("TIME-3", "a confirmation that ended 61 s ago (Keycloak CVE-2026-1190)", "expired", () =>
    atClock({ confirmedUntil: exactly(-61) }),
  );
  refuses("TIME-4", "a session at the provider that ended 61 s ago", "expired", () =>
    atClock({ sessionUntil: exactly(-61) }),
  );
  refuses("TIME-5", "conditions without an end", "assertion-shape", () => signed({ notOnOrAfter: null }));
  refuses("TIME-6", "a confirmation without an end", "assertion-shape", () =>
    signed({ confirmedUntil: null }),
  );
  refuses("TIME-7", "a sign-in of the future", "not-yet-valid", () =>
    atClock({ authenticatedAt: exactly(61) }),
  );
  refuses("TIME-8", "an assertion of the future", "not-yet-valid", () => atClock({ issuedAt: exactly(61) }));
  refuses("TIME-9", "a time in another zone, which readers compare as text", "assertion-shape", () =>
    signed({ notOnOrAfter: at(300).replace("Z", "+14:00") }),
  );
  refuses("TIME-10", "a time that is none", "assertion-shape", () =>
    signed({ notOnOrAfter: "9999-99-99T99:99:99Z" }),
  );
  refuses("TIME-11", "yesterday's response", "expired", () => ({
    encoded: honest(idp, connection),
    connection,
    expectations: expected({ now: new Date(Date.now() + 86_400_000) }),
  }));
});

describe("of whom it is not clear who they are", () => {
  const attribute = (name: string, ...values: string[]): string =>
    `<saml:Attribute Name="${name}">${values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join("")}</saml:Attribute>`;
  refuses("WHO-1", "the mail attribute twice (attribute pollution)", "attribute-ambiguous", () =>
    signed({ extraAttributes: attribute("email", "owner@acme.example") }),
  );
  refuses("WHO-2", "two addresses in one attribute", "attribute-ambiguous", () =>
    signed({ extraAttributes: attribute("displayName", "Ada", "Owner") }),
  );
  refuses("WHO-3", "a transient id", "subject-transient", () =>
    signed({ subjectFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient" }),
  );
  refuses("WHO-4", "no id", "subject-shape", () => signed({ subject: "" }));
  refuses("WHO-5", "two ids", "subject-shape", () => signed({ subject: "a</saml:NameID><saml:NameID>b" }));
  refuses("WHO-6", "an id with an element in it", "subject-shape", () =>
    signed({ subject: "a<saml:b></saml:b>" }),
  );
  refuses("WHO-7", "two subjects", "subject-shape", () => signed({ extra: "<saml:Subject></saml:Subject>" }));
  refuses("WHO-8", "two sign-ins", "assertion-shape", () =>
    signed({ extra: `<saml:AuthnStatement AuthnInstant="${at(0)}"></saml:AuthnStatement>` }),
  );
  refuses("WHO-9", "two sets of attributes", "assertion-shape", () =>
    signed({ extra: "<saml:AttributeStatement></saml:AttributeStatement>" }),
  );
  refuses("WHO-10", "a condition that nobody knows", "unknown-condition", () =>
    signed({
      extraConditions:
        '<saml:Condition xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="x:y"></saml:Condition>',
    }),
  );
  refuses("WHO-11", "whoever holds a key, not whoever brings it", "subject-shape", () => ({
    encoded: encode(
      honestXml(idp, {
        ...told(connection),
        subject:
          'x</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"></saml:SubjectConfirmation><saml:NameID>y',
      }),
    ),
    connection,
  }));
});
