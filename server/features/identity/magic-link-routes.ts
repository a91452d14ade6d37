import { Type } from "@sinclair/typebox";
import { hmacSha256, newToken, randomBytes, sha256 } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { hands, openRoute, type Route } from "../../http/index.ts";
import {
  answerFirstFactor,
  deviceOf,
  isVerdict,
  keptToken,
  rememberDevice,
  signInAnswer,
} from "./first-factor.ts";
import { asked, emailField, type IdentityOptions, strict, tokenField } from "./inputs.ts";
import { magicLetter } from "./link-letters.ts";
import { mailAddress } from "./mail-address.ts";
import { askedLink } from "./send-link.ts";

/** Holds what a link is bound to, in the browser that asked for it. */
export const browserCookie = "__Host-browser";
/** As long as the link may live, and the code after it. */
const browserSeconds = 20 * 60;

/**
 * Signing in by a mailed link. Only a POST uses it up, so that mail scanners which open every link spoil none; opened in
 * another browser than the one that asked, it gives a code for that one instead of a session.
 */
export function magicLinkRoutes(options: IdentityOptions): Route[] {
  const { auth, decoyKey, magicLinkMinutes } = options;
  const codeHash = (code: string): Buffer => hmacSha256(decoyKey, `magic code\0${code}`);
  return [
    openRoute({
      method: "POST",
      path: "/auth/magic-link",
      openBecause: "whoever asks for a link has no credential yet; the answer is the same for every address",
      summary: "Mail a link that signs in, if somebody has this address",
      limit: "sign-in",
      body: Type.Object({ email: emailField }, strict),
      answer: asked,
      status: 202,
      handle: async ({ body, request, respond }) => {
        const email = mailAddress(body.email);
        const browser = keptToken(request, browserCookie) ?? newToken();
        const { ticketHash, mailId, subject, sealed, word } = askedLink(
          options,
          magicLetter(magicLinkMinutes),
          {
            purpose: "magic-link",
            email,
          },
        );
        await auth.batch([
          {
            text: "select kernel.ask_magic_link($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            values: [
              email,
              ticketHash,
              sha256(browser),
              magicLinkMinutes * 60,
              mailId,
              subject,
              sealed,
              ...hands(request),
              word,
            ],
          },
        ]);
        respond.keepCookie(browserCookie, browser, browserSeconds);
        return {};
      },
    }),
    openRoute({
      method: "POST",
      path: "/auth/magic-link/redeem",
      openBecause: "the mailed link is the credential",
      summary: "Sign in by the mailed link, or show the code for the browser that asked",
      limit: "sign-in",
      body: Type.Object({ token: tokenField }, strict),
      answer: Type.Object({
        signedIn: Type.Boolean(),
        next: Type.Union([Type.Null(), Type.Literal("second-factor"), Type.Literal("code")]),
        code: Type.Optional(Type.String()),
      }),
      handle: async ({ body, request, respond }) => {
        const [token, code, device] = [newToken(), sixDigits(), deviceOf(request)];
        const browser = keptToken(request, browserCookie);
        const [judged] = await auth.batch([
          {
            text: "select kernel.redeem_magic_link($1, $2, $3, $4, $5, $6, $7, $8) as judged",
            values: [
              sha256(body.token),
              browser === null ? null : sha256(browser),
              codeHash(code),
              sha256(token),
              ...hands(request),
              sha256(device),
            ],
          },
          rememberDevice(token, device),
        ]);
        const verdict = judged?.rows[0]?.["judged"];
        if (isCode(verdict)) return { signedIn: false, next: "code" as const, code };
        if (!isVerdict(verdict)) throw new Problem("link-not-valid");
        return answerFirstFactor(verdict, { respond, token, device });
      },
    }),
    openRoute({
      method: "POST",
      path: "/auth/magic-link/code",
      openBecause: "the code, together with the cookie of the browser that asked, is the credential",
      summary: "Sign in by the code that another browser showed",
      limit: "sign-in",
      body: Type.Object({ code: Type.String({ pattern: "^[0-9]{6}$" }) }, strict),
      answer: signInAnswer,
      handle: async ({ body, request, respond }) => {
        const [token, device] = [newToken(), deviceOf(request)];
        const browser = keptToken(request, browserCookie);
        if (browser === null) throw notThisCode(false);
        const [judged] = await auth.batch([
          {
            text: "select kernel.redeem_magic_code($1, $2, $3, $4, $5, $6, $7) as judged",
            values: [sha256(browser), codeHash(body.code), sha256(token), ...hands(request), sha256(device)],
          },
          rememberDevice(token, device),
        ]);
        const verdict = judged?.rows[0]?.["judged"];
        if (!isVerdict(verdict)) throw notThisCode(true);
        return answerFirstFactor(verdict, { respond, token, device });
      },
    }),
  ];
}

function notThisCode(recorded: boolean): Problem {
  return new Problem("link-not-valid", { detail: "The code is wrong, or not valid any more.", recorded });
}

function sixDigits(): string {
  return String(randomBytes(6).readUIntBE(0, 6) % 1_000_000).padStart(6, "0");
}

function isCode(value: unknown): boolean {
  return typeof value === "object" && value !== null && "next" in value && value.next === "code";
}
