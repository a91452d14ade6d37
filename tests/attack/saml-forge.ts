import { createHash, createHmac, sign, X509Certificate } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selfSignedCertificate } from "../../server/foundation/ids/index.ts";
import type { Expectations, SamlConnection } from "../../server/features/sso/saml/connection.ts";

/** An identity provider of the test's own, honest or not: a key and the certificate that is pinned for it. */
export interface Idp {
  readonly entityId: string;
  readonly privateKey: string;
  readonly certificate: string;
}

export const algorithms = {
  rsaSha1: "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
  rsaSha256: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
  rsaSha384: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
  rsaSha512: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
  ecdsaSha256: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
  hmacSha1: "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
  hmacSha256: "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
  sha1: "http://www.w3.org/2000/09/xmldsig#sha1",
  sha256: "http://www.w3.org/2001/04/xmlenc#sha256",
  sha384: "http://www.w3.org/2001/04/xmldsig-more#sha384",
  sha512: "http://www.w3.org/2001/04/xmlenc#sha512",
  enveloped: "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
  exclusive: "http://www.w3.org/2001/10/xml-exc-c14n#",
  exclusiveWithComments: "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
  inclusive: "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
} as const;

const dsig = "http://www.w3.org/2000/09/xmldsig#";
/** Where the signature goes; what is digested is the text without it. */
export const signatureHere = "<!--signature-->";

export async function newIdp(entityId = "https://idp.example/metadata"): Promise<Idp> {
  return { entityId, ...(await selfSignedCertificate("idp", new Date(Date.now() - 86_400_000), 3650, 2048)) };
}

