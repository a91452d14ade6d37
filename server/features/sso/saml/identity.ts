import type { Element } from "@xmldom/xmldom";
import type { AttributeNames, SamlIdentity } from "./connection.ts";
import { attributeOf, childrenNamed, onlyChild, optionalChild, textOf } from "./element.ts";
import { requiredInstant } from "./instant.ts";
import { Refused } from "./refused.ts";

const format = "urn:oasis:names:tc:SAML:1.1:nameid-format";
const transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
const microsoft = "http://schemas.microsoft.com";

/** The names under which the common identity providers send these, the most particular first. */
const usual = {
  email: [`${claims}/emailaddress`, "urn:oid:0.9.2342.19200300.100.1.3", "email", "mail", "emailAddress"],
  name: [
    `${microsoft}/identity/claims/displayname`,
    "urn:oid:2.16.840.1.113730.3.1.241",
    "displayName",
    "name",
  ],
  groups: [
    `${microsoft}/ws/2008/06/identity/claims/groups`,
    "http://schemas.xmlsoap.org/claims/Group",
    "groups",
    "memberOf",
  ],
} as const;

const contexts = "urn:oasis:names:tc:SAML:2.0:ac:classes";
const withSecondFactor: ReadonlySet<string> = new Set([
  "https://refeds.org/profile/mfa",
  `${microsoft}/claims/multipleauthn`,
  `${contexts}:MobileTwoFactorContract`,
  `${contexts}:MobileTwoFactorUnregistered`,
]);

const groupsMax = 1000;
const textMax = 1024;

type Told = Pick<
  SamlIdentity,
  | "subject"
  | "subjectFormat"
  | "email"
  | "name"
  | "groups"
  | "secondFactor"
  | "sessionIndex"
  | "authenticatedAt"
>;

/** Reads who it is out of an assertion that was made of the signed bytes alone. */
export function identityOf(assertion: Element, names: AttributeNames): Told {
  const { subject, subjectFormat } = subjectOf(assertion);
  const attributes = attributesOf(assertion);
  const first = (wanted: readonly string[]): string | null => {
    const name = wanted.find((candidate) => attributes.has(candidate));
    return name === undefined ? null : one(attributes.get(name) ?? []);
  };
  const email = first(names.email === undefined ? usual.email : [names.email]);
  const groupNames = names.groups === undefined ? usual.groups : [names.groups];
  const statement = onlyChild(assertion, "assertion", "AuthnStatement", "assertion-shape");
  return {
    subject,
    subjectFormat,
    email: email ?? (subjectFormat === `${format}:emailAddress` ? subject : null),
    name: first(names.name === undefined ? usual.name : [names.name])?.slice(0, 200) ?? null,
    groups: groupNames.flatMap((name) => attributes.get(name) ?? []).slice(0, groupsMax),
    secondFactor: saysSecondFactor(statement, attributes),
    sessionIndex: attributeOf(statement, "SessionIndex"),
    authenticatedAt: requiredInstant(statement, "AuthnInstant"),
  };
}

function subjectOf(assertion: Element): Pick<Told, "subject" | "subjectFormat"> {
  const subject = onlyChild(assertion, "assertion", "Subject", "subject-shape");
  const nameId = onlyChild(subject, "assertion", "NameID", "subject-shape");
  const value = textOf(nameId, "subject-shape");
  if (value === "" || value.length > textMax)
    throw new Refused("subject-shape", "NameID is empty or too long");
  const subjectFormat = attributeOf(nameId, "Format") ?? `${format}:unspecified`;
  // A transient id is another one next time: nobody could be recognised by it.
  if (subjectFormat === transient)
    throw new Refused("subject-transient", "NameID is of the transient format");
  return { subject: value, subjectFormat };
}

/** Several attributes of one name are read as one with several values, which only groups may have. */
function attributesOf(assertion: Element): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const statement = optionalChild(assertion, "assertion", "AttributeStatement", "assertion-shape");
  if (statement === null) return found;
  for (const attribute of childrenNamed(statement, "assertion", "Attribute")) {
    const name = attributeOf(attribute, "Name") ?? "";
    const values = childrenNamed(attribute, "assertion", "AttributeValue")
      .map(valueOf)
      .filter((value) => value !== null);
    found.set(name, [...(found.get(name) ?? []), ...values]);
  }
  return found;
}

/** A value that is more than text (some providers nest a NameID) is none for us. */
function valueOf(element: Element): string | null {
  if (element.getElementsByTagNameNS("*", "*").length > 0) return null;
  const text = textOf(element, "assertion-shape");
  return text === "" || text.length > textMax ? null : text;
}

/** Attribute pollution: with two values, which one counts is up to the reader, so neither does. */
function one(values: readonly string[]): string | null {
  if (values.length > 1) throw new Refused("attribute-ambiguous", "several values where one is needed");
  return values[0] ?? null;
}

function saysSecondFactor(statement: Element, attributes: ReadonlyMap<string, readonly string[]>): boolean {
  const context = onlyChild(statement, "assertion", "AuthnContext", "assertion-shape");
  const reference = optionalChild(context, "assertion", "AuthnContextClassRef", "assertion-shape");
  const told = [
    ...(reference === null ? [] : [textOf(reference, "assertion-shape")]),
    ...(attributes.get(`${microsoft}/claims/authnmethodsreferences`) ?? []),
  ];
  return told.some((said) => withSecondFactor.has(said));
}
