import { Type } from "@sinclair/typebox";
import type { Pool } from "../../foundation/database/index.ts";
import { newApiKey, sha256 } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { doorWord, type VouchingKeys } from "../../kernel/vault/index.ts";
import { type Asked, openRoute, type Route } from "../../http/index.ts";
import { strict } from "./key-fields.ts";
import { claimedAccount, readAssertion, type RegisteredKey } from "./read-assertion.ts";

export interface ServiceTokenOptions {
  /** rf_auth: it may look at public keys and note what an assertion came to. */
  readonly auth: Pool;
  /** The origin that assertions are made out to. */
  readonly publicUrl: () => string;
  /** For the server's word that it has checked a signature. */
  readonly doorWords: VouchingKeys;
}

const path = "/auth/service-token";
const seconds = 3600;

/** Exchanges an assertion that a service account signed (RFC 7523) for a token of one hour. */
export function serviceTokenRoute({ auth, publicUrl, doorWords }: ServiceTokenOptions): Route {
  return openRoute({
    method: "POST",
    path,
    openBecause: "the signed assertion is the credential",
    crossSiteBecause: "programs call it; it sets no cookie and reads none",
    summary: "Exchange an assertion that a service account signed for a token of one hour",
    limit: "sign-in",
    body: Type.Object(
      {
        // Whatever it looks like: what is no assertion is refused, and noted, as one that is not good.
        clientAssertion: Type.String({ maxLength: 65_536 }),
      },
      strict,
    ),
    answer: Type.Object({
      accessToken: Type.String(),
      tokenType: Type.Literal("Bearer"),
      expiresIn: Type.Integer(),
    }),
    handle: async ({ body, request }) => {
      const account = claimedAccount(body.clientAssertion);
      if (account === null) return refuse(auth, null, "malformed", request);
      const [found] = await auth.batch([
        { text: "select id, jwk, alg from kernel.assertion_keys($1)", values: [account] },
      ]);
      // The columns of kernel.assertion_keys, whose keys came through readPublicJwk.
      const keys = (found?.rows ?? []) as unknown as RegisteredKey[];
      const read = await readAssertion(body.clientAssertion, account, `${publicUrl()}${path}`, keys);
      if (typeof read === "string") return refuse(auth, account, read, request);
      const { token, id: hint } = newApiKey("service");
      const [jti, digest] = [sha256(read.jti), sha256(token)];
      const [judged] = await auth.batch([
        {
          text: "select kernel.service_token($1, $2, $3, $4, $5, $6, $7, $8, $9) as verdict",
          values: [
            read.keyId,
            jti,
            read.expiresAt.toISOString(),
            digest,
            hint,
            request.id,
            request.ip,
            request.device,
            doorWord(doorWords, "service-token", read.keyId, jti, digest),
          ],
        },
      ]);
      if (judged?.rows[0]?.["verdict"] !== "minted") throw refused();
      return { accessToken: token, tokenType: "Bearer" as const, expiresIn: seconds };
    },
  });
}

/** One answer outside, whatever was wrong; the reason stands in the trail. */
async function refuse(
  auth: Pool,
  account: string | null,
  reason: string,
  { id, ip, device }: Asked,
): Promise<never> {
  await auth.batch([
    { text: "select kernel.refuse_assertion($1, $2, $3, $4, $5)", values: [account, reason, id, ip, device] },
  ]);
  throw refused();
}

function refused(): Problem {
  return new Problem("not-signed-in", { detail: "This assertion is not good here." });
}
