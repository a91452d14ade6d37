import { Type } from "@sinclair/typebox";
import { nothing, route, type TenantRoute } from "../../http/index.ts";
import { strict, uuid, when } from "./inputs.ts";

const shownEnforcement = Type.Object({
  enforced: Type.Boolean(),
  breakGlass: Type.Array(
    Type.Object({ memberId: uuid, name: Type.String(), email: Type.String(), secondFactor: Type.Boolean() }),
  ),
  /** What single sign-on does not close. */
  keys: Type.Array(Type.Object({ id: uuid, name: when, hint: when, owner: Type.String() })),
});

/** Whether members must come by single sign-on, and who gets in on the day on which it is down. */
export function enforcementRoutes(): TenantRoute[] {
  return [
    route({
      method: "GET",
      path: "/sso-enforcement",
      summary: "Whether single sign-on is demanded, who gets in without it, and which API keys stay",
      needs: ["security.read"],
      answer: shownEnforcement,
      handle: async ({ scope }) => {
        const { rows } = await scope.run({ text: "select kernel.sso_enforcement() as shown", values: [] });
        return rows[0]?.["shown"] as never;
      },
    }),
    route({
      method: "PUT",
      path: "/sso-enforcement",
      summary:
        "Demand single sign-on of everybody, after having tried it out; every other session loses access at once",
      needs: ["security.change"],
      body: Type.Object({ enforced: Type.Boolean() }, strict),
      answer: nothing,
      status: 204,
      handle: async ({ scope, body }) => {
        await scope.run({ text: "select kernel.enforce_sso($1)", values: [body.enforced] });
      },
    }),
    route({
      method: "PUT",
      path: "/members/:id/break-glass",
      summary: "Let an owner with a second factor in without single sign-on, or no longer",
      needs: ["security.change"],
      body: Type.Object({ breakGlass: Type.Boolean() }, strict),
      answer: nothing,
      status: 204,
      handle: async ({ scope, params, body }) => {
        await scope.run({
          text: "select kernel.set_break_glass($1, $2)",
          values: [params.id, body.breakGlass],
        });
      },
    }),
  ];
}
