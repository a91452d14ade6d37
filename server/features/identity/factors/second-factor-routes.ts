import { type Static, Type } from "@sinclair/typebox";
import type { Statement } from "../../../foundation/database/index.ts";
import { newToken, sha256 } from "../../../foundation/ids/index.ts";
import { type Asked, hands, openRoute, type Respond, type Route } from "../../../http/index.ts";
import { deviceOf, rememberDevice, welcome } from "../first-factor.ts";
import { type IdentityOptions, strict } from "../inputs.ts";
import { assertionProof, openChallenge } from "./assertion-proof.ts";
import { backupCodeProof } from "./backup-codes.ts";
import { type Ask, asked, type FactorGround, factorGround, nothingWaits } from "./factor-ground.ts";
import type { FactorProof } from "./factor-proof.ts";
import { tryingLetters } from "./letters.ts";
import { assertion, ceremonyOptions } from "./passkey-inputs.ts";
import { requestOptions } from "./passkeys.ts";
import { keepRemembered, rememberBrowser, rememberedHash } from "./remembered.ts";
import { openBecause, stepHashOf } from "./step.ts";
import { demandAccepted } from "./refused-proof.ts";
import { relyingParty } from "./relying-party.ts";
import { totpProof } from "./totp.ts";

const signedIn = Type.Object({
  signedIn: Type.Literal(true),
  next: Type.Null(),
  /** Few are left: make new ones. */
  backupCodesLeft: Type.Integer(),
  /** Until when this browser stands in for the second factor, where `remember` was asked for and is allowed. */
  rememberedUntil: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});

const remember = Type.Optional(
  Type.Boolean({
    description: "Have this browser stand in for the second factor for 30 days, where that is allowed.",
  }),
);

/** The second step of a sign-in. These doors alone take what the first step left in the browser. */
export function secondFactorRoutes(options: IdentityOptions): Route[] {
  const ask: Ask = async (statement: Statement) => (await options.auth.batch([statement]))[0];
  return [
    openRoute({
      method: "GET",
      path: "/auth/second-factor",
      openBecause,
      summary: "By which second factors a sign-in that waits can go on",
      answer: Type.Object({
        methods: Type.Array(Type.String()),
        /** Whether this browser stands in for it. */
        remembered: Type.Boolean(),
        /** Whether it may be remembered, which an organization may not want. */
        mayRemember: Type.Boolean(),
      }),
      handle: async ({ request }) => {
        const anchor = stepHashOf(request);
        const { totp, passkeys, backupCodesLeft } = await factorGround(ask, anchor, true);
        const there = { passkey: passkeys.length, totp: totp.length, "backup-code": backupCodesLeft };
        const told = await asked(ask, "select kernel.remembering($1, $2) as told", [
          anchor,
          rememberedHash(request),
        ]);
        if (told === null) throw nothingWaits();
        // kernel.remembering builds just this object.
        const { remembered, allowed } = told as { readonly remembered: boolean; readonly allowed: boolean };
        const methods = Object.entries(there).flatMap(([method, count]) => (count > 0 ? [method] : []));
        return { methods, remembered, mayRemember: allowed };
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
          remember,
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
        return finish({ options, ground, request, respond, remember: body.remember }, anchor, proof);
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
      body: Type.Object({ response: assertion, remember }, strict),
      answer: signedIn,
      handle: async ({ body, request, respond }) => {
        const anchor = stepHashOf(request);
        const ground = await factorGround(ask, anchor, true);
        const proof = await assertionProof(options, ask, body.response, "second-factor");
        return finish({ options, ground, request, respond, remember: body.remember }, anchor, proof);
      },
    }),
  ];
}

interface Step {
  readonly options: IdentityOptions;
  readonly ground: FactorGround;
  readonly request: Asked;
  readonly respond: Respond;
  readonly remember: boolean | undefined;
}

async function finish(
  { options, ground, request, respond, remember: wanted = false }: Step,
  anchor: Buffer,
  { method, factor, number, mac, secretHash }: FactorProof,
): Promise<Static<typeof signedIn>> {
  const [token, device] = [newToken(), deviceOf(request)];
  const passing = {
    text: "select kernel.pass_second_factor($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11) as judged",
    values: [
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
  };
  const browser = wanted ? newToken() : null;
  const [found, , kept] = await options.auth.batch([
    passing,
    rememberDevice(token, device),
    ...(browser === null ? [] : [rememberBrowser(token, browser, request)]),
  ]);
  const judged = found?.rows[0]?.["judged"] ?? null;
  if (judged === null) throw nothingWaits();
  demandAccepted(judged);
  welcome(respond, token, device);
  // What is neither of the two refusals is the acceptance.
  const { backupCodesLeft } = judged as { readonly backupCodesLeft: number };
  const answer = { signedIn: true, next: null, backupCodesLeft } as const;
  return browser === null ? answer : { ...answer, rememberedUntil: keepRemembered(kept, browser, respond) };
}
