import { sha256 } from "../../../foundation/ids/index.ts";
import type { FactorGround, KnownPasskey } from "./factor-ground.ts";
import type { Assertion, Attestation } from "./passkey-inputs.ts";
import type { RelyingParty } from "./relying-party.ts";

/** EdDSA, ES256, RS256 (the COSE numbers of RFC 9053 and RFC 8812). */
const algorithms = [-8, -7, -257];
const ceremonyMs = 300_000;

/** Loaded by the first who comes with a passkey: it is a good part of what a start would load. */
const webauthn = (): Promise<typeof import("@simplewebauthn/server")> => import("@simplewebauthn/server");

/** Options for making a passkey: one that the authenticator finds by itself, and uses only after it has verified its user. */
export async function creationOptions(
  party: RelyingParty,
  { person, email, name, passkeys }: Pick<FactorGround, "person" | "email" | "name" | "passkeys">,
  challenge: string,
): Promise<Record<string, unknown>> {
  const { generateRegistrationOptions } = await webauthn();
  const options = await generateRegistrationOptions({
    rpName: "Ringfence",
    rpID: party.id,
    userName: email,
    userDisplayName: name,
    userID: userHandle(person),
    challenge: bytesOf(challenge),
    timeout: ceremonyMs,
    excludeCredentials: described(passkeys),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    supportedAlgorithmIDs: algorithms,
  });
  return { ...options };
}

/** Options for using one. Without `passkeys` the authenticator offers those that it has, which is what conditional UI asks for. */
export async function requestOptions(
  party: RelyingParty,
  challenge: string,
  passkeys?: readonly KnownPasskey[],
): Promise<Record<string, unknown>> {
  const { generateAuthenticationOptions } = await webauthn();
  const options = await generateAuthenticationOptions({
    rpID: party.id,
    challenge: bytesOf(challenge),
    timeout: ceremonyMs,
    userVerification: passkeys === undefined ? "required" : "preferred",
    ...(passkeys === undefined ? {} : { allowCredentials: described(passkeys) }),
  });
  return { ...options };
}

/** A passkey that was just made, as it is kept. */
export interface MadePasskey {
  readonly handle: Buffer;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly transports: readonly string[];
}

/**
 * Checks what an authenticator made: type, origin, relying party, user verified, an algorithm that was asked for. Null for whatever
 * is wrong with it. Whether its challenge is one of ours is for the database to say.
 */
export async function madePasskey(party: RelyingParty, given: Attestation): Promise<MadePasskey | null> {
  const { clientDataJSON, attestationObject, transports = [] } = given.response;
  if (challengeOf(clientDataJSON) === null) return null;
  const { verifyRegistrationResponse } = await webauthn();
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        id: given.id,
        rawId: given.rawId,
        type: given.type,
        response: { clientDataJSON, attestationObject },
        clientExtensionResults: {},
      },
      expectedChallenge: () => true,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    });
    if (!verified) return null;
    const { id, publicKey, counter } = registrationInfo.credential;
    return { handle: bytesOf(id), publicKey: Buffer.from(publicKey), counter, transports };
  } catch {
    // The library throws whatever is wrong, in many words; which it was helps only who forges.
    return null;
  }
}

interface Expected {
  readonly person: string;
  readonly publicKey: Buffer;
  /** Without a password before it, a passkey counts only if it has verified its user. */
  readonly alone: boolean;
}

/** The counter of an assertion whose signature, type, origin, relying party and user are right, or null. */
export async function assertedCounter(
  party: RelyingParty,
  given: Assertion,
  { person, publicKey, alone }: Expected,
): Promise<number | null> {
  const { clientDataJSON, authenticatorData, signature, userHandle: user } = given.response;
  // One that names nobody can only follow a first factor; one that names somebody else is somebody else's.
  if (typeof user === "string" ? user !== userHandle(person).toString("base64url") : alone) return null;
  const { verifyAuthenticationResponse } = await webauthn();
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        id: given.id,
        rawId: given.rawId,
        type: given.type,
        response: { clientDataJSON, authenticatorData, signature },
        clientExtensionResults: {},
      },
      expectedChallenge: () => true,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: alone,
      // The database compares counters: of two assertions at once, it lets one through.
      credential: { id: given.id, publicKey: new Uint8Array(publicKey), counter: 0 },
    });
    return verified ? authenticationInfo.newCounter : null;
  } catch {
    return null;
  }
}

/** The digest of the challenge that this answers, or null for what cannot be an answer to one of ours. */
export function challengeOf(clientDataJSON: string): Buffer | null {
  try {
    const told: unknown = JSON.parse(bytesOf(clientDataJSON).toString("utf8"));
    if (typeof told !== "object" || told === null || !("challenge" in told)) return null;
    // In a frame of another site the user does not see who asks.
    if ("crossOrigin" in told && told.crossOrigin !== false) return null;
    const { challenge } = told;
    return typeof challenge === "string" && /^[A-Za-z0-9_-]{43}$/.test(challenge) ? sha256(challenge) : null;
  } catch {
    return null;
  }
}

function described(passkeys: readonly KnownPasskey[]): { id: string; transports: string[] }[] {
  return passkeys.map(({ id, transports }) => ({
    id: Buffer.from(id, "base64").toString("base64url"),
    transports: [...transports],
  }));
}

/** By what name authenticators know a person: the id, which is no name to anybody else. */
function userHandle(person: string): Buffer<ArrayBuffer> {
  return Buffer.from(person.replaceAll("-", ""), "hex");
}

function bytesOf(text: string): Buffer<ArrayBuffer> {
  return Buffer.from(text, "base64url");
}
