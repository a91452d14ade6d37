import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import {
  faultOfKey,
  isSignedBy,
  readCertificate,
  type SelfSigned,
  selfSignedCertificate,
  signRsaSha256,
} from "./index.ts";

let made: SelfSigned;
const from = new Date("2049-12-31T00:00:00Z");
beforeAll(async () => {
  made = await selfSignedCertificate("Ringfence SAML", from, 3650, 2048);
});

describe("a certificate of our own making", () => {
  test("is signed by its own key, names itself, and has the dates it was asked for, on both sides of 2050", () => {
    const read = new X509Certificate(made.certificate);
    expect(read.verify(read.publicKey)).toBe(true);
    expect([read.subject, read.issuer]).toEqual(["CN=Ringfence SAML", "CN=Ringfence SAML"]);
    expect(new Date(read.validFrom)).toEqual(from);
    expect(new Date(read.validTo)).toEqual(new Date(from.getTime() + 3650 * 86_400_000));
  });

  test("is read as PEM and as the base64 within", () => {
    const body = made.certificate.replace(/-----[A-Z ]+-----/g, "");
    const [pem, bare] = [readCertificate(made.certificate), readCertificate(body)];
    expect(pem?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(bare).toEqual(pem);
    for (const other of ["", "x", made.privateKey, made.certificate.repeat(2), "AAAA", "A".repeat(20_000)])
      expect(readCertificate(other)).toBeNull();
  });

  test("verifies what its key signed, and nothing else", () => {
    const key = readCertificate(made.certificate)?.key;
    if (key === undefined) throw new Error("unread");
    const [data, scheme] = [Buffer.from("data"), { kind: "rsa", digest: "sha256" } as const];
    const signature = signRsaSha256(made.privateKey, data);
    expect(faultOfKey(key)).toBeNull();
    expect(isSignedBy(key, scheme, data, signature)).toBe(true);
    expect(isSignedBy(key, scheme, Buffer.from("dato"), signature)).toBe(false);
    expect(isSignedBy(key, { ...scheme, digest: "sha512" }, data, signature)).toBe(false);
    expect(isSignedBy(key, { ...scheme, kind: "ecdsa" }, data, signature)).toBe(false);
    expect(isSignedBy(key, scheme, data, Buffer.alloc(0))).toBe(false);
  });
});