/** With openssl, which makes what the product would not: a weak key, or one on a curve. */
export function opensslIdp(newKey: readonly string[], entityId = "https://idp.example/metadata"): Idp {
  const scratch = mkdtempSync(join(tmpdir(), "saml-idp-"));
  try {
    const [key, certificate] = [join(scratch, "key.pem"), join(scratch, "certificate.pem")];
    const request = [
      "req",
      "-x509",
      "-nodes",
      "-days",
      "3650",
      "-subj",
      "/CN=idp",
      "-keyout",
      key,
      "-out",
      certificate,
    ];
    execFileSync("openssl", [...request, ...newKey], { stdio: "ignore" });
    return {
      entityId,
      privateKey: readFileSync(key, "utf8"),
      certificate: readFileSync(certificate, "utf8"),
    };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

const connectionId = "3f0f6ad4-58a6-4f0e-9df3-2a2f7ad1c001";
export const origin = "https://crm.example";

/** A connection that trusts this provider, and the request that it has open. */
export function connectionTo(idp: Idp, changes: Partial<SamlConnection> = {}): SamlConnection {
  return {
    issuer: idp.entityId,
    certificates: [idp.certificate],
    entityId: `${origin}/auth/saml/${connectionId}/metadata`,
    acsUrl: `${origin}/auth/saml/${connectionId}/acs`,
    allowsUnsolicited: false,
    decryptionKeys: [],
    skewSeconds: 60,
    attributes: {},
    ...changes,
  };
}

export const requestId = "_0123456789abcdef0123456789abcdef01234567";
export const expected = (changes: Partial<Expectations> = {}): Expectations => ({
  now: new Date(),
  request: requestId,
  ...changes,
});

export const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();

/** All that varies in a response; null leaves a thing out. */
export interface Told {
  readonly responseId: string;
  readonly assertionId: string;
  readonly issuer: string;
  readonly responseIssuer: string | null;
  readonly destination: string | null;
  readonly recipient: string | null;
  readonly audience: string | null;
  readonly inResponseTo: string | null;
  readonly confirmedInResponseTo: string | null;
  readonly subject: string;
  readonly subjectFormat: string;
  readonly email: string;
  readonly notBefore: string;
  readonly notOnOrAfter: string | null;
  readonly confirmedUntil: string | null;
  readonly authenticatedAt: string;
  readonly sessionUntil: string | null;
  readonly issuedAt: string;
  readonly status: string;
  /** XML that goes into the assertion, after the attributes. */
  readonly extra: string;
  readonly extraConditions: string;
  readonly extraAttributes: string;
  readonly context: string;
}

export function told(connection: SamlConnection, changes: Partial<Told> = {}): Told {
  const request = "inResponseTo" in changes ? (changes.inResponseTo ?? null) : requestId;
  return {
    responseId: "_r1",
    assertionId: "_a1",
    issuer: connection.issuer,
    responseIssuer: connection.issuer,
    destination: connection.acsUrl,
    recipient: connection.acsUrl,
    audience: connection.entityId,
    inResponseTo: request,
    confirmedInResponseTo: request,
    subject: "8f14e45f-victim",
    subjectFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    email: "ada@acme.example",
    notBefore: at(-5),
    notOnOrAfter: at(300),
    confirmedUntil: at(300),
    authenticatedAt: at(-5),
    sessionUntil: null,
    issuedAt: at(-1),
    status: "urn:oasis:names:tc:SAML:2.0:status:Success",
    extra: "",
    extraConditions: "",
    extraAttributes: "",
    context: "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
    ...changes,
  };
}

const attribute = (name: string, value: string | null): string =>
  value === null ? "" : ` ${name}="${value}"`;
const saml = ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';

/** An assertion in canonical form, so that its text is what is digested. */
export function assertionOf(t: Told, namespace = saml): string {
  const audience =
    t.audience === null
      ? ""
      : `<saml:AudienceRestriction><saml:Audience>${t.audience}</saml:Audience></saml:AudienceRestriction>`;
  return (
    `<saml:Assertion${namespace} ID="${t.assertionId}" IssueInstant="${t.issuedAt}" Version="2.0">` +
    `<saml:Issuer>${t.issuer}</saml:Issuer>${signatureHere}` +
    `<saml:Subject><saml:NameID Format="${t.subjectFormat}">${t.subject}</saml:NameID>` +
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData` +
    attribute("InResponseTo", t.confirmedInResponseTo) +
    attribute("NotOnOrAfter", t.confirmedUntil) +
    attribute("Recipient", t.recipient) +
    `></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>` +
    `<saml:Conditions NotBefore="${t.notBefore}"${attribute("NotOnOrAfter", t.notOnOrAfter)}>${audience}${t.extraConditions}</saml:Conditions>` +
    `<saml:AuthnStatement AuthnInstant="${t.authenticatedAt}" SessionIndex="_s1"${attribute("SessionNotOnOrAfter", t.sessionUntil)}>` +
    `<saml:AuthnContext><saml:AuthnContextClassRef>${t.context}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
    `<saml:AttributeStatement><saml:Attribute Name="email"><saml:AttributeValue>${t.email}</saml:AttributeValue></saml:Attribute>` +
    `<saml:Attribute Name="groups"><saml:AttributeValue>sales</saml:AttributeValue><saml:AttributeValue>emea</saml:AttributeValue></saml:Attribute>` +
    `${t.extraAttributes}</saml:AttributeStatement>${t.extra}</saml:Assertion>`
  );
}

/** A response around what it is given, in canonical form too. */
export function responseOf(t: Told, content: string): string {
  const issuer = t.responseIssuer === null ? "" : `<saml:Issuer${saml}>${t.responseIssuer}</saml:Issuer>`;
  return (
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"${attribute("Destination", t.destination)} ID="${t.responseId}"` +
    `${attribute("InResponseTo", t.inResponseTo)} IssueInstant="${t.issuedAt}" Version="2.0">${issuer}${signatureHere}` +
    `<samlp:Status><samlp:StatusCode Value="${t.status}"></samlp:StatusCode></samlp:Status>${content}</samlp:Response>`
  );
}

export interface Signing {
  readonly signature: string;
  readonly digest: string;
  readonly canonicalization: string;
  readonly transforms: readonly string[];
  readonly uri: string;
  readonly keyInfo: string;
  /** Changes what is signed, before it is. */
  readonly signedInfo: (xml: string) => string;
  /** Changes the signature element, after. */
  readonly element: (xml: string) => string;
  readonly digested: string;
}

const hashes: Readonly<Record<string, string>> = {
  [algorithms.sha1]: "sha1",
  [algorithms.sha256]: "sha256",
  [algorithms.sha384]: "sha384",
  [algorithms.sha512]: "sha512",
};

/** Puts a signature where the mark is. `text` is canonical, so the digest is that of the text without the mark. */
export function signed(text: string, idp: Idp, changes: Partial<Signing> = {}): string {
  const id = / ID="([^"]*)"/.exec(text)?.[1] ?? "";
  const digest = changes.digest ?? algorithms.sha256;
  const how = changes.signature ?? algorithms.rsaSha256;
  const digested = changes.digested ?? text.replace(signatureHere, "").replaceAll(signatureHere, "");
  const value = createHash(hashes[digest] ?? "sha256")
    .update(digested)
    .digest("base64");
  const transforms = (changes.transforms ?? [algorithms.enveloped, algorithms.exclusive])
    .map((name) => `<ds:Transform Algorithm="${name}"></ds:Transform>`)
    .join("");
  const plain =
    `<ds:SignedInfo xmlns:ds="${dsig}"><ds:CanonicalizationMethod Algorithm="${changes.canonicalization ?? algorithms.exclusive}"></ds:CanonicalizationMethod>` +
    `<ds:SignatureMethod Algorithm="${how}"></ds:SignatureMethod><ds:Reference URI="${changes.uri ?? `#${id}`}"><ds:Transforms>${transforms}</ds:Transforms>` +
    `<ds:DigestMethod Algorithm="${digest}"></ds:DigestMethod><ds:DigestValue>${value}</ds:DigestValue></ds:Reference></ds:SignedInfo>`;
  const signedInfo = (changes.signedInfo ?? ((xml) => xml))(plain);
  const bytes = signatureValue(signedInfo, idp, how).toString("base64");
  const inDocument = signedInfo.replace(` xmlns:ds="${dsig}"`, "");
  const element = `<ds:Signature xmlns:ds="${dsig}">${inDocument}<ds:SignatureValue>${bytes}</ds:SignatureValue>${changes.keyInfo ?? keyInfoOf(idp)}</ds:Signature>`;
  return text
    .replace(signatureHere, (changes.element ?? ((xml) => xml))(element))
    .replaceAll(signatureHere, "");
}

