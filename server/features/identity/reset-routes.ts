import { Type } from "@sinclair/typebox";
import { sha256 } from "../../foundation/ids/index.ts";
import { nothing, openRoute, type Route } from "../../http/index.ts";
import {
  asked,
  emailField,
  hands,
  type IdentityOptions,
  passwordField,
  strict,
  tokenField,
} from "./inputs.ts";
import { passwordChanged, resetLetter } from "./link-letters.ts";
import { mailAddress } from "./mail-address.ts";
import { contextFrom, keptPassword } from "./password-proof.ts";
import { sealedLetter } from "./person-mail.ts";
import { askedLink } from "./send-link.ts";

/** A new password by mail. It signs nobody in: the next step is the ordinary sign-in, with its second factor. */
export function resetRoutes(options: IdentityOptions): Route[] {
  const { auth, hashing, breached, personVault } = options;
  return [
    openRoute({
      method: "POST",
      path: "/auth/password-reset",
      openBecause:
        "whoever has forgotten the password has no credential; the answer is the same for every address",
      summary: "Mail a link for a new password, if somebody has this address",
      limit: "sign-in",
      body: Type.Object({ email: emailField }, strict),
      answer: asked,
      status: 202,
      handle: async ({ body, request }) => {
        const email = mailAddress(body.email);
        const { ticketHash, mailId, subject, sealed, word } = askedLink(options, resetLetter, {
          purpose: "password-reset",
          email,
        });
        await auth.batch([
          {
            text: "select kernel.ask_password_reset($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values: [email, ticketHash, mailId, subject, sealed, ...hands(request), word],
          },
        ]);
        return {};
      },
    }),
    openRoute({
      method: "POST",
      path: "/auth/password-reset/redeem",
      openBecause: "the mailed link is the credential",
      summary: "Set a new password by the mailed link; every session of the person ends",
      limit: "sign-in",
      body: Type.Object({ token: tokenField, password: passwordField }, strict),
      answer: nothing,
      status: 204,
      handle: async ({ body, request }) => {
        const ticket = sha256(body.token);
        const [told] = await auth.batch([
          { text: "select kernel.password_reset_context($1) as context", values: [ticket] },
        ]);
        const kept = await keptPassword(body.password, {
          ...contextFrom(told?.rows[0]?.["context"]),
          config: hashing,
          breached,
          pointer: "/password",
          source: { name: request.network, known: false },
        });
        const { mailId, sealed } = sealedLetter(personVault, passwordChanged.letter);
        await auth.batch([
          {
            text: "select kernel.redeem_password_reset($1, $2::jsonb, $3, $4, $5, $6, $7, $8, $9)",
            values: [
              ticket,
              JSON.stringify(kept.recipe),
              kept.verifier,
              mailId,
              passwordChanged.subject,
              sealed,
              ...hands(request),
            ],
          },
        ]);
      },
    }),
  ];
}
