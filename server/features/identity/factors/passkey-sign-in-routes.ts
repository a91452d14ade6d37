import { Type } from "@sinclair/typebox";
import { newToken, sha256 } from "../../../foundation/ids/index.ts";
import { Problem } from "../../../foundation/problem/index.ts";
import { hands, openRoute, type Route } from "../../../http/index.ts";
import { answerFirstFactor, deviceOf, isVerdict, rememberDevice, signInAnswer } from "../first-factor.ts";
import { type IdentityOptions, strict } from "../inputs.ts";
import { assertionProof, openChallenge } from "./assertion-proof.ts";
import type { Ask } from "./factor-ground.ts";
import { assertion, ceremonyOptions } from "./passkey-inputs.ts";
import { requestOptions } from "./passkeys.ts";
import { relyingParty } from "./relying-party.ts";

/** Signing in by passkey alone: the authenticator has verified its user, so that it is two factors at once. */
export function passkeySignInRoutes(options: IdentityOptions): Route[] {
  const ask: Ask = async (statement) => (await options.auth.batch([statement]))[0];
  return [
    openRoute({
      method: "POST",
      path: "/auth/passkey/options",
      openBecause:
        "whoever signs in has no credential yet; the same is asked for by everybody and tells nothing about anybody",
      summary: "A challenge for signing in with a passkey, also while the name field waits (conditional UI)",
      limit: "sign-in",
      answer: Type.Object({ options: ceremonyOptions }),
      handle: async () => {
        const challenge = newToken();
        await openChallenge(ask, "passkey-sign-in", sha256(challenge), null);
        return { options: await requestOptions(relyingParty(options.publicUrl()), challenge) };
      },
    }),
    openRoute({
      method: "POST",
      path: "/auth/passkey",
      openBecause: "whoever signs in has no credential yet; the signature of the passkey is the proof",
      summary: "Sign in with a passkey",
      limit: "sign-in",
      body: Type.Object({ response: assertion }, strict),
      answer: signInAnswer,
      handle: async ({ body, request, respond }) => {
        const { factor, number, mac, secretHash } = await assertionProof(
          options,
          ask,
          body.response,
          "passkey-sign-in",
        );
        const token = newToken();
        const device = deviceOf(request);
        const judged = await ask({
          text: "select kernel.passkey_sign_in($1, $2, $3, $4, $5, $6, $7, $8) as judged",
          values: [secretHash, factor, number, mac, sha256(token), ...hands(request)],
        });
        const verdict = judged?.rows[0]?.["judged"];
        if (!isVerdict(verdict)) throw new Problem("wrong-code");
        await ask(rememberDevice(token, device));
        return answerFirstFactor(verdict, { respond, token, device });
      },
    }),
  ];
}
