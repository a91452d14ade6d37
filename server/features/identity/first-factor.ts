import { type Static, Type } from "@sinclair/typebox";
import type { Statement } from "../../foundation/database/index.ts";
import { newToken, sha256 } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import type { Asked, KeptCookie, Respond } from "../../http/index.ts";

/** What every way in answers: signed in, or what still stands in between. */
export const signInAnswer = Type.Object({
  signedIn: Type.Boolean(),
  next: Type.Union([Type.Null(), Type.Literal("second-factor")]),
});
export type SignInAnswer = Static<typeof signInAnswer>;

/** Holds the token of a sign-in that waits for its second factor. It is no session: only the second factor's doors read it. */
export const stepCookie: KeptCookie = "__Host-step";
const stepSeconds = 600;

/** Marks a browser that has signed in here before; what strangers do to its account is not counted against it. */
export const deviceCookie = "__Host-device";
const deviceSeconds = 180 * 86_400;

const tokenShape = /^[A-Za-z0-9_-]{43}$/;

/** The mark that this browser has, or a new one; null-safe against whatever else stands in the cookie. */
export function deviceOf(request: Pick<Asked, "cookie">): string {
  return keptToken(request, deviceCookie) ?? newToken();
}

/** A token that a browser was given to keep, or null. */
export function keptToken(request: Pick<Asked, "cookie">, name: `__Host-${string}`): string | null {
  const value = request.cookie(name);
  return value !== null && tokenShape.test(value) ? value : null;
}

/** Has the browser known as one of the person's, if the token became a session; to be sent in the batch that made it. */
export function rememberDevice(token: string, device: string): Statement {
  return { text: "select kernel.remember_device($1, $2)", values: [sha256(token), sha256(device)] };
}

/** Has a browser hold the token of a sign-in until its second factor is shown. */
export function awaitSecondFactor(token: string, respond: Respond): void {
  respond.keepCookie(stepCookie, token, stepSeconds);
}

/** Hands a browser its session, whatever opened it; what it held on the way to another one is taken back. */
export function handOverSession(token: string, respond: Respond): void {
  respond.startSession(token);
  respond.keepCookie(stepCookie, "", 0);
}

/** The same, with the mark that the browser is known by. */
export function welcome(respond: Respond, token: string, device: string): void {
  handOverSession(token, respond);
  respond.keepCookie(deviceCookie, device, deviceSeconds);
}

/** Carries out what `kernel.first_factor_passed` decided about the proof that came with `token`. */
export function answerFirstFactor(
  verdict: Verdict,
  { respond, token, device }: { respond: Respond; token: string; device: string },
): SignInAnswer {
  switch (verdict.next) {
    case "single-sign-on":
      throw new Problem("single-sign-on-needed");
    case "second-factor":
      awaitSecondFactor(token, respond);
      return { signedIn: false, next: "second-factor" };
    case null:
      welcome(respond, token, device);
      return { signedIn: true, next: null };
  }
}

/** What kernel.first_factor_passed answers: what still stands between the proof and a session. */
export interface Verdict {
  readonly next: "second-factor" | "single-sign-on" | null;
}

/** Whether a function of the database answered with a verdict, and not with a no. */
export function isVerdict(value: unknown): value is Verdict {
  return typeof value === "object" && value !== null && "next" in value;
}
