import type { Element } from "@xmldom/xmldom";
import type { Expectations, SamlConnection } from "./connection.ts";
import { attributeOf, childElements, childrenNamed, isNamed, onlyChild, textOf } from "./element.ts";
import { type Clock, demandBegun, demandNotOver, instantOf, requiredInstant } from "./instant.ts";
import { Refused } from "./refused.ts";

const bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/** Refuses an assertion that is for somebody else, for another request, or for another time. Returns its last moment. */
export function demandMeant(
  assertion: Element,
  connection: SamlConnection,
  { now, request }: Expectations,
): Date {
  const clock: Clock = { now, skewSeconds: connection.skewSeconds };
  demandBegun(
    instantOf(assertion, "IssueInstant", "assertion-shape"),
    clock,
    "the assertion is of the future",
  );
  const ends = [
    demandConditions(assertion, connection, clock),
    demandConfirmed(assertion, connection, request, clock),
  ];
  demandAuthenticated(assertion, clock);
  return new Date(Math.max(...ends.map((end) => end.getTime())) + connection.skewSeconds * 1000);
}

function demandConditions(assertion: Element, { entityId }: SamlConnection, clock: Clock): Date {
  const conditions = onlyChild(assertion, "assertion", "Conditions", "assertion-shape");
  demandBegun(instantOf(conditions, "NotBefore", "assertion-shape"), clock, "Conditions");
  const end = requiredInstant(conditions, "NotOnOrAfter");
  demandNotOver(end, clock, "Conditions");
  const known = ["AudienceRestriction", "OneTimeUse", "ProxyRestriction"];
  for (const condition of childElements(conditions)) {
    // SAML core 2.5.1: a condition that is not understood makes the assertion invalid.
    if (!known.some((name) => isNamed(condition, "assertion", name)))
      throw new Refused("unknown-condition", condition.localName ?? "");
  }
  const restrictions = childrenNamed(conditions, "assertion", "AudienceRestriction");
  // CVE-2025-54369 and samlify's open F-4: no restriction at all would mean good for anybody.
  if (restrictions.length === 0) throw new Refused("wrong-audience", "no audience is named");
  for (const restriction of restrictions) {
    const audiences = childrenNamed(restriction, "assertion", "Audience").map((one) =>
      textOf(one, "wrong-audience"),
    );
    if (!audiences.includes(entityId)) throw new Refused("wrong-audience", "the audience is somebody else");
  }
  return end;
}

/** Exactly one bearer confirmation, for this address and this request (SAML profiles 4.1.4.2 and 4.1.4.3). */
function demandConfirmed(
  assertion: Element,
  { acsUrl }: SamlConnection,
  request: string | null,
  clock: Clock,
): Date {
  const subject = onlyChild(assertion, "assertion", "Subject", "subject-shape");
  const confirmation = onlyChild(subject, "assertion", "SubjectConfirmation", "subject-shape");
  if (attributeOf(confirmation, "Method") !== bearer)
    throw new Refused("subject-shape", "not a bearer assertion");
  const data = onlyChild(confirmation, "assertion", "SubjectConfirmationData", "subject-shape");
  if (attributeOf(data, "Recipient") !== acsUrl)
    throw new Refused("wrong-recipient", "the recipient is another address");
  if (attributeOf(data, "InResponseTo") !== request)
    throw new Refused("wrong-in-response-to", "the subject is confirmed for another request");
  demandBegun(instantOf(data, "NotBefore", "subject-shape"), clock, "SubjectConfirmationData");
  const end = requiredInstant(data, "NotOnOrAfter");
  // Keycloak CVE-2026-1190: this one was not looked at.
  demandNotOver(end, clock, "SubjectConfirmationData");
  return end;
}

function demandAuthenticated(assertion: Element, clock: Clock): void {
  const statement = onlyChild(assertion, "assertion", "AuthnStatement", "assertion-shape");
  demandBegun(requiredInstant(statement, "AuthnInstant"), clock, "AuthnStatement");
  demandNotOver(instantOf(statement, "SessionNotOnOrAfter", "assertion-shape"), clock, "AuthnStatement");
}
