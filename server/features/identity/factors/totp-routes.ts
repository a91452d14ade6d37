import { Type } from "@sinclair/typebox";
import { newToken, sha256, uuidv7 } from "../../../foundation/ids/index.ts";
import { Problem } from "../../../foundation/problem/index.ts";
import { hands, personRoute, type Route } from "../../../http/index.ts";
import { handOverSession } from "../first-factor.ts";
import { type IdentityOptions, strict, uuid } from "../inputs.ts";
import { newBackupCodes } from "./backup-codes.ts";
import { asked, factorGround } from "./factor-ground.ts";
import { keptKeysOf } from "./factor-proof.ts";
import { factorLetters } from "./letters.ts";
import { newTotpSecret, shownTotp, totpProof, totpSecret } from "./totp.ts";

/** What a factor is called by its person, and what came with the first one. */
export const factorName = Type.String({ minLength: 1, maxLength: 100 });
export const backupCodesAnswer = Type.Union([Type.Array(Type.String()), Type.Null()]);

/** Enrolling an authenticator app. Nothing holds until its first code has come back. */
export function totpRoutes(options: IdentityOptions): Route[] {
  return [
    personRoute({
      method: "POST",
      path: "/auth/totp",
      summary: "Begin to enrol an authenticator app; the secret is shown this once",
      answer: Type.Object({ id: uuid, secret: Type.String(), uri: Type.String() }),
      handle: async ({ scope }) => {
        const { tokenHash } = scope.caller;
        const { person, email } = await factorGround((statement) => scope.run(statement), tokenHash, false);
        const [id, secret] = [uuidv7(), newTotpSecret()];
        const { inner, outerDigest } = keptKeysOf(options.factorKey, person, id);
        await scope.run({
          text: "select kernel.begin_totp($1, $2, $3, $4, $5)",
          values: [
            tokenHash,
            id,
            options.personVault.seal(totpSecret(person, id), secret),
            inner,
            outerDigest,
          ],
        });
        const shown = shownTotp(secret, "Ringfence", email);
        secret.fill(0);
        return { id, ...shown };
      },
    }),
    personRoute({
      method: "POST",
      path: "/auth/totp/confirm",
      summary: "Confirm an authenticator app by its first code; with the first factor come ten backup codes",
      limit: "sign-in",
      body: Type.Object(
        { id: uuid, code: Type.String({ minLength: 6, maxLength: 10 }), name: factorName },
        strict,
      ),
      answer: Type.Object({ backupCodes: backupCodesAnswer }),
      handle: async ({ scope, body, request, respond }) => {
        const { tokenHash: anchor } = scope.caller;
        const ask = scope.run.bind(scope);
        const ground = await factorGround(ask, anchor, false);
        const { number, mac } = await totpProof(options, ground, {
          code: body.code,
          use: "enrolment",
          anchor,
          enrolling: body.id,
        });
        const [token, codes] = [newToken(), newBackupCodes()];
        const inForce = await asked(
          ask,
          "select kernel.confirm_totp($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11) as in_force",
          [
            anchor,
            body.id,
            body.name.trim(),
            number,
            mac,
            codes.hashes,
            sha256(token),
            factorLetters(options, request, {
              "factor-added": `The authenticator app "${body.name}" was added to your account: from now on signing in asks for its code.`,
            }),
            ...hands(request),
          ],
        );
        if (inForce === null) throw new Problem("wrong-code");
        handOverSession(token, respond);
        return { backupCodes: inForce === true ? [...codes.shown] : null };
      },
    }),
  ];
}
