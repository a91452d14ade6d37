import { constants, createCipheriv, publicEncrypt, randomBytes } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import type { SamlConnection } from "../../server/features/sso/saml/connection.ts";
import { validateResponse } from "../../server/features/sso/saml/validate-response.ts";
import { proves } from "../proves.ts";
import {
  assertionOf,
  connectionTo,
  encode,
  expected,
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

const xenc = "http://www.w3.org/2001/04/xmlenc#";
let idp: Idp;
let ours: Idp;
let former: Idp;
let another: Idp;
let connection: SamlConnection;

beforeAll(async () => {
  [idp, ours, former, another] = await Promise.all([newIdp(), newIdp("sp"), newIdp("sp"), newIdp("sp")]);
  connection = connectionTo(idp, { decryptionKeys: [ours.privateKey, former.privateKey] });
});

interface Encryption {
  readonly data: string;
  readonly key: string;
  readonly to: Idp;
  readonly ciphertext: (bytes: Buffer) => Buffer;
}

/** Written from the recommendation, not with the library that reads it. */
function encrypted(plaintext: string, changes: Partial<Encryption> = {}): string {
  const data = changes.data ?? "http://www.w3.org/2009/xmlenc11#aes256-gcm";
  const how = changes.key ?? `${xenc}rsa-oaep-mgf1p`;
  const key = randomBytes(32);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const body = [nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
  const padding = how.endsWith("rsa-1_5") ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING;
  const wrapped = publicEncrypt({ key: (changes.to ?? ours).certificate, padding }, key);
  const sealed = (changes.ciphertext ?? ((bytes) => bytes))(Buffer.concat(body));
  const value = (bytes: Buffer): string =>
    `<xenc:CipherData><xenc:CipherValue>${bytes.toString("base64")}</xenc:CipherValue></xenc:CipherData>`;
  return (
    `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><xenc:EncryptedData xmlns:xenc="${xenc}" Type="${xenc}Element">` +
    `<xenc:EncryptionMethod Algorithm="${data}"></xenc:EncryptionMethod><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey>` +
    `<xenc:EncryptionMethod Algorithm="${how}"></xenc:EncryptionMethod>${value(wrapped)}</xenc:EncryptedKey></ds:KeyInfo>${value(sealed)}</xenc:EncryptedData></saml:EncryptedAssertion>`
  );
}

const genuine = (): Told => told(connection);
const assertion = (): string => signed(assertionOf(genuine()), idp);
const around = (content: string): Forged => ({
  encoded: encode(twiceSigned(idp, genuine(), content)),
  connection,
});

test("control: an encrypted, signed assertion in a signed response is taken, by us and by the two others", async () => {
  const opinions = await opinionsOn(around(encrypted(assertion())).encoded, connection, expected());
  expect(opinions.ours).toMatchObject({ identity: { subject: "8f14e45f-victim" } });
  expect([opinions.shieldAccepts, opinions.nodeSaml]).toEqual([true, "8f14e45f-victim"]);
});

test("control: what was encrypted to the key before this one opens too", () => {
  const { encoded } = around(encrypted(assertion(), { to: former }));
  expect(validateResponse(encoded, connection, expected())).toHaveProperty("identity");
});

refuses(
  "ENC-1",
  "encrypted to us by anybody, in a response that nobody signed (Keycloak CVE-2026-2092)",
  "encrypted-unsigned-response",
  () => ({
    encoded: encode(responseOf(genuine(), encrypted(assertion())).replaceAll(signatureHere, "")),
    connection,
  }),
);
refuses("ENC-2", "an assertion that is not signed within", "assertion-not-signed", () =>
  around(encrypted(assertionOf(genuine()).replaceAll(signatureHere, ""))),
);
refuses("ENC-3", "a connection that takes none", "encrypted-without-key", () => ({
  ...around(encrypted(assertion())),
  connection: connectionTo(idp),
}));
refuses("ENC-4", "encrypted to another", "decryption-failed", () =>
  around(encrypted(assertion(), { to: another })),
);
refuses("ENC-5", "AES-CBC, which tells too much to whoever may ask often", "encryption-algorithm", () =>
  around(encrypted(assertion(), { data: `${xenc}aes256-cbc` })),
);
refuses("ENC-6", "a key wrapped by PKCS #1 v1.5 (Bleichenbacher)", "encryption-algorithm", () =>
  around(encrypted(assertion(), { key: `${xenc}rsa-1_5` })),
);
refuses("ENC-7", "a flipped bit of the ciphertext", "decryption-failed", () =>
  around(
    encrypted(assertion(), {
      ciphertext: (bytes) => {
        bytes[40] = (bytes[40] ?? 0) ^ 1;
        return bytes;
      },
    }),
  ),
);
refuses("ENC-8", "a shortened tag", "decryption-failed", () =>
  around(encrypted(assertion(), { ciphertext: (bytes) => bytes.subarray(0, -12) })),
);
refuses("ENC-9", "one in the clear beside it", "assertion-count", () =>
  around(encrypted(assertion()) + assertion()),
);
refuses("ENC-10", "two encrypted ones", "assertion-count", () => around(encrypted(assertion()).repeat(2)));
refuses("ENC-11", "a document type within", "not-plain-xml", () =>
  around(encrypted(`<!DOCTYPE a>${assertion()}`)),
);
refuses("ENC-12", "a response within, signed by the provider", "assertion-count", () =>
  around(encrypted(twiceSigned(idp, { ...genuine(), responseId: "_r9" }))),
);
refuses("ENC-13", "an encrypted id in a plain assertion", "assertion-count", () => {
  const plain = assertionOf(genuine()).replace(
    /<saml:NameID.*<\/saml:NameID>/,
    "<saml:EncryptedID></saml:EncryptedID>",
  );
  return around(signed(plain, idp));
});
refuses("ENC-14", "the ciphertext swapped under the response's signature", "signature-wrong", () => {
  const xml = twiceSigned(idp, genuine(), encrypted(assertion()));
  const other = encrypted(signed(assertionOf({ ...genuine(), subject: "the-owner" }), idp));
  return {
    encoded: encode(xml.replace(/<saml:EncryptedAssertion.*<\/saml:EncryptedAssertion>/, other)),
    connection,
  };
});

test("why it did not open is not told", () => {
  const verdicts = [
    encrypted(assertion(), { to: another }),
    encrypted(assertion(), { ciphertext: (bytes) => bytes.subarray(0, -12) }),
  ].map((one) => validateResponse(around(one).encoded, connection, expected()));
  expect(verdicts[0]).toEqual(verdicts[1]);
});
