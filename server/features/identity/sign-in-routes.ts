import { Type } from "@sinclair/typebox";
import { newToken, sha256 } from "../../foundation/ids/index.ts";
import { openRoute, type Route } from "../../http/index.ts";
import { answerFirstFactor, firstFactorAnswer } from "./first-factor-answer.ts";
import { emailField, type IdentityOptions, passwordField, strict } from "./inputs.ts";
import { proofOf } from "./password-proof.ts";

/** Signing in with e-mail and password. */
export function signInRoutes({ auth, hashing, decoyKey }: IdentityOptions): Route[] {
  return [
    openRoute({
      method: "POST",
      path: "/auth/sign-in",
      openBecause: "whoever signs in has no credential yet",
      summary: "Sign in with e-mail and password",
      limit: "sign-in",
      body: Type.Object({ email: emailField, password: passwordField }, strict),
      answer: firstFactorAnswer,
      handle: async ({ body, request, respond }) => {
        const email = body.email.trim().toLowerCase();
        const { derived, fresh } = await proofOf(
          auth,
          { email, password: body.password, source: request.ip },
          hashing,
          decoyKey,
        );
        const token = newToken();
        const [judged] = await auth.batch([
          {
            text: "select kernel.sign_in($1, $2, $3, $4, $5, $6, $7::jsonb, $8) as judged",
            values: [
              email,
              derived,
              sha256(token),
              request.id,
              request.ip,
              request.device,
              fresh === null ? null : JSON.stringify(fresh.recipe),
              fresh?.verifier ?? null,
            ],
          },
        ]);
        return answerFirstFactor(judged, token, respond, "wrong-credentials");
      },
    }),
  ];
}
