import { Type } from "@sinclair/typebox";
import { newToken, sha256 } from "../../../foundation/ids/index.ts";
import { hands, nothing, openRoute, personRoute, type Route } from "../../../http/index.ts";
import { deviceOf, rememberDevice, signInAnswer, welcome } from "../first-factor.ts";
import { type IdentityOptions, uuid } from "../inputs.ts";
import { deviceInWords } from "../tokens/device-words.ts";
import { nothingWaits } from "./factor-ground.ts";
import { rememberedHash } from "./remembered.ts";
import { openBecause, stepHashOf } from "./step.ts";

/** Browsers that stand in for a second factor: their way in, and their person's list of them. */
export function rememberedRoutes({ auth }: IdentityOptions): Route[] {
  return [
    openRoute({
      method: "POST",
      path: "/auth/second-factor/remembered",
      openBecause,
      summary: "Finish a sign-in in a browser that stands in for the second factor",
      limit: "sign-in",
      answer: signInAnswer,
      handle: async ({ request, respond }) => {
        const [token, device] = [newToken(), deviceOf(request)];
        const [judged] = await auth.batch([
          {
            text: "select kernel.pass_remembered($1, $2, $3, $4, $5, $6) as passed",
            values: [stepHashOf(request), rememberedHash(request), sha256(token), ...hands(request)],
          },
          rememberDevice(token, device),
        ]);
        const passed = judged?.rows[0]?.["passed"] ?? null;
        if (passed === null) throw nothingWaits();
        if (passed !== true) return { signedIn: false, next: "second-factor" as const };
        welcome(respond, token, device);
        return { signedIn: true, next: null };
      },
    }),
    personRoute({
      method: "GET",
      path: "/auth/remembered-devices",
      summary: "Browsers that stand in for one's second factor",
      answer: Type.Object({
        items: Type.Array(
          Type.Object({
            id: uuid,
            device: Type.String(),
            createdAt: Type.String(),
            expiresAt: Type.String(),
            lastUsedAt: Type.Union([Type.String(), Type.Null()]),
            current: Type.Boolean(),
          }),
        ),
      }),
      handle: async ({ scope, request }) => {
        const { rows } = await scope.run({
          text: `select id, device, created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt", this_one as current from kernel.remembered_devices($1, $2)`,
          values: [scope.caller.tokenHash, rememberedHash(request)],
        });
        return {
          items: rows.map((row) => ({ ...row, device: deviceInWords(String(row["device"])) })) as never,
        };
      },
    }),
    personRoute({
      method: "DELETE",
      path: "/auth/remembered-devices/:id",
      summary: "Have a browser stand in for one's second factor no longer",
      answer: nothing,
      status: 204,
      handle: async ({ scope, params, request }) => {
        await scope.run({
          text: "select kernel.forget_device($1, $2, $3, $4, $5)",
          values: [scope.caller.tokenHash, params.id, ...hands(request)],
        });
      },
    }),
  ];
}
