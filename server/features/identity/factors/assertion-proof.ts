import { asked, type Ask } from "./factor-ground.ts";
import { type FactorProof, type ProofUse, vouchFor } from "./factor-proof.ts";
import type { Assertion } from "./passkey-inputs.ts";
import { assertedCounter, challengeOf } from "./passkeys.ts";
import { relyingParty } from "./relying-party.ts";

interface Keys {
  readonly factorKey: Buffer;
  readonly publicUrl: () => string;
}

/**
 * What the answer of a passkey proves. One that is wrong in any way becomes a proof without MAC, so that its challenge is used
 * up and the try is counted. Used alone, without anything before it, it must have verified its user.
 */
export async function assertionProof(
  { factorKey, publicUrl }: Keys,
  ask: Ask,
  given: Assertion,
  use: ProofUse,
): Promise<FactorProof> {
  const anchor = challengeOf(given.response.clientDataJSON);
  const known = await knownPasskey(ask, given.id);
  const unproven = {
    method: "passkey",
    factor: known?.id ?? null,
    number: null,
    mac: null,
    secretHash: anchor,
  } as const;
  if (anchor === null || known === null) return unproven;
  const { id: factor, person, publicKey } = known;
  const alone = use === "passkey-sign-in";
  const number = await assertedCounter(relyingParty(publicUrl()), given, { person, publicKey, alone });
  if (number === null) return unproven;
  const mac = vouchFor(factorKey, { person, use, method: "passkey", anchor, factor, number });
  return { ...unproven, number, mac };
}

interface KnownKey {
  readonly id: string;
  readonly person: string;
  readonly publicKey: Buffer;
}

async function knownPasskey(ask: Ask, handle: string): Promise<KnownKey | null> {
  const found = await ask({
    text: "select id, person_id, public_key from kernel.passkey($1)",
    values: [Buffer.from(handle, "base64url")],
  });
  const { id, person_id: person, public_key: publicKey } = found?.rows[0] ?? {};
  if (typeof id !== "string" || typeof person !== "string" || !Buffer.isBuffer(publicKey)) return null;
  return { id, person, publicKey };
}

/** Opens a challenge of this purpose and tells whom it is for; null where nothing waits. */
export async function openChallenge(
  ask: Ask,
  purpose: "passkey-sign-in" | "passkey-second-factor" | "passkey-proof" | "passkey-registration",
  ticketHash: Buffer,
  tokenHash: Buffer | null,
): Promise<unknown> {
  return asked(ask, "select kernel.open_challenge($1, $2, $3) as opened", [ticketHash, purpose, tokenHash]);
}
