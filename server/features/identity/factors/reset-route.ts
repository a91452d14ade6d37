import { nothing, route, type Route } from "../../../http/index.ts";
import type { IdentityOptions } from "../inputs.ts";
import { factorLetters } from "./letters.ts";

/** For a member who has lost every factor, by those who may change members. */
export function resetRoute(options: IdentityOptions): Route {
  return route({
    method: "POST",
    path: "/members/:id/reset-factors",
    summary:
      "Take the second factor away from a member who has lost it, and who belongs to this organization alone",
    needs: ["member.change"],
    answer: nothing,
    status: 204,
    handle: async ({ scope, params, request }) => {
      const letters = factorLetters(options, request, {
        "factors-reset":
          "An administrator of your organization has taken away your second factor, your backup codes and your sessions. Sign in with your password, and add a second factor again.",
      });
      await scope.run({ text: "select kernel.reset_factors($1, $2::jsonb)", values: [params.id, letters] });
    },
  });
}
