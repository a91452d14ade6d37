import { constants, createHash, type KeyObject, sign, verify } from "node:crypto";

export type Digest = "sha256" | "sha384" | "sha512";

/** How a signature is made; a scheme fits keys of its own kind only, so a key never verifies what another kind made. */
export interface SignatureScheme {
  readonly kind: "rsa" | "ecdsa";
  readonly digest: Digest;
}

const curves: ReadonlySet<string> = new Set(["prime256v1", "secp384r1", "secp521r1"]);

/** Why a key is too weak or too odd to be trusted with signatures, or null. RSA below 2048 bits is (NIST SP 800-131A). */
export function faultOfKey(key: KeyObject): string | null {
  if (key.type !== "public") return "not a public key";
  const { modulusLength = 0, namedCurve = "", publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "rsa") {
    if (modulusLength < 2048) return `RSA of ${modulusLength} bits`;
    // A longer modulus makes each check cost more, a small exponent makes forging one cheaper.
    if (modulusLength > 8192 || publicExponent < 65_537n) return "odd RSA parameters";
    return null;
  }
  if (key.asymmetricKeyType === "ec") return curves.has(namedCurve) ? null : `curve ${namedCurve}`;
  return `a key of kind ${key.asymmetricKeyType ?? "unknown"}`;
}

/** Whether the owner of this key signed these bytes in this way. Weak keys and keys of another kind verify nothing. */
export function isSignedBy(
  key: KeyObject,
  { kind, digest }: SignatureScheme,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (faultOfKey(key) !== null) return false;
  if (kind === "rsa") {
    return (
      key.asymmetricKeyType === "rsa" &&
      verify(digest, data, { key, padding: constants.RSA_PKCS1_PADDING }, signature)
    );
  }
  return (
    key.asymmetricKeyType === "ec" && verify(digest, data, { key, dsaEncoding: "ieee-p1363" }, signature)
  );
}

/** RSASSA-PKCS1-v1_5 with SHA-256 under a private key in PEM. */
export function signRsaSha256(privateKey: string, data: Uint8Array | string): Buffer {
  return sign("sha256", Buffer.from(data), { key: privateKey, padding: constants.RSA_PKCS1_PADDING });
}

/** The digest in base64, as XML signatures carry it. */
export function digestBase64(digest: Digest, data: string): string {
  return createHash(digest).update(data, "utf8").digest("base64");
}
