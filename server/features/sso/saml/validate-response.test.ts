import { beforeAll, expect, test } from "vitest";
import { connectionTo, expected, honest, type Idp, newIdp } from "../../../../tests/attack/saml-forge.ts";
import { validateResponse } from "./validate-response.ts";

let idp: Idp;
beforeAll(async () => {
  idp = await newIdp();
});

test("an honest response tells who it is, and until when it must be remembered", () => {
  const connection = connectionTo(idp);
  const verdict = validateResponse(honest(idp, connection), connection, expected());
  expect(verdict).toEqual({
    identity: {
      assertionId: "_a1",
      issuer: "https://idp.example/metadata",
      subject: "8f14e45f-victim",
      subjectFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
      email: "ada@acme.example",
      name: null,
      groups: ["sales", "emea"],
      secondFactor: false,
      sessionIndex: "_s1",
      inResponseTo: "_0123456789abcdef0123456789abcdef01234567",
      authenticatedAt: expect.any(Date),
      rememberUntil: expect.any(Date),
    },
  });
});

test("attributes are read by the names that the connection gives, or by the usual ones", () => {
  const extraAttributes =
    '<saml:Attribute Name="urn:x:mail"><saml:AttributeValue>grace@acme.example</saml:AttributeValue></saml:Attribute>' +
    '<saml:Attribute Name="displayName"><saml:AttributeValue>Grace Hopper</saml:AttributeValue></saml:Attribute>' +
    '<saml:Attribute Name="Role"><saml:AttributeValue>a</saml:AttributeValue></saml:Attribute>' +
    '<saml:Attribute Name="Role"><saml:AttributeValue>b</saml:AttributeValue></saml:Attribute>';
  const connection = connectionTo(idp, { attributes: { email: "urn:x:mail", groups: "Role" } });
  const verdict = validateResponse(honest(idp, connection, { extraAttributes }), connection, expected());
  expect(verdict).toMatchObject({
    identity: { email: "grace@acme.example", name: "Grace Hopper", groups: ["a", "b"] },
  });
});

test("an address as the subject is the address; and no other is made up", () => {
  const connection = connectionTo(idp, { attributes: { email: "nothing" } });
  const format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
  const subject = "ada@acme.example";
  const asked = (changes: object): unknown =>
    validateResponse(honest(idp, connection, changes), connection, expected());
  expect(asked({ subject, subjectFormat: format })).toMatchObject({ identity: { email: subject } });
  expect(asked({ subject })).toMatchObject({ identity: { email: null } });
});

test.each([
  ["https://refeds.org/profile/mfa", true],
  ["http://schemas.microsoft.com/claims/multipleauthn", true],
  ["urn:oasis:names:tc:SAML:2.0:ac:classes:Password", false],
])("whether there was a second factor is what the provider says: %s", (context, secondFactor) => {
  const connection = connectionTo(idp);
  const verdict = validateResponse(honest(idp, connection, { context }), connection, expected());
  expect(verdict).toMatchObject({ identity: { secondFactor } });
});
