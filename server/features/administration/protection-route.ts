import { Type } from "@sinclair/typebox";
import { route, type TenantRoute } from "../../http/index.ts";

/** When this server last compared the database with its declarations, and found no difference. */
export interface ProtectionOptions {
  readonly provenAt: Date;
}

/** What the console's shield shows of the ground that an organization stands on. */
export function protectionRoute({ provenAt }: ProtectionOptions): TenantRoute {
  return route({
    method: "GET",
    path: "/protection",
    summary: "When tables, policies, grants and functions were last proven to be as declared",
    needs: ["organization.read"],
    answer: Type.Object({ provenAt: Type.String({ format: "date-time" }) }),
    handle: async ({ scope }) => {
      await scope.run({ text: "select 1", values: [] });
      return { provenAt: provenAt.toISOString() };
    },
  });
}
