import { type Static, Type } from "@sinclair/typebox";
import type { Statement } from "../../../foundation/database/index.ts";
import { newToken, sha256 } from "../../../foundation/ids/index.ts";
import { type Asked, hands, openRoute, type Respond, type Route } from "../../../http/index.ts";
import { deviceOf, rememberDevice, stepCookie, welcome } from "../first-factor.ts";
import { type IdentityOptions, strict } from "../inputs.ts";
import { assertionProof, openChallenge } from "./assertion-proof.ts";
import { backupCodeProof } from "./backup-codes.ts";
import { type Ask, asked, type FactorGround, factorGround, nothingWaits } from "./factor-ground.ts";
import type { FactorProof } from "./factor-proof.ts";
import { tryingLetters } from "./letters.ts";
import { assertion, ceremonyOptions } from "./passkey-inputs.ts";
import { requestOptions } from "./passkeys.ts";
import { demandAccepted } from "./refused-proof.ts";
import { relyingParty } from "./relying-party.ts";
import { totpProof } from "./totp.ts";

const openBecause =
  "whoever has passed the first factor has no session yet; the cookie of the first step is the credential";

const signedIn = Type.Object({
  signedIn: Type.Literal(true),
  next: Type.Null(),
  /** Few are left: make new ones. */
  backupCodesLeft: Type.Integer(),
});

/** The second step of a sign-in. These doors alone take what the first step left in the browser. */
export function secondFactorRoutes(options: IdentityOptions): Route[] {
  const ask: Ask = async (statement: Statement) => (await options.auth.batch([statement]))[0];
  return [
    openRoute({
      method: "GET",
      path: "/auth/second-factor",
      openBecause,
      summary: "By which second factors a sign-in that waits can go on",
      answer: Type.Object({ methods: Type.Array(Type.String()) }),
      handle: async ({ request }) => {
        const { totp, passkeys, backupCodesLeft } = await factorGround(ask, stepHashOf(request), true);
        const there = { passkey: passkeys.length, totp: totp.length, "backup-code": backupCodesLeft };
        return { methods: Object.entries(there).flatMap(([method, count]) => (count > 0 ? [method] : [])) };
      },
    }),
    openRoute({
      method: "POST",
      path: "/auth/second-factor",
      openBecause,
      summary: "Finish a sign-in with the code of an authenticator app, or with a backup code",
      limit: "sign-in",
      body: Type.Object(
        {
          method: Type.Union([Type.Literal("totp"), Type.Literal("backup-code")]),
          code: Type.String({ minLength: 6, maxLength: 60 }),
        },
        strict,
      ),
      answer: signedIn,
      handle: async ({ body, request, respond }) => {
        const anchor = stepHashOf(request);
        const ground = await factorGround(ask, anchor, true);
        const proof =
          body.method === "totp"
            ? await totpProof(options, ground, { code: body.code, use: "second-factor", anchor })
            : backupCodeProof(body.code);
        return finish({ options, ask, ground, request, respond }, anchor, proof);
      },
    }),
    openRoute({
      method: "POST",
      path: "/auth/second-factor/passkey-options",
      openBecause,
      summary: "A challenge for a passkey as the second factor",
      limit: "sign-in",
      answer: Type.Object({ options: ceremonyOptions }),
      handle: async ({ request }) => {
        const challenge = newToken();
        const opened = await openChallenge(
          ask,
          "passkey-second-factor",
          sha256(challenge),
          stepHashOf(request),
        );
        if (opened === null) throw nothingWaits();
        // kernel.open_challenge tells the passkeys just as kernel.factor_ground does.
        const { passkeys } = opened as Pick<FactorGround, "passkeys">;
        return { options: await requestOptions(relyingParty(options.publicUrl()), challenge, passkeys) };
      },
    }),
    openRoute({
      method: "POST",
      path: "/auth/second-factor/passkey",
      openBecause,
      summary: "Finish a sign-in with a passkey",
      limit: "sign-in",
      body: Type.Object({ response: assertion }, strict),
      answer: signedIn,
      handle: async ({ body, request, respond }) => {
        const anchor = stepHashOf(request);
        const ground = await factorGround(ask, anchor, true);
        const proof = await assertionProof(options, ask, body.response, "second-factor");
        return finish({ options, ask, ground, request, respond }, anchor, proof);
      },
    }),
  ];
}

interface Step {
  readonly options: IdentityOptions;
  readonly ask: Ask;
  readonly ground: FactorGround;
  readonly request: Asked;
  readonly respond: Respond;
}

async function finish(
  { options, ask, ground, request, respond }: Step,
  anchor: Buffer,
  { method, factor, number, mac, secretHash }: FactorProof,
): Promise<Static<typeof signedIn>> {
  const token = newToken();
  const judged = await asked(
    ask,
    "select kernel.pass_second_factor($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11) as judged",
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
  if (judged === null) throw nothingWaits();
  demandAccepted(judged);
  const device = deviceOf(request);
  await ask(rememberDevice(token, device));
  welcome(respond, token, device);
  // What is neither of the two refusals is the acceptance.
  const { backupCodesLeft } = judged as { readonly backupCodesLeft: number };
  return { signedIn: true, next: null, backupCodesLeft };
}

function stepHashOf(request: Asked): Buffer {
  const token = request.cookie(stepCookie);
  if (token === null || token === "") throw nothingWaits();
  return sha256(token);
}
