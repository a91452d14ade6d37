import { generateKeyPair, randomBytes, sign } from "node:crypto";
import { promisify } from "node:util";

/** A private key (PKCS #8 PEM) and a certificate (PEM) in which nobody vouches for it but itself. */
export interface SelfSigned {
  readonly privateKey: string;
  readonly certificate: string;
}

const generate = promisify(generateKeyPair);
const dayMs = 86_400_000;

/**
 * A new RSA key of 3072 bits with a certificate for it, for partners who pin certificates and look at nothing in them
 * but the key and the dates. Node makes keys but no certificates, so the few lines of DER stand here (RFC 5280).
 */
export async function selfSignedCertificate(
  name: string,
  from: Date,
  days: number,
  modulusLength: 2048 | 3072 = 3072,
): Promise<SelfSigned> {
  const { privateKey, publicKey } = await generate("rsa", { modulusLength });
  const commonName = sequence(set(sequence(oid.commonName, der(0x0c, Buffer.from(name, "utf8")))));
  const algorithm = sequence(oid.sha256WithRsa, der(0x05));
  const serial = randomBytes(16);
  // A serial number is positive, and DER has no leading zeros.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    commonName,
    sequence(time(from), time(new Date(from.getTime() + days * dayMs))),
    commonName,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = sign("sha256", body, privateKey);
  const certificate = sequence(body, algorithm, der(0x03, Buffer.from([0]), signature));
  return {
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificate: pem(certificate),
  };
}

const oid = {
  commonName: Buffer.from("0603550403", "hex"),
  sha256WithRsa: Buffer.from("06092a864886f70d01010b", "hex"),
};

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  return length < 0x100
    ? Buffer.from([0x81, length])
    : Buffer.from([0x82, Math.floor(length / 0x100), length % 0x100]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const set = (...parts: readonly Buffer[]): Buffer => der(0x31, ...parts);

/** UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280 section 4.1.2.5). */
function time(at: Date): Buffer {
  const text = at.toISOString().replace(/[-:T]|\.\d+/g, "");
  return at.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
