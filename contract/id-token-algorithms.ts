/** Signatures that an id token may carry. No symmetric ones and no `none`: the registration of a client names one, and it stays that one. */
export const idTokenAlgorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "Ed25519",
  "EdDSA",
] as const;
