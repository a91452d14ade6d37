import { type KeyObject, X509Certificate } from "node:crypto";

/** A certificate that somebody pinned: its key is trusted because it was named, not because anybody signed it. */
export interface Certificate {
  readonly pem: string;
  /** SHA-256 of the DER, in hex: what a person compares by telephone. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly key: KeyObject;
}

const bodyOnly = /^[A-Za-z0-9+/=\s]+$/;
const pemOnly = /^\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/;

/** Reads one certificate, as PEM or as the bare base64 that metadata holds; null for anything else. */
export function readCertificate(text: string): Certificate | null {
  if (text.length > 16_384) return null;
  const body = pemOnly.exec(text)?.[1] ?? (bodyOnly.test(text) ? text : null);
  if (body === null) return null;
  try {
    const certificate = new X509Certificate(Buffer.from(body, "base64"));
    return {
      pem: certificate.toString().trim(),
      fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
      subject: certificate.subject ?? "",
      notBefore: new Date(certificate.validFrom),
      notAfter: new Date(certificate.validTo),
      key: certificate.publicKey,
    };
  } catch {
    return null;
  }
}
