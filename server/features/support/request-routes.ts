import { Type } from "@sinclair/typebox";
import { hands, nothing, personRoute, type Route } from "../../http/index.ts";
import { hours, organization, permissions, reason, reference, strict } from "./inputs.ts";

const uuid = Type.String({ format: "uuid" });
const text = Type.Union([Type.String(), Type.Null()]);

/** What an operator does from their own side: ask an organization, see what was granted, give it back. */
export function requestRoutes(): Route[] {
  return [
    personRoute({
      method: "GET",
      path: "/auth/support",
      summary:
        "Whether one belongs to the platform's staff, where one may come in or has asked to, and which emergencies wait",
      answer: Type.Object({
        operator: Type.Boolean(),
        /** Whether this installation lets two of the staff come in without consent at all; told to the staff alone. */
        emergencyAllowed: Type.Boolean(),
        /** What may be asked for at all, and what is unless the request says otherwise; told to the staff alone. */
        lendable: Type.Array(Type.String()),
        lentByDefault: Type.Array(Type.String()),
        grants: Type.Array(
          Type.Object({
            id: uuid,
            organization: Type.String(),
            state: Type.String(),
            permissions: Type.Array(Type.String()),
            reason: Type.String(),
            reference: text,
            askedAt: text,
            until: text,
            emergency: Type.Boolean(),
          }),
        ),
        emergencies: Type.Array(
          Type.Object({
            id: uuid,
            organization: Type.String(),
            operator: Type.String(),
            reason: Type.String(),
            reference: Type.String(),
            askedAt: Type.String(),
          }),
        ),
      }),
      handle: async ({ scope }) => {
        const { rows } = await scope.run({
          text: "select kernel.my_support($1) as mine",
          values: [scope.caller.tokenHash],
        });
        // kernel.my_support builds just this object.
        return rows[0]?.["mine"] as never;
      },
    }),
    personRoute({
      method: "POST",
      path: "/auth/support",
      summary: "Ask an organization to be let in, as one of the platform's staff",
      limit: "send",
      body: Type.Object(
        {
          organization,
          reason,
          hours,
          reference: Type.Optional(reference),
          permissions: Type.Optional(permissions),
        },
        strict,
      ),
      status: 201,
      answer: Type.Object({ id: uuid }),
      handle: async ({ scope, body, request }) => {
        const { rows } = await scope.run({
          text: "select kernel.ask_support($1, $2, $3, $4, $5, $6, $7, $8, $9) as id",
          values: [
            scope.caller.tokenHash,
            body.organization,
            body.permissions ?? null,
            body.hours,
            body.reason.trim(),
            body.reference?.trim() ?? null,
            ...hands(request),
          ],
        });
        return { id: String(rows[0]?.["id"]) };
      },
    }),
    personRoute({
      method: "DELETE",
      path: "/auth/support/:id",
      summary: "Give a grant back before its time, or take a request back",
      answer: nothing,
      status: 204,
      handle: async ({ scope, params, request }) => {
        await scope.run({
          text: "select kernel.leave_support($1, $2, $3, $4, $5)",
          values: [scope.caller.tokenHash, params.id, ...hands(request)],
        });
      },
    }),
  ];
}
