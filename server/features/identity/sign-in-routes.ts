import { Type } from "@sinclair/typebox";
import { newToken, sha256 } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { demandRoom } from "../../kernel/passwords/index.ts";
import { type Asked, openRoute, type Route } from "../../http/index.ts";
import {
  answerFirstFactor,
  deviceCookie,
  deviceOf,
  isVerdict,
  keptToken,
  rememberDevice,
  signInAnswer,
} from "./first-factor.ts";
import { emailField, type IdentityOptions, passwordField, strict } from "./inputs.ts";
import { mailAddress } from "./mail-address.ts";
import { type Proof, proofOf } from "./password-proof.ts";
import { isLocked, refuseTooManyTries } from "./tries.ts";
import { mailUnlock } from "./unlock-routes.ts";

/** Signing in with e-mail and password. */
export function signInRoutes(options: IdentityOptions): Route[] {
  const { auth, hashing, decoyKey } = options;
  return [
    openRoute({
      method: "POST",
      path: "/auth/sign-in",
      openBecause: "whoever signs in has no credential yet",
      summary: "Sign in with e-mail and password",
      limit: "sign-in",
      body: Type.Object({ email: emailField, password: passwordField }, strict),
      answer: signInAnswer,
      handle: async ({ body, request, respond }) => {
        const stranger = { name: request.network, known: false };
        if (keptToken(request, deviceCookie) === null) demandRoom(stranger);
        const email = mailAddress(body.email);
        const device = deviceOf(request);
        const known = await refuseEarly(options, email, device, request);
        const source = known ? { name: sha256(device).toString("base64"), known } : stranger;
        const proof = await proofOf(auth, { email, password: body.password, source }, hashing, decoyKey);
        const token = newToken();
        const [judged] = await auth.batch([
          signIn(email, proof, token, device, request),
          rememberDevice(token, device),
        ]);
        const verdict = judged?.rows[0]?.["judged"];
        if (isLocked(verdict)) await mailUnlock(options, email, request);
        refuseTooManyTries(verdict, true);
        if (!isVerdict(verdict))
          throw new Problem("wrong-credentials", { detail: elsewhere, recorded: true });
        return answerFirstFactor(verdict, { respond, token, device });
      },
    }),
  ];
}

/** Said to everybody alike: a right password that opens nothing is answered as a wrong one is. */
const elsewhere =
  "Or your organization takes no passwords: sign in with a passkey, by a link by mail, or by its own identity provider, which is offered where you enter your work address.";

/**
 * Says no before a hash is computed for a try that would not be judged; who does not get past costs next to nothing. Resolves with
 * whether somebody has signed in to this account in this browser.
 */
async function refuseEarly(
  options: IdentityOptions,
  email: string,
  device: string,
  request: Asked,
): Promise<boolean> {
  const [asked] = await options.auth.batch([
    {
      text: "select kernel.sign_in_pause($1, $2, $3) as pause",
      values: [email, request.ip, sha256(device)],
    },
  ]);
  const pause = asked?.rows[0]?.["pause"];
  if (isLocked(pause)) await mailUnlock(options, email, request);
  refuseTooManyTries(pause, false);
  return typeof pause === "object" && pause !== null && "known" in pause;
}

function signIn(
  email: string,
  { derived, fresh }: Proof,
  token: string,
  device: string,
  request: Asked,
): { text: string; values: unknown[] } {
  return {
    text: "select kernel.sign_in($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9) as judged",
    values: [
      email,
      derived,
      sha256(token),
      request.id,
      request.ip,
      request.device,
      fresh === null ? null : JSON.stringify(fresh.recipe),
      fresh?.verifier ?? null,
      sha256(device),
    ],
  };
}
