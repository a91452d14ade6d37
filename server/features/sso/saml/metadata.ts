import { escaped } from "./authn-request.ts";
import type { SamlConnection } from "./connection.ts";

type Addresses = Pick<SamlConnection, "entityId" | "acsUrl">;

/**
 * What an identity provider needs to know of a connection (SAML metadata 2.4.4). All certificates sign, so that a
 * provider knows the next one before it is used; only the newest is for encryption.
 */
export function metadataXml({ entityId, acsUrl }: Addresses, certificates: readonly string[]): string {
  const signs = certificates.map((certificate) => keyDescriptor("signing", certificate, ""));
  const encrypts = certificates
    .slice(0, 1)
    .map((certificate) => keyDescriptor("encryption", certificate, methods));
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${escaped(entityId)}">` +
    `<md:SPSSODescriptor AuthnRequestsSigned="${certificates.length > 0}" WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` +
    `${signs.join("")}${encrypts.join("")}` +
    `<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>` +
    `<md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>` +
    `<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${escaped(acsUrl)}" index="0" isDefault="true"/>` +
    `</md:SPSSODescriptor></md:EntityDescriptor>\n`
  );
}

const methods =
  `<md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/>` +
  `<md:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>`;

function keyDescriptor(use: string, certificate: string, more: string): string {
  const body = certificate.replace(/-----[A-Z ]+-----|\s/g, "");
  return (
    `<md:KeyDescriptor use="${use}"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>` +
    `<ds:X509Certificate>${body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>${more}</md:KeyDescriptor>`
  );
}
