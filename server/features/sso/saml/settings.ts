import { type Static, Type } from "@sinclair/typebox";
import { faultOfKey, readCertificate, selfSignedCertificate } from "../../../foundation/ids/index.ts";
import { now } from "../../../foundation/clock/index.ts";
import { Problem } from "../../../foundation/problem/index.ts";
import { strict } from "../inputs.ts";
import type { SamlConnection } from "./connection.ts";
import { readIdpMetadata } from "./idp-metadata.ts";

const certificatesMax = 4;
const keyDays = 3650;
const uri = Type.String({ minLength: 1, maxLength: 1000, pattern: "^[\\x21-\\x7e]+$" });
const attributeName = Type.String({ minLength: 1, maxLength: 200, pattern: "^[\\x21-\\x7e]+$" });
const formats = ["persistent", "emailAddress", "unspecified"] as const;

/** What an administrator says about a SAML identity provider: its metadata, or what stands in it, one by one. */
export const samlInput = Type.Object(
  {
    /** The provider's metadata as XML; entity id, address and certificates are taken from it. */
    metadata: Type.Optional(Type.String({ minLength: 1, maxLength: 60_000 })),
    /** Compared byte for byte with the issuer of each response. */
    entityId: Type.Optional(uri),
    /** Where browsers are sent with a request (HTTP-Redirect binding). */
    signOnUrl: Type.Optional(
      Type.String({ maxLength: 1000, pattern: "^https?://[\\x21\\x23-\\x3b\\x3d\\x3f-\\x7e]+$" }),
    ),
    /** Certificates whose keys sign responses: two while one replaces the other. */
    certificates: Type.Optional(
      Type.Array(Type.String({ maxLength: 16_000 }), { maxItems: certificatesMax }),
    ),
    /** Whether the provider may begin without a request of ours; whoever comes so is asked before they are signed in. */
    allowsUnsolicited: Type.Optional(Type.Boolean()),
    nameIdFormat: Type.Optional(Type.Union(formats.map((name) => Type.Literal(name)))),
    skewSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 180 })),
    attributes: Type.Optional(
      Type.Object(
        {
          email: Type.Optional(attributeName),
          name: Type.Optional(attributeName),
          groups: Type.Optional(attributeName),
        },
        strict,
      ),
    ),
  },
  strict,
);
export type SamlInput = Static<typeof samlInput>;

/** A pinned certificate as administrators see it. */
export interface PinnedCertificate {
  readonly fingerprint: string;
  readonly subject: string;
  readonly notAfter: string;
}

/** The same as it is stored: certificates read, with their ends, and our own certificates, the newest first. */
export type SamlSettings = Omit<SamlInput, "metadata"> & {
  readonly certificateEnds?: readonly PinnedCertificate[];
  readonly ownCertificates?: readonly string[];
};

/** The settings of a connection of this kind; `resettled` made them. */
export function samlSettingsOf(settings: Readonly<Record<string, unknown>>): SamlSettings {
  return settings;
}

/**
 * What will be stored of what was entered. A connection gets its own key with its first settings, and a new one when that
 * is asked for; the certificate before it stays in the metadata.
 */
export async function resettled(
  before: Readonly<Record<string, unknown>>,
  entered: SamlInput,
  { secret, newKey }: { readonly secret?: string | undefined; readonly newKey?: boolean | undefined },
): Promise<{ readonly settings: Readonly<Record<string, unknown>>; readonly secret: string | null }> {
  if (secret !== undefined)
    throw notValid("/secret", "A SAML connection has a key of its own, and no secret.");
  const { metadata, ...rest } = entered;
  const given = metadata === undefined ? rest : { ...rest, ...fromMetadata(metadata) };
  const pinned = (given.certificates ?? []).map((text, at) => pinnedOf(text, `/settings/certificates/${at}`));
  const own = samlSettingsOf(before).ownCertificates ?? [];
  const settings = {
    ...given,
    certificates: [...new Set(pinned.map(({ pem }) => pem))],
    certificateEnds: distinct(pinned.map(({ shown }) => shown)),
  };
  if (own.length > 0 && newKey !== true)
    return { settings: { ...settings, ownCertificates: own }, secret: null };
  const made = await selfSignedCertificate("Ringfence SAML", now(), keyDays);
  return {
    settings: { ...settings, ownCertificates: [made.certificate, ...own.slice(0, 1)] },
    secret: made.privateKey,
  };
}

/** What of the stored settings was entered, so that a change of the key alone leaves it as it is. */
export function enteredOf(before: Readonly<Record<string, unknown>>): SamlInput {
  const { certificateEnds: _, ownCertificates: __, ...entered } = samlSettingsOf(before);
  return entered;
}

function fromMetadata(xml: string): Pick<SamlInput, "entityId" | "signOnUrl" | "certificates"> {
  const read = readIdpMetadata(xml);
  if (read === null)
    throw notValid("/settings/metadata", "Not the metadata of one SAML 2.0 identity provider.");
  return { ...read, certificates: read.certificates.slice(0, certificatesMax) };
}

function pinnedOf(
  text: string,
  pointer: string,
): { readonly pem: string; readonly shown: PinnedCertificate } {
  const certificate = readCertificate(text);
  if (certificate === null) throw notValid(pointer, "Not a certificate in PEM or base64.");
  const fault = faultOfKey(certificate.key);
  if (fault !== null) throw notValid(pointer, `Its key is not strong enough: ${fault}.`);
  if (certificate.notAfter <= now()) throw notValid(pointer, "The certificate has expired.");
  const { pem, fingerprint, subject, notAfter } = certificate;
  return { pem, shown: { fingerprint, subject: subject.slice(0, 300), notAfter: notAfter.toISOString() } };
}

function distinct(shown: readonly PinnedCertificate[]): PinnedCertificate[] {
  return [...new Map(shown.map((one) => [one.fingerprint, one])).values()];
}

function notValid(pointer: string, detail: string): Problem {
  return new Problem("not-valid", { errors: [{ pointer, detail }] });
}

/** Our addresses for one connection; no two connections share one. */
export function addressesOf(
  publicUrl: string,
  connection: string,
): Pick<SamlConnection, "entityId" | "acsUrl"> {
  const base = `${publicUrl}/auth/saml/${connection}`;
  return { entityId: `${base}/metadata`, acsUrl: `${base}/acs` };
}
