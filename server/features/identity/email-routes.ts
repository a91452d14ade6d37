import { Type } from "@sinclair/typebox";
import { sha256 } from "../../foundation/ids/index.ts";
import { hands, openRoute, personRoute, type Route } from "../../http/index.ts";
import { asked, emailField, type IdentityOptions, strict, tokenField } from "./inputs.ts";
import { emailChanged, newAddressLetter, oldAddressLetter } from "./link-letters.ts";
import { mailAddress } from "./mail-address.ts";
import { sealedLetter } from "./person-mail.ts";
import { mailedLink } from "./send-link.ts";

/** Another e-mail address: both mailboxes confirm it, in any order. */
export function emailRoutes(options: IdentityOptions): Route[] {
  const { auth, personVault } = options;
  return [
    personRoute({
      method: "POST",
      path: "/auth/email",
      summary: "Ask for another e-mail address; a link goes to the old one and to the new one",
      limit: "sign-in",
      body: Type.Object({ email: emailField }, strict),
      answer: asked,
      status: 202,
      handle: async ({ scope, body, request }) => {
        const email = mailAddress(body.email);
        const [old, fresh] = [
          mailedLink(options, oldAddressLetter(email)),
          mailedLink(options, newAddressLetter),
        ];
        await scope.run({
          text: "select kernel.ask_email_change($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
          values: [
            scope.caller.tokenHash,
            email,
            old.ticketHash,
            fresh.ticketHash,
            old.mailId,
            old.sealed,
            fresh.mailId,
            fresh.sealed,
            fresh.subject,
            ...hands(request),
          ],
        });
        return {};
      },
    }),
    openRoute({
      method: "POST",
      path: "/auth/email/redeem",
      openBecause:
        "a mailbox confirms, and its letter may be opened where nobody is signed in; the link is the credential",
      summary: "Confirm another e-mail address; it changes when both mailboxes have confirmed",
      limit: "sign-in",
      body: Type.Object({ token: tokenField }, strict),
      answer: Type.Object({ changed: Type.Boolean() }),
      handle: async ({ body, request }) => {
        const [old, fresh] = [
          sealedLetter(personVault, emailChanged.letter),
          sealedLetter(personVault, emailChanged.letter),
        ];
        const [redeemed] = await auth.batch([
          {
            text: "select kernel.redeem_email_change($1, $2, $3, $4, $5, $6, $7, $8, $9) as changed",
            values: [
              sha256(body.token),
              old.mailId,
              old.sealed,
              fresh.mailId,
              fresh.sealed,
              emailChanged.subject,
              ...hands(request),
            ],
          },
        ]);
        return { changed: redeemed?.rows[0]?.["changed"] === true };
      },
    }),
  ];
}
