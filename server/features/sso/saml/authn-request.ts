import { deflateRawSync } from "node:zlib";
import { signRsaSha256 } from "../../../foundation/ids/index.ts";

/** What a request says. */
export interface AuthnRequest {
  readonly id: string;
  readonly issuedAt: Date;
  readonly destination: string;
  readonly entityId: string;
  readonly acsUrl: string;
  readonly nameIdFormat: "persistent" | "emailAddress" | "unspecified";
  /** Asks the provider to have the person show anew who they are. */
  readonly fresh: boolean;
}

const formats: Readonly<Record<AuthnRequest["nameIdFormat"], string | null>> = {
  persistent: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
  emailAddress: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
  unspecified: null,
};

export function authnRequestXml(request: AuthnRequest): string {
  const format = formats[request.nameIdFormat];
  return (
    `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"` +
    ` ID="${request.id}" Version="2.0" IssueInstant="${request.issuedAt.toISOString()}" Destination="${escaped(request.destination)}"` +
    `${request.fresh ? ' ForceAuthn="true"' : ""} AssertionConsumerServiceURL="${escaped(request.acsUrl)}"` +
    ` ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"><saml:Issuer>${escaped(request.entityId)}</saml:Issuer>` +
    `<samlp:NameIDPolicy${format === null ? "" : ` Format="${format}"`} AllowCreate="true"/></samlp:AuthnRequest>`
  );
}

/**
 * The address to which the browser takes a request, signed (SAML bindings 3.4.4.1): the signature is over the very text
 * of the query, in this order. There is no RelayState: where to go afterwards stays here.
 */
export function signedRedirect(signOnUrl: string, xml: string, privateKey: string): string {
  const deflated = deflateRawSync(Buffer.from(xml, "utf8")).toString("base64");
  const algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
  const query = `SAMLRequest=${encodeURIComponent(deflated)}&SigAlg=${encodeURIComponent(algorithm)}`;
  const signature = encodeURIComponent(signRsaSha256(privateKey, query).toString("base64"));
  return `${signOnUrl}${signOnUrl.includes("?") ? "&" : "?"}${query}&Signature=${signature}`;
}

/** Text made harmless in XML, in attributes too. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
