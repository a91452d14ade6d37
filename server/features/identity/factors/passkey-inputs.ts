import { type Static, Type } from "@sinclair/typebox";

const bytes = (maxLength: number) => Type.String({ pattern: "^[A-Za-z0-9_-]+$", maxLength });
const transports = Type.Array(Type.String({ maxLength: 40 }), { maxItems: 10 });
const common = {
  id: bytes(1400),
  rawId: bytes(1400),
  type: Type.Literal("public-key"),
  authenticatorAttachment: Type.Optional(Type.Union([Type.String({ maxLength: 40 }), Type.Null()])),
  // What authenticators say beside the signature; nothing in it is believed.
  clientExtensionResults: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
};

/** What a browser makes of `navigator.credentials.get` (WebAuthn level 3, AuthenticationResponseJSON). */
export const assertion = Type.Object({
  ...common,
  response: Type.Object({
    clientDataJSON: bytes(8192),
    authenticatorData: bytes(8192),
    signature: bytes(8192),
    userHandle: Type.Optional(Type.Union([bytes(100), Type.Null()])),
  }),
});
export type Assertion = Static<typeof assertion>;

/** And of `navigator.credentials.create` (RegistrationResponseJSON). */
export const attestation = Type.Object({
  ...common,
  response: Type.Object({
    clientDataJSON: bytes(8192),
    attestationObject: bytes(32_768),
    transports: Type.Optional(transports),
    authenticatorData: Type.Optional(bytes(32_768)),
    publicKey: Type.Optional(Type.Union([bytes(8192), Type.Null()])),
    publicKeyAlgorithm: Type.Optional(Type.Number()),
  }),
});
export type Attestation = Static<typeof attestation>;

/** The options of a ceremony, as the browser takes them (`parseRequestOptionsFromJSON`). */
export const ceremonyOptions = Type.Record(Type.String(), Type.Unknown());
