import type { Digest, SignatureScheme } from "../../../foundation/ids/index.ts";

const more = "http://www.w3.org/2001/04/xmldsig-more#";

/** The signatures that are taken. No SHA-1 (collisions), no HMAC (whose key would be the public one), no DSA. */
export const signatureAlgorithms: ReadonlyMap<string, SignatureScheme> = new Map(
  (["rsa", "ecdsa"] as const).flatMap((kind) =>
    (["sha256", "sha384", "sha512"] as const).map((digest) => [`${more}${kind}-${digest}`, { kind, digest }]),
  ),
);

export const digestAlgorithms: ReadonlyMap<string, Digest> = new Map([
  ["http://www.w3.org/2001/04/xmlenc#sha256", "sha256"],
  [`${more}sha384`, "sha384"],
  ["http://www.w3.org/2001/04/xmlenc#sha512", "sha512"],
]);
