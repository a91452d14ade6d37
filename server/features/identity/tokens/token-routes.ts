import { Type } from "@sinclair/typebox";
import { openRoute, personRoute, type Route } from "../../../http/index.ts";
import { strict } from "../inputs.ts";
import { accessSeconds } from "./access-tokens.ts";
import type { Tokens } from "./open-tokens.ts";
import type { TokenPair } from "./token-pairs.ts";

const pairAnswer = Type.Object({
  accessToken: Type.String(),
  refreshToken: Type.String(),
  tokenType: Type.Literal("Bearer"),
  expiresIn: Type.Integer(),
});

/** How long others may keep our public keys; a key is published long before it signs. */
const publishedSeconds = 300;

/** Tokens for programs: given to a session, changed for the next ones, and the keys by which anybody can verify them. */
export function tokenRoutes({ tokens }: { readonly tokens: Tokens }): Route[] {
  return [
    personRoute({
      method: "POST",
      path: "/auth/tokens",
      summary: "Get tokens for a program, which the session that asks stands behind",
      limit: "sign-in",
      body: Type.Object(
        { organization: Type.Optional(Type.String({ pattern: "^[a-z0-9][a-z0-9-]{1,47}$" })) },
        strict,
      ),
      answer: pairAnswer,
      status: 201,
      handle: async ({ scope, body, request }) =>
        answerOf(await tokens.pairs.issue(scope, body.organization ?? null, request)),
    }),
    openRoute({
      method: "POST",
      path: "/auth/tokens/refresh",
      openBecause: "the refresh token is the credential",
      crossSiteBecause: "programs call it, and no cookie is looked at",
      summary: "Change a refresh token for the next tokens",
      // Whatever it looks like: what is no token is refused as one that was never given.
      body: Type.Object({ refreshToken: Type.String({ maxLength: 4096 }) }, strict),
      answer: pairAnswer,
      handle: async ({ body, request }) => answerOf(await tokens.pairs.refresh(body.refreshToken, request)),
    }),
    openRoute({
      method: "GET",
      path: "/.well-known/jwks.json",
      openBecause: "public keys, for whoever verifies our tokens",
      summary: "The public keys of access tokens (RFC 7517)",
      answer: Type.Object({
        keys: Type.Array(
          Type.Object({
            kty: Type.String(),
            crv: Type.String(),
            x: Type.String(),
            kid: Type.String(),
            alg: Type.String(),
            use: Type.String(),
          }),
        ),
      }),
      handle: async ({ respond }) => {
        const { published, version } = await tokens.ring.keys();
        respond.etag(version);
        respond.cacheFor(publishedSeconds);
        // The answer schema is what these keys were made with; it would drop a private part.
        return { keys: published as never };
      },
    }),
  ];
}

function answerOf({ accessToken, refreshToken }: TokenPair): {
  accessToken: string;
  refreshToken: string;
  tokenType: "Bearer";
  expiresIn: number;
} {
  return { accessToken, refreshToken, tokenType: "Bearer", expiresIn: accessSeconds };
}
