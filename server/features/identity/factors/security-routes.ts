import { Type } from "@sinclair/typebox";
import { hands, nothing, personRoute, type Route } from "../../../http/index.ts";
import { type IdentityOptions, strict, uuid } from "../inputs.ts";
import { newBackupCodes } from "./backup-codes.ts";
import { factorLetters } from "./letters.ts";
import { factorName } from "./totp-routes.ts";

/** What protects one's own account: to see it, to name and remove factors, to make new backup codes. */
export function securityRoutes(options: IdentityOptions): Route[] {
  return [
    personRoute({
      method: "GET",
      path: "/auth/security",
      summary: "What protects one's own account",
      answer: Type.Object({
        password: Type.Object({ set: Type.Boolean(), changedAt: Type.Optional(Type.String()) }),
        factors: Type.Array(
          Type.Object({
            id: uuid,
            kind: Type.Union([Type.Literal("totp"), Type.Literal("passkey")]),
            name: Type.String(),
            createdAt: Type.String(),
            lastUsedAt: Type.Union([Type.String(), Type.Null()]),
          }),
        ),
        backupCodesLeft: Type.Integer(),
        /** How long dangerous acts are open to this session without another proof. */
        freshSeconds: Type.Integer(),
        /** A remembered browser opened this session: a password does not prove anew who holds it. */
        remembered: Type.Optional(Type.Boolean()),
      }),
      handle: async ({ scope }) => {
        const { rows } = await scope.run({
          text: "select kernel.own_security($1) as security",
          values: [scope.caller.tokenHash],
        });
        // kernel.own_security builds just this object; the answer schema drops anything else.
        return rows[0]?.["security"] as never;
      },
    }),
    personRoute({
      method: "POST",
      path: "/auth/backup-codes",
      summary: "Make ten new backup codes; the old ones are good for nothing any more",
      answer: Type.Object({ codes: Type.Array(Type.String()) }),
      handle: async ({ scope, request }) => {
        const { shown, hashes } = newBackupCodes();
        const letters = factorLetters(options, request, {
          "backup-codes-renewed":
            "Ten new backup codes were made for your account. The old ones are good for nothing any more.",
        });
        await scope.run({
          text: "select kernel.renew_backup_codes($1, $2, $3::jsonb, $4, $5, $6)",
          values: [scope.caller.tokenHash, hashes, letters, ...hands(request)],
        });
        return { codes: [...shown] };
      },
    }),
    personRoute({
      method: "PATCH",
      path: "/auth/factors/:id",
      summary: "Name a factor",
      body: Type.Object({ name: factorName }, strict),
      answer: nothing,
      status: 204,
      handle: async ({ scope, params, body, request }) => {
        await scope.run({
          text: "select kernel.rename_factor($1, $2, $3, $4, $5, $6)",
          values: [scope.caller.tokenHash, params.id, body.name.trim(), ...hands(request)],
        });
      },
    }),
    personRoute({
      method: "DELETE",
      path: "/auth/factors/:id",
      summary: "Remove a factor; with the last one every other session ends",
      answer: nothing,
      status: 204,
      handle: async ({ scope, params, request }) => {
        const letters = factorLetters(options, request, {
          "factor-removed": "A second factor was removed from your account.",
        });
        await scope.run({
          text: "select kernel.remove_factor($1, $2, $3::jsonb, $4, $5, $6)",
          values: [scope.caller.tokenHash, params.id, letters, ...hands(request)],
        });
      },
    }),
  ];
}
