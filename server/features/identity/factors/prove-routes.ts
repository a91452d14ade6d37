import { type Static, Type } from "@sinclair/typebox";
import { newToken, sha256 } from "../../../foundation/ids/index.ts";
import { Problem } from "../../../foundation/problem/index.ts";
import { hands, personRoute, type Route } from "../../../http/index.ts";
import type { Source } from "../../../kernel/passwords/index.ts";
import { handOverSession } from "../first-factor.ts";
import { type IdentityOptions, passwordField } from "../inputs.ts";
import { proofOf } from "../password-proof.ts";
import { assertionProof, openChallenge } from "./assertion-proof.ts";
import { backupCodeProof } from "./backup-codes.ts";
import { type Ask, asked, type FactorGround, factorGround } from "./factor-ground.ts";
import type { FactorProof } from "./factor-proof.ts";
import { tryingLetters } from "./letters.ts";
import { assertion, ceremonyOptions } from "./passkey-inputs.ts";
import { requestOptions } from "./passkeys.ts";
import { demandAccepted } from "./refused-proof.ts";
import { relyingParty } from "./relying-party.ts";
import { totpProof } from "./totp.ts";

const proofs = Type.Object(
  {
    password: Type.Optional(passwordField),
    code: Type.Optional(Type.String({ minLength: 6, maxLength: 10 })),
    backupCode: Type.Optional(Type.String({ minLength: 24, maxLength: 60 })),
    passkey: Type.Optional(assertion),
  },
  { additionalProperties: false, minProperties: 1, maxProperties: 1 },
);

/** Proving once more that it is still the same person: dangerous acts ask for it when the last proof is ten minutes old. */
export function proveRoutes(options: IdentityOptions): Route[] {
  return [
    personRoute({
      method: "POST",
      path: "/auth/prove/options",
      summary: "A challenge for proving once more who one is, with a passkey",
      limit: "sign-in",
      answer: Type.Object({ options: ceremonyOptions }),
      handle: async ({ scope }) => {
        const challenge = newToken();
        const ask = scope.run.bind(scope);
        const opened = await openChallenge(ask, "passkey-proof", sha256(challenge), scope.caller.tokenHash);
        // A session raises where it is none, so something was opened; kernel.open_challenge builds just this object.
        const { passkeys } = opened as Pick<FactorGround, "passkeys">;
        return { options: await requestOptions(relyingParty(options.publicUrl()), challenge, passkeys) };
      },
    }),
    personRoute({
      method: "POST",
      path: "/auth/prove",
      summary: "Prove once more who one is; the session goes on under another token",
      limit: "sign-in",
      body: proofs,
      answer: Type.Object({ provedAt: Type.String() }),
      handle: async ({ scope, body, request, respond }) => {
        const { tokenHash: anchor } = scope.caller;
        const ask = scope.run.bind(scope);
        const ground = await factorGround(ask, anchor, false);
        const { method, factor, number, mac, secretHash } = await proofIn(body, {
          options,
          ask,
          ground,
          anchor,
          source: { name: request.ip, known: true },
        });
        const token = newToken();
        const judged = await asked(
          ask,
          "select kernel.prove($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11) as judged",
          [
            anchor,
            method,
            factor,
            number,
            mac,
            secretHash,
            sha256(token),
            tryingLetters(options, request, ground.backupCodesLeft),
            ...hands(request),
          ],
        );
        demandAccepted(judged);
        handOverSession(token, respond);
        // What is neither of the two refusals is the acceptance.
        return judged as { provedAt: string };
      },
    }),
  ];
}

interface Proving {
  readonly options: IdentityOptions;
  readonly ask: Ask;
  readonly ground: FactorGround;
  readonly anchor: Buffer;
  readonly source: Source;
}

async function proofIn(
  { password, code, backupCode, passkey }: Static<typeof proofs>,
  { options, ask, ground, anchor, source }: Proving,
): Promise<FactorProof> {
  if (code !== undefined) return totpProof(options, ground, { code, use: "proof", anchor });
  if (backupCode !== undefined) return backupCodeProof(backupCode);
  if (passkey !== undefined) return assertionProof(options, ask, passkey, "proof");
  if (password === undefined) throw new Problem("bad-request");
  const { auth, hashing, decoyKey } = options;
  const { derived } = await proofOf(auth, { email: ground.email, password, source }, hashing, decoyKey);
  return { method: "password", factor: null, number: null, mac: null, secretHash: derived };
}
