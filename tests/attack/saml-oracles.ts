import { SAML, ValidateInResponseTo } from "@node-saml/node-saml";
import { safeValidateSAMLResponse } from "@stytch/samlshield";
import type { Expectations, SamlConnection } from "../../server/features/sso/saml/connection.ts";
import { validateResponse, type Verdict } from "../../server/features/sso/saml/validate-response.ts";

/** What two other implementations make of the same response: node-saml with everything on, and samlshield. */
export interface Opinions {
  readonly ours: Verdict;
  readonly shieldAccepts: boolean;
  /** The subject that node-saml signs in, or null. */
  readonly nodeSaml: string | null;
}

export async function opinionsOn(
  encoded: string,
  connection: SamlConnection,
  expectations: Expectations,
): Promise<Opinions> {
  const ours = validateResponse(encoded, connection, expectations);
  const shield = await quietly(() => safeValidateSAMLResponse({ response_xml: encoded }));
  return {
    ours,
    shieldAccepts: shield.valid,
    nodeSaml: await subjectForNodeSaml(encoded, connection, expectations),
  };
}

async function subjectForNodeSaml(
  encoded: string,
  connection: SamlConnection,
  { request }: Expectations,
): Promise<string | null> {
  const key = connection.decryptionKeys[0];
  const saml = new SAML({
    callbackUrl: connection.acsUrl,
    issuer: connection.entityId,
    audience: connection.entityId,
    idpIssuer: connection.issuer,
    idpCert: [...connection.certificates],
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    acceptedClockSkewMs: connection.skewSeconds * 1000,
    validateInResponseTo: connection.allowsUnsolicited
      ? ValidateInResponseTo.ifPresent
      : ValidateInResponseTo.always,
    ...(key === undefined ? {} : { decryptionPvk: key }),
  });
  if (request !== null) await saml.cacheProvider.saveAsync(request, new Date().toISOString());
  try {
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: encoded });
    return profile?.nameID ?? null;
  } catch {
    return null;
  }
}

/** samlshield prints what it cannot parse. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const { error } = console;
  console.error = () => {};
  try {
    return await work();
  } finally {
    console.error = error;
  }
}
