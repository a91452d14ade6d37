import { type Static, Type } from "@sinclair/typebox";
import { nothing, personRoute, type Route, route } from "../../http/index.ts";
import { hands, organization, reason, reference, strict } from "./inputs.ts";

const uuid = Type.String({ format: "uuid" });
const told = {
  /** Nobody comes in without the organization's consent, whatever happens. */
  emergencyRefused: Type.Boolean(),
  /** Whether two operators could let one of them in now: the installation allows it and the organization does not refuse it. */
  emergencyPossible: Type.Boolean(),
};
const policy = Type.Object({
  ...told,
  /** What a grant may name at all. */
  lendable: Type.Array(Type.String()),
  /** What it names unless it says otherwise. */
  lentByDefault: Type.Array(Type.String()),
});

/**
 * Coming in without the organization's consent: to read, for an hour, when two of the platform's staff say so. Off unless the
 * installation allows it; the organization may refuse it for good.
 */
export function emergencyRoutes(): Route[] {
  return [
    personRoute({
      method: "POST",
      path: "/auth/support/emergencies",
      summary: "Ask, as one of the platform's staff, to come in without consent; the owners are told at once",
      limit: "send",
      body: Type.Object({ organization, reason, reference }, strict),
      status: 201,
      answer: Type.Object({ id: uuid }),
      handle: async ({ scope, body, request }) => {
        const { rows } = await scope.run({
          text: "select kernel.ask_emergency($1, $2, $3, $4, $5, $6, $7) as id",
          values: [
            scope.caller.tokenHash,
            body.organization,
            body.reason.trim(),
            body.reference.trim(),
            ...hands(request),
          ],
        });
        return { id: String(rows[0]?.["id"]) };
      },
    }),
    personRoute({
      method: "POST",
      path: "/auth/support/emergencies/:id/confirm",
      summary: "Confirm an emergency that another operator has asked for; good once, within half an hour",
      limit: "send",
      answer: nothing,
      status: 204,
      handle: async ({ scope, params, request }) => {
        await scope.run({
          text: "select kernel.confirm_emergency($1, $2, $3, $4, $5)",
          values: [scope.caller.tokenHash, params.id, ...hands(request)],
        });
      },
    }),
    route({
      method: "GET",
      path: "/support-policy",
      summary:
        "Whether the platform's staff could come in without the organization's consent, and what a grant may name",
      needs: ["support.read"],
      answer: policy,
      handle: async ({ scope }) => policyOf(await scope.run(readPolicy)),
    }),
    route({
      method: "PATCH",
      path: "/support-policy",
      summary: "Refuse emergency access for good, or take that back; what is live or waits ends",
      needs: ["support.read", "support.grant"],
      body: Type.Object({ emergencyRefused: Type.Boolean() }, strict),
      answer: Type.Object(told),
      handle: async ({ scope, body }) => {
        const [, found] = await scope.batch([
          { text: "select kernel.refuse_emergency($1)", values: [body.emergencyRefused] },
          readPolicy,
        ]);
        return policyOf(found);
      },
    }),
  ];
}

const readPolicy = { text: "select kernel.support_policy() as policy", values: [] };

function policyOf(
  result: { readonly rows: readonly Record<string, unknown>[] } | undefined,
): Static<typeof policy> {
  // kernel.support_policy builds just this object.
  return result?.rows[0]?.["policy"] as Static<typeof policy>;
}
