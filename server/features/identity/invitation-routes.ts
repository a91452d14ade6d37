import { Type } from "@sinclair/typebox";
import type { Result } from "../../foundation/database/index.ts";
import { newToken, sha256 } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { hands, openRoute, personRoute, type Route } from "../../http/index.ts";
import { deviceOf, rememberDevice, welcome } from "./first-factor.ts";
import { type IdentityOptions, nameField, passwordField, strict, tokenField } from "./inputs.ts";
import { keptPassword } from "./password-proof.ts";

/** Accepting an invitation, with a new account or with one's own. */
export function invitationRoutes({ auth, hashing, breached }: IdentityOptions): Route[] {
  return [
    openRoute({
      method: "GET",
      path: "/auth/invitations/:token",
      openBecause: "the invited person has no account yet; the link is the credential",
      summary: "What an invitation says",
      params: Type.Object({ token: tokenField }),
      answer: Type.Object({
        organization: Type.String(),
        slug: Type.String(),
        email: Type.String(),
        roles: Type.Array(Type.String()),
        invitedBy: Type.Union([Type.String(), Type.Null()]),
        expiresAt: Type.String(),
        known: Type.Boolean(),
      }),
      handle: async ({ params }) => {
        const [told] = await auth.batch([
          { text: "select kernel.invitation($1) as told", values: [sha256(params.token)] },
        ]);
        return told?.rows[0]?.["told"] as never;
      },
    }),
    openRoute({
      method: "POST",
      path: "/auth/invitations/:token",
      openBecause: "the invited person has no account yet; the link is the credential",
      summary: "Join the organization with a new account",
      limit: "sign-in",
      params: Type.Object({ token: tokenField }),
      body: Type.Object({ name: nameField, password: passwordField }, strict),
      answer: Type.Object({ organization: Type.String() }),
      handle: async ({ params, body, request, respond }) => {
        const ticket = sha256(params.token);
        const [told] = await auth.batch([{ text: "select kernel.invitation($1) as told", values: [ticket] }]);
        const { email, organization, covered } = toldBy(told);
        const kept = await keptPassword(body.password, {
          words: [body.name, email, organization],
          covered,
          config: hashing,
          breached,
          pointer: "/password",
          source: { name: request.network, known: false },
        });
        const [token, device] = [newToken(), deviceOf(request)];
        const [joined] = await auth.batch([
          {
            text: "select kernel.accept_invitation($1, null, $2, $3::jsonb, $4, $5, $6, $7, $8) as slug",
            values: [
              ticket,
              body.name.trim(),
              JSON.stringify(kept.recipe),
              kept.verifier,
              sha256(token),
              ...hands(request),
            ],
          },
          rememberDevice(token, device),
        ]);
        welcome(respond, token, device);
        return { organization: String(joined?.rows[0]?.["slug"]) };
      },
    }),
    personRoute({
      method: "POST",
      path: "/auth/invitations/:token/accept",
      summary: "Join the organization with the account that is signed in",
      params: Type.Object({ token: tokenField }),
      answer: Type.Object({ organization: Type.String() }),
      handle: async ({ scope, params, request }) => {
        const { rows } = await scope.run({
          text: "select kernel.accept_invitation($1, $2, null, null, null, null, $3, $4, $5) as slug",
          values: [sha256(params.token), scope.caller.tokenHash, ...hands(request)],
        });
        return { organization: String(rows[0]?.["slug"]) };
      },
    }),
  ];
}

interface Told {
  readonly email: string;
  readonly organization: string;
  /** Whether the organization asks whoever joins for more than a password. */
  readonly covered: boolean;
}

/** kernel.invitation raises unless the link is good, and then says whom it is for. */
function toldBy(result: Result | undefined): Told {
  const told = result?.rows[0]?.["told"];
  if (typeof told !== "object" || told === null || !("email" in told) || !("organization" in told)) {
    throw new Problem("link-not-valid");
  }
  const covered = "covered" in told && told.covered === true;
  return { email: String(told.email), organization: String(told.organization), covered };
}
