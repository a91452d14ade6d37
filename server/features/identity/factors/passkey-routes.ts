import { Type } from "@sinclair/typebox";
import { newToken, sha256, uuidv7 } from "../../../foundation/ids/index.ts";
import { Problem } from "../../../foundation/problem/index.ts";
import { hands, personRoute, type Route } from "../../../http/index.ts";
import { handOverSession } from "../first-factor.ts";
import { type IdentityOptions, strict, uuid } from "../inputs.ts";
import { openChallenge } from "./assertion-proof.ts";
import { newBackupCodes } from "./backup-codes.ts";
import { asked, type FactorGround, factorGround } from "./factor-ground.ts";
import { keptKeysOf } from "./factor-proof.ts";
import { factorLetters } from "./letters.ts";
import { attestation, ceremonyOptions } from "./passkey-inputs.ts";
import { challengeOf, creationOptions, madePasskey } from "./passkeys.ts";
import { relyingParty } from "./relying-party.ts";
import { backupCodesAnswer, factorName } from "./totp-routes.ts";

/** Adding a passkey to one's own account. */
export function passkeyRoutes(options: IdentityOptions): Route[] {
  const party = () => relyingParty(options.publicUrl());
  return [
    personRoute({
      method: "POST",
      path: "/auth/passkeys/options",
      summary: "A challenge for making a passkey",
      limit: "sign-in",
      answer: Type.Object({ options: ceremonyOptions }),
      handle: async ({ scope }) => {
        const challenge = newToken();
        const opened = await openChallenge(
          (statement) => scope.run(statement),
          "passkey-registration",
          sha256(challenge),
          scope.caller.tokenHash,
        );
        // A session raises where it is none, so something was opened; kernel.open_challenge builds just this object.
        const ground = opened as Pick<FactorGround, "person" | "email" | "name" | "passkeys">;
        return { options: await creationOptions(party(), ground, challenge) };
      },
    }),
    personRoute({
      method: "POST",
      path: "/auth/passkeys",
      summary: "Add the passkey that was made; with the first factor come ten backup codes",
      limit: "sign-in",
      body: Type.Object({ name: factorName, response: attestation }, strict),
      answer: Type.Object({ id: uuid, backupCodes: backupCodesAnswer }),
      status: 201,
      handle: async ({ scope, body, request, respond }) => {
        const { tokenHash } = scope.caller;
        const ask = scope.run.bind(scope);
        const { person } = await factorGround(ask, tokenHash, false);
        const made = await madePasskey(party(), body.response);
        if (made === null) throw new Problem("wrong-code");
        const [id, token, codes] = [uuidv7(), newToken(), newBackupCodes()];
        const { inner, outerDigest } = keptKeysOf(options.factorKey, person, id);
        const inForce = await asked(
          ask,
          "select kernel.add_passkey($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb, $14, $15, $16) as in_force",
          [
            tokenHash,
            challengeOf(body.response.response.clientDataJSON),
            id,
            body.name.trim(),
            made.handle,
            made.publicKey,
            made.counter,
            made.transports,
            inner,
            outerDigest,
            codes.hashes,
            sha256(token),
            factorLetters(options, request, {
              "factor-added": `The passkey "${body.name}" was added to your account: it signs you in by itself, and a password alone no longer does.`,
            }),
            ...hands(request),
          ],
        );
        handOverSession(token, respond);
        return { id, backupCodes: inForce === true ? [...codes.shown] : null };
      },
    }),
  ];
}
