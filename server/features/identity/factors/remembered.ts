import type { Result, Statement } from "../../../foundation/database/index.ts";
import { sha256 } from "../../../foundation/ids/index.ts";
import { type Asked, hands, type KeptCookie, type Respond } from "../../../http/index.ts";
import { keptToken } from "../first-factor.ts";

/** Stands in for a second factor, for one person, until something about their factors changes. */
const rememberedCookie: KeptCookie = "__Host-remembered";
/** The database ends it by its own clock; what the browser thinks is only when it stops sending it. */
const rememberedSeconds = 30 * 86_400;

/** What this browser shows in place of a second factor, as the database takes it; null where it has nothing of the kind. */
export function rememberedHash(request: Pick<Asked, "cookie">): Buffer | null {
  const token = keptToken(request, rememberedCookie);
  return token === null ? null : sha256(token);
}

/**
 * Has the browser remembered in which a second factor was just shown; to be sent in the batch that judges it. Its token is always a
 * new one: whoever used this browser before may know the old.
 */
export function rememberBrowser(session: string, browser: string, request: Asked): Statement {
  return {
    text: "select kernel.remember_second_factor($1, $2, $3, $4, $5, $6) as until",
    values: [sha256(session), sha256(browser), rememberedHash(request), ...hands(request)],
  };
}

/** Hands the browser what it is remembered by, if it may be, and tells until when. */
export function keepRemembered(kept: Result | undefined, browser: string, respond: Respond): string | null {
  const until = kept?.rows[0]?.["until"];
  if (typeof until !== "string") return null;
  respond.keepCookie(rememberedCookie, browser, rememberedSeconds);
  return until;
}
