import { Type } from "@sinclair/typebox";
import { Problem } from "../../foundation/problem/index.ts";
import { hands, personRoute, type Route } from "../../http/index.ts";
import { type IdentityOptions, passwordField, strict } from "./inputs.ts";
import { passwordChanged } from "./link-letters.ts";
import { contextFrom, derivedBy, keptPassword } from "./password-proof.ts";
import { sealedLetter } from "./person-mail.ts";
import { refuseTooManyTries } from "./tries.ts";

/** Changing one's own password. */
export function passwordRoutes({ hashing, breached, personVault }: IdentityOptions): Route[] {
  return [
    personRoute({
      method: "POST",
      path: "/auth/password",
      summary:
        "Change one's password, which the current one proves; other sessions end unless told otherwise",
      limit: "sign-in",
      body: Type.Object(
        {
          current: Type.Optional(passwordField),
          password: passwordField,
          endOthers: Type.Optional(Type.Boolean()),
        },
        strict,
      ),
      answer: Type.Object({ ended: Type.Integer() }),
      handle: async ({ scope, body, request }) => {
        const { tokenHash } = scope.caller;
        const { rows } = await scope.run({
          text: "select kernel.own_password($1) as own",
          values: [tokenHash],
        });
        const own = rows[0]?.["own"];
        const source = { name: request.network, known: true };
        const kept = await keptPassword(body.password, {
          ...contextFrom(own),
          config: hashing,
          breached,
          pointer: "/password",
          source,
        });
        const derived = await derivedBy(own, body.current ?? "", source);
        const { mailId, sealed } = sealedLetter(personVault, passwordChanged.letter);
        const changed = await scope.run({
          text: "select kernel.change_password($1, $2, $3::jsonb, $4, $5, $6, $7, $8, $9, $10, $11) as done",
          values: [
            tokenHash,
            derived,
            JSON.stringify(kept.recipe),
            kept.verifier,
            body.endOthers ?? true,
            mailId,
            passwordChanged.subject,
            sealed,
            ...hands(request),
          ],
        });
        const done = changed.rows[0]?.["done"];
        refuseTooManyTries(done, false);
        if (!isDone(done)) {
          throw new Problem("not-valid", {
            errors: [{ pointer: "/current", detail: "This is not your current password." }],
          });
        }
        return { ended: done.ended };
      },
    }),
  ];
}

function isDone(value: unknown): value is { readonly ended: number } {
  return typeof value === "object" && value !== null && "ended" in value;
}
