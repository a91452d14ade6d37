import { Type } from "@sinclair/typebox";
import { sha256 } from "../../foundation/ids/index.ts";
import { hands, nothing, personRoute, type Route } from "../../http/index.ts";
import { foundingKey } from "../../kernel/vault/index.ts";
import { deviceCookie, keptToken } from "./first-factor.ts";
import { type IdentityOptions, uuid } from "./inputs.ts";
import { newOrganization, organizationOf } from "./organization.ts";
import { deviceInWords } from "./tokens/device-words.ts";

/** From the rows of kernel.who: the person stands in each, and an organization where there is one. */
function toldOf(rows: readonly Record<string, unknown>[]): object {
  const [first] = rows;
  const organizations = rows
    .filter(({ slug }) => slug !== null)
    .map((row) => ({
      slug: row["slug"],
      name: row["organization"],
      memberId: row["member_id"],
      roles: String(row["roles"]).split(" "),
      permissions: String(row["permissions"]).split(" ").filter(Boolean),
      locale: row["locale"],
      timeZone: row["time_zone"],
      currency: row["currency"],
      demo: row["demo"],
      support: row["support"],
      secondFactorBy: row["second_factor_by"],
    }))
    .toSorted((one, other) => (String(one.name) < String(other.name) ? -1 : 1));
  return { person: { id: first?.["id"], email: first?.["email"], name: first?.["name"] }, organizations };
}

/** The doors of a signed-in person: who one is, own sessions, own organizations, sign-out. */
export function personRoutes({ keys, places }: IdentityOptions): Route[] {
  return [
    personRoute({
      method: "POST",
      path: "/auth/sign-out",
      summary: "End this session",
      answer: nothing,
      status: 204,
      handle: async ({ scope, request, respond }) => {
        // The cookie goes only after the session is dead: a sign-out that failed must not look like one.
        await scope.run({
          text: "select kernel.sign_out($1, $2, $3, $4)",
          values: [scope.caller.tokenHash, ...hands(request)],
        });
        respond.endSession();
      },
    }),
    personRoute({
      method: "GET",
      path: "/auth/me",
      summary: "Who is signed in, and their organizations",
      answer: Type.Object({
        person: Type.Object({ id: uuid, email: Type.String(), name: Type.String() }),
        organizations: Type.Array(
          Type.Object({
            slug: Type.String(),
            name: Type.String(),
            memberId: uuid,
            roles: Type.Array(Type.String()),
            permissions: Type.Array(Type.String()),
            locale: Type.String(),
            timeZone: Type.String(),
            currency: Type.String(),
            demo: Type.Boolean(),
            /** Set where one is by a support grant: what the banner says. */
            support: Type.Union([
              Type.Object({
                grant: uuid,
                until: Type.String(),
                reason: Type.String(),
                emergency: Type.Boolean(),
              }),
              Type.Null(),
            ]),
            /** From when on this session comes in by a second factor only, which it was not opened with; null where none is asked. */
            secondFactorBy: Type.Union([Type.String(), Type.Null()]),
          }),
        ),
      }),
      handle: async ({ scope }) => {
        const { rows } = await scope.run({
          text: "select * from kernel.who($1)",
          values: [scope.caller.tokenHash],
        });
        return toldOf(rows) as never;
      },
    }),
    personRoute({
      method: "POST",
      path: "/auth/organizations",
      summary: "Open another organization, with oneself as its owner",
      body: newOrganization,
      limit: "sign-in",
      answer: Type.Object({ organization: Type.String() }),
      status: 201,
      handle: async ({ scope, body }) => {
        const organization = organizationOf(body);
        await scope.run({
          text: "select kernel.open_organization($1, $2::jsonb)",
          values: [scope.caller.tokenHash, JSON.stringify({ ...organization, ...(await foundingKey(keys)) })],
        });
        return { organization: String(organization["slug"]) };
      },
    }),
    personRoute({
      method: "DELETE",
      path: "/auth/organizations/:organization",
      summary: "Leave an organization, with one's keys and open invitations there; its last owner stays",
      answer: nothing,
      status: 204,
      handle: async ({ scope, params, request }) => {
        await scope.run({
          text: "select kernel.leave_organization($1, $2, $3, $4, $5)",
          values: [scope.caller.tokenHash, params.organization, ...hands(request)],
        });
      },
    }),
    personRoute({
      method: "GET",
      path: "/auth/sessions",
      summary: "Every device that is signed in as oneself",
      answer: Type.Object({
        items: Type.Array(
          Type.Object({
            id: uuid,
            device: Type.Union([Type.String(), Type.Null()]),
            ip: Type.Union([Type.String(), Type.Null()]),
            place: Type.Union([Type.String(), Type.Null()]),
            createdAt: Type.String(),
            lastSeenAt: Type.Union([Type.String(), Type.Null()]),
            current: Type.Boolean(),
            programs: Type.Integer({ description: "How many programs hold tokens of this session." }),
          }),
        ),
      }),
      handle: async ({ scope }) => {
        const { rows } = await scope.run({
          text: `select id, device, host(ip) as ip, created_at as "createdAt", last_seen_at as "lastSeenAt", this_one as current, programs from kernel.sessions($1)`,
          values: [scope.caller.tokenHash],
        });
        const items = rows.map((row) => ({
          ...row,
          device: typeof row["device"] === "string" ? deviceInWords(row["device"]) : null,
          place: typeof row["ip"] === "string" ? places.of(row["ip"]) : null,
        }));
        return { items: items as never };
      },
    }),
    personRoute({
      method: "DELETE",
      path: "/auth/sessions/:id",
      summary: "End one of one's own sessions; when this has answered, nothing of it answers any more",
      answer: nothing,
      status: 204,
      handle: async ({ scope, params, request }) => {
        await scope.run({
          text: "select kernel.end_session($1, $2, $3, $4, $5)",
          values: [scope.caller.tokenHash, params.id, ...hands(request)],
        });
      },
    }),
    personRoute({
      method: "DELETE",
      path: "/auth/sessions",
      summary:
        "End all of one's own sessions but this one, with all=true this one too; no other browser is known as one's own any more",
      query: Type.Object({ all: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
      answer: Type.Object({ ended: Type.Integer() }),
      handle: async ({ scope, query, request, respond }) => {
        const device = keptToken(request, deviceCookie);
        const values = [scope.caller.tokenHash, ...hands(request)];
        const others = {
          text: "select kernel.end_session($1, null, $2, $3, $4, $5) as ended",
          values: [...values, device === null ? null : sha256(device)],
        };
        const own = { text: "select kernel.sign_out($1, $2, $3, $4)", values };
        const [found] = await scope.batch(query.all === true ? [others, own] : [others]);
        const ended = Number(found?.rows[0]?.["ended"]);
        if (query.all !== true) return { ended };
        respond.endSession();
        return { ended: ended + 1 };
      },
    }),
  ];
}
