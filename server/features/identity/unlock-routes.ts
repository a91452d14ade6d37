import { Type } from "@sinclair/typebox";
import { sha256 } from "../../foundation/ids/index.ts";
import { type Asked, nothing, openRoute, type Route } from "../../http/index.ts";
import { hands, type IdentityOptions, strict, tokenField } from "./inputs.ts";
import { unlockLetter } from "./link-letters.ts";
import { askedLink } from "./send-link.ts";

/** The way out of a lock that too many wrong passwords put on an account. */
export function unlockRoutes({ auth }: IdentityOptions): Route[] {
  return [
    openRoute({
      method: "POST",
      path: "/auth/unlock/redeem",
      openBecause: "whoever is locked out has no session; the mailed link is the credential",
      summary: "Let new browsers sign in to the account again",
      limit: "sign-in",
      body: Type.Object({ token: tokenField }, strict),
      answer: nothing,
      status: 204,
      handle: async ({ body, request }) => {
        await auth.batch([
          {
            text: "select kernel.redeem_unlock($1, $2, $3, $4)",
            values: [sha256(body.token), ...hands(request)],
          },
        ]);
      },
    }),
  ];
}

/** Mails the way out of the lock, at most once an hour, to whoever has the address. */
export async function mailUnlock(options: IdentityOptions, email: string, request: Asked): Promise<void> {
  const { ticketHash, mailId, subject, sealed, word } = askedLink(options, unlockLetter, {
    purpose: "unlock",
    email,
  });
  await options.auth.batch([
    {
      text: "select kernel.ask_unlock($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      values: [email, ticketHash, mailId, subject, sealed, ...hands(request), word],
    },
  ]);
}
