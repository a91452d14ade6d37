import { type Static, Type } from "@sinclair/typebox";
import type { Result } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { type Respond, route, type TenantRoute } from "../../http/index.ts";
import { faultsOfPlace, unknownPlace } from "../identity/index.ts";

const shown = Type.Object({
  id: Type.String({ format: "uuid" }),
  slug: Type.String(),
  name: Type.String(),
  preset: Type.String(),
  region: Type.String(),
  locale: Type.String(),
  timeZone: Type.String(),
  currency: Type.String(),
  demo: Type.Boolean(),
  version: Type.Integer(),
  createdAt: Type.String(),
});

const read = {
  text: `select id, slug, name, preset, region, locale, time_zone as "timeZone", currency, demo, version, created_at as "createdAt"
  from kernel.organization`,
  values: [],
};

const change = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: "\\S" })),
    locale: Type.Optional(Type.String({ maxLength: 35 })),
    timeZone: Type.Optional(Type.String({ maxLength: 64 })),
    currency: Type.Optional(Type.String({ pattern: "^[A-Z]{3}$" })),
  },
  { additionalProperties: false, minProperties: 1 },
);

/** The organization's own settings: what screens, mail and exports follow. */
export function organizationRoutes(): TenantRoute[] {
  return [
    route({
      method: "GET",
      path: "/organization",
      summary: "The organization's name, language, time zone and currency",
      needs: ["organization.read"],
      answer: shown,
      handle: async ({ scope, respond }) => shownOrganization(await scope.run(read), respond),
    }),
    route({
      method: "PATCH",
      path: "/organization",
      summary: "Change the organization's settings; If-Match names the version that you saw",
      needs: ["organization.read", "organization.change"],
      body: change,
      conditions: ["If-Match"],
      answer: shown,
      handle: async ({ scope, body, request, respond }) => {
        const faults = faultsOfPlace(body);
        if (faults.length > 0) {
          throw new Problem("not-valid", {
            errors: faults.map((name) => ({ pointer: `/${name}`, detail: unknownPlace[name] })),
          });
        }
        const wanted = body.name === undefined ? body : { ...body, name: body.name.trim() };
        const [, organization] = await scope.batch([
          {
            text: "select kernel.change_organization($1::jsonb, $2)",
            values: [JSON.stringify(wanted), request.ifMatch()],
          },
          read,
        ]);
        return shownOrganization(organization, respond);
      },
    }),
  ];
}

function shownOrganization(result: Result | undefined, respond: Respond): Static<typeof shown> {
  // The statement names exactly the columns of the schema.
  const [organization] = (result?.rows ?? []) as Static<typeof shown>[];
  if (organization === undefined) throw new Problem("not-found");
  respond.etag(organization.version);
  return organization;
}
