import type { Element } from "@xmldom/xmldom";
import type { Expectations, SamlConnection } from "./connection.ts";
import { attributeOf, childElements, isNamed, onlyChild, optionalChild, textOf } from "./element.ts";
import { demandBegun, instantOf } from "./instant.ts";
import { Refused } from "./refused.ts";

const success = "urn:oasis:names:tc:SAML:2.0:status:Success";
const entity = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";

/** Judges what the Response itself says. It is seldom signed, so it can only speak against itself. */
export function demandEnvelope(
  root: Element,
  connection: SamlConnection,
  { now, request }: Expectations,
): void {
  const status = onlyChild(root, "protocol", "Status", "not-a-response");
  const code = attributeOf(onlyChild(status, "protocol", "StatusCode", "not-a-response"), "Value");
  if (code !== success) throw new Refused("status-not-success", (code ?? "").slice(0, 100));
  if (attributeOf(root, "Destination") !== connection.acsUrl)
    throw new Refused("wrong-destination", "the response was sent to another address");
  const issuer = optionalChild(root, "assertion", "Issuer", "not-a-response");
  if (issuer !== null) demandIssuer(issuer, connection);
  const clock = { now, skewSeconds: connection.skewSeconds };
  demandBegun(instantOf(root, "IssueInstant", "not-a-response"), clock, "the response is of the future");
  if (request === null && !connection.allowsUnsolicited)
    throw new Refused("unsolicited", "no request of this browser is open");
  if (attributeOf(root, "InResponseTo") !== request)
    throw new Refused("wrong-in-response-to", "the response answers another request");
}

/**
 * Refuses a response that holds anything but its issuer, signature, status and the assertion: what nobody reads is only of
 * use to whoever hopes that somebody reads it (a second status, Extensions, elements of other namespaces).
 */
export function demandNothingElse(root: Element): void {
  const status = onlyChild(root, "protocol", "Status", "not-a-response");
  const known = childElements(root).every(
    (child) =>
      child === status ||
      isNamed(child, "signature", "Signature") ||
      ["Issuer", "Assertion", "EncryptedAssertion"].some((name) => isNamed(child, "assertion", name)),
  );
  const [code, ...more] = childElements(status);
  const spoken = more.every((child) => isNamed(child, "protocol", "StatusMessage"));
  if (!known || !spoken || code === undefined || childElements(code).length > 0)
    throw new Refused("not-a-response", "the response holds something else");
}

/** Tenants may share one identity provider, and so its certificate: only the issuer tells its responses apart. */
export function demandIssuer(issuer: Element, connection: SamlConnection): void {
  const format = attributeOf(issuer, "Format");
  if (format !== null && format !== entity) throw new Refused("wrong-issuer", "an issuer is an entity");
  if (textOf(issuer, "wrong-issuer") !== connection.issuer)
    throw new Refused("wrong-issuer", "another identity provider");
}