function signatureValue(data: string, idp: Idp, how: string): Buffer {
  if (how === algorithms.hmacSha1 || how === algorithms.hmacSha256) {
    // The confusion: a secret that everybody knows, in the form in which libraries hand keys around.
    const key = new X509Certificate(idp.certificate).publicKey.export({ type: "spki", format: "pem" });
    return createHmac(how === algorithms.hmacSha1 ? "sha1" : "sha256", key)
      .update(data)
      .digest();
  }
  const hash = /sha(\d+)$/.exec(how)?.[0] ?? "sha256";
  const key = {
    key: idp.privateKey,
    ...(how.includes("ecdsa") ? { dsaEncoding: "ieee-p1363" as const } : {}),
  };
  return sign(hash, Buffer.from(data), key);
}

export function keyInfoOf({ certificate }: Idp): string {
  const body = certificate.replace(/-----[A-Z ]+-----|\s/g, "");
  return `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
}

export const encode = (xml: string): string => Buffer.from(xml).toString("base64");

/** A response whose assertion is signed, as an honest provider sends it. */
export function honestXml(idp: Idp, t: Told, signing: Partial<Signing> = {}): string {
  return responseOf(t, signed(assertionOf(t), idp, signing)).replaceAll(signatureHere, "");
}

export function honest(idp: Idp, connection: SamlConnection, changes: Partial<Told> = {}): string {
  return encode(honestXml(idp, told(connection, changes)));
}

/** A response that is signed as a whole, beside its assertion. */
export function twiceSigned(idp: Idp, t: Told, content?: string): string {
  return signed(responseOf(t, content ?? signed(assertionOf(t), idp)), idp);
}

/** Writes a document for a program that reads files, and takes it away again. */
export function withFile<T>(text: string, use: (path: string) => T): T {
  const scratch = mkdtempSync(join(tmpdir(), "saml-"));
  try {
    const path = join(scratch, "document.xml");
    writeFileSync(path, text);
    return use(path);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
