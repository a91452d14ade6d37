import type { Element } from "@xmldom/xmldom";
import { type Certificate, faultOfKey, readCertificate } from "../../../foundation/ids/index.ts";
import { demandMeant } from "./conditions.ts";
import type { Expectations, SamlConnection, SamlIdentity } from "./connection.ts";
import { attributeOf, isNamed, onlyChild, readXml } from "./element.ts";
import { demandEnvelope, demandIssuer, demandNothingElse } from "./envelope.ts";
import { findAssertion } from "./find-assertion.ts";
import { identityOf } from "./identity.ts";
import { type ReadResponse, readResponse } from "./read-response.ts";
import { Refused, type RefusalReason } from "./refused.ts";

export type Verdict =
  | { readonly identity: SamlIdentity }
  | { readonly refused: RefusalReason; readonly detail: string };

/**
 * Says who signed in, or why the response is not taken. What it says of the person was signed by a pinned key, was meant
 * for this connection, this request and this moment; whether it is used for the first time is the caller's to ask.
 */
export function validateResponse(
  encoded: string | ReadResponse,
  connection: SamlConnection,
  expectations: Expectations,
): Verdict {
  try {
    const response = typeof encoded === "string" ? readResponse(encoded) : encoded;
    return { identity: judged(response, connection, expectations) };
  } catch (thrown) {
    if (thrown instanceof Refused) return { refused: thrown.reason, detail: thrown.message };
    throw thrown;
  }
}

function judged(
  response: ReadResponse,
  connection: SamlConnection,
  expectations: Expectations,
): SamlIdentity {
  demandEnvelope(response.root, connection, expectations);
  const { id, bytes } = findAssertion(
    response,
    pinnedOf(connection, expectations.now),
    connection.decryptionKeys,
  );
  demandNothingElse(response.root);
  // From here on, nothing but what the key signed: a document of its own, parsed anew.
  const assertion = readXml(bytes);
  if (!isNamed(assertion, "assertion", "Assertion") || attributeOf(assertion, "ID") !== id)
    throw new Refused("signature-wrong", "what was signed is another thing");
  demandAssertion(assertion, connection);
  const rememberUntil = demandMeant(assertion, connection, expectations);
  return {
    ...identityOf(assertion, connection.attributes),
    assertionId: id,
    issuer: connection.issuer,
    inResponseTo: expectations.request,
    rememberUntil,
  };
}

/** No certificate means no sign-in (SolarWinds CVE-2026-28323: no certificate meant no check). One that is over counts as none. */
function pinnedOf({ certificates }: SamlConnection, now: Date): Certificate[] {
  const pinned = certificates.map(readCertificate).filter((certificate) => certificate !== null);
  const usable = pinned.filter(
    ({ key, notBefore, notAfter }) => faultOfKey(key) === null && notBefore <= now && now <= notAfter,
  );
  if (usable.length === 0) throw new Refused("certificate-unusable", "no pinned certificate can be used");
  return usable;
}

function demandAssertion(assertion: Element, connection: SamlConnection): void {
  if (attributeOf(assertion, "Version") !== "2.0") throw new Refused("assertion-shape", "another version");
  demandIssuer(onlyChild(assertion, "assertion", "Issuer", "assertion-shape"), connection);
}
