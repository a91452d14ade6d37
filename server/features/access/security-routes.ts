import { type Static, Type } from "@sinclair/typebox";
import type { Statement } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { route, type TenantRoute } from "../../http/index.ts";
import { strict, uuid } from "./key-fields.ts";
import { canonicalNetworks, networksField } from "./networks.ts";

const seconds = Type.Union([Type.Integer({ minimum: 300, maximum: 2_592_000 }), Type.Null()]);
const bindings = ["none", "network", "address"] as const;
const bound = Type.Unsafe<(typeof bindings)[number]>({ type: "string", enum: [...bindings] });
/** Roles whose members need a second factor; `*` alone means everybody, null nobody. */
const mfaRoles = Type.Union([
  Type.Array(Type.String({ pattern: "^(\\*|[a-z][a-z0-9_-]{0,40})$" }), {
    minItems: 1,
    maxItems: 50,
    uniqueItems: true,
  }),
  Type.Null(),
]);
const mfaGraceDays = Type.Integer({ minimum: 0, maximum: 90 });
const ways = ["link", "password"] as const;
/** Ways to sign in whose sessions are not taken. */
const closedWays = Type.Array(Type.Unsafe<(typeof ways)[number]>({ type: "string", enum: [...ways] }), {
  maxItems: ways.length,
  uniqueItems: true,
});

/** Whether a browser on which a member had the second factor remembered stands in for it, for 30 days at most. */
const rememberedDevices = Type.Boolean();

const rules = {
  mfaGraceDays,
  mfaRoles,
  networks: Type.Union([Type.Array(Type.String()), Type.Null()]),
  sessionIdleSeconds: seconds,
  sessionMaxSeconds: seconds,
  sessionBound: bound,
  closedWays,
  rememberedDevices,
};

const policy = Type.Object({
  ...rules,
  /** From when on roles are asked for a second factor; the days of grace count from then, or from joining. */
  mfaFrom: Type.String(),
  /** Changed under single sign-on; shown here because it decides too. */
  ssoEnforced: Type.Boolean(),
  version: Type.Integer(),
});
type Policy = Static<typeof policy>;

const change = Type.Object(
  {
    mfaGraceDays: Type.Optional(mfaGraceDays),
    mfaRoles: Type.Optional(mfaRoles),
    networks: Type.Optional(networksField),
    sessionIdleSeconds: Type.Optional(seconds),
    sessionMaxSeconds: Type.Optional(seconds),
    sessionBound: Type.Optional(bound),
    closedWays: Type.Optional(closedWays),
    rememberedDevices: Type.Optional(rememberedDevices),
  },
  { ...strict, minProperties: 1 },
);

const read: Statement = {
  text: `select mfa_roles as "mfaRoles", mfa_from as "mfaFrom", mfa_grace_days as "mfaGraceDays", networks,
  session_idle_seconds as "sessionIdleSeconds", session_max_seconds as "sessionMaxSeconds", session_bound as "sessionBound",
  closed_ways as "closedWays", remembered_devices as "rememberedDevices", sso_enforced as "ssoEnforced", version from kernel.security`,
  values: [],
};

const named = { id: uuid, name: Type.String(), email: Type.String() };
const people = Type.Object({ count: Type.Integer(), people: Type.Array(Type.Object(named)) });
const preview = Type.Object({
  /** All rules as they would be then. */
  wouldBe: Type.Object(rules),
  /** Who is asked for a second factor and has none, and from when on that keeps them out. */
  withoutSecondFactor: Type.Object({
    count: Type.Integer(),
    people: Type.Array(Type.Object({ ...named, outFrom: Type.String() })),
  }),
  /** Who could then come in by no way: passwords and links closed, no passkey, never by single sign-on. */
  withoutWay: people,
  /** Whose session was last seen at an address that would not do. */
  outsideNetworks: people,
  keysOutsideNetworks: Type.Object({
    count: Type.Integer(),
    keys: Type.Array(
      Type.Object({
        id: uuid,
        name: Type.Union([Type.String(), Type.Null()]),
        hint: Type.Union([Type.String(), Type.Null()]),
      }),
    ),
  }),
  /** Sessions that would be refused here from then on, and whose they are. */
  endingSessions: people,
  /** Why the change would be refused to whoever asks now; null when it would not. */
  locksYouOut: Type.Union([Type.String(), Type.Null()]),
});

/** What the organization asks of whoever comes in. Each change holds from everybody's next request on. */
export function securityRoutes(): TenantRoute[] {
  return [readPolicy, previewPolicy, changePolicy];
}

const readPolicy = route({
  method: "GET",
  path: "/security",
  summary: "What the organization asks of whoever comes in",
  needs: ["security.read"],
  answer: policy,
  handle: async ({ scope, respond }) => shown((await scope.run(read)).rows, respond),
});

const previewPolicy = route({
  method: "POST",
  path: "/security/preview",
  summary: "What a change of these rules would do, and to whom, without making it",
  needs: ["security.read", "member.read"],
  body: change,
  answer: preview,
  handle: async ({ scope, body }) => {
    const { rows } = await scope.run({
      text: "select kernel.preview_security($1::jsonb) as told",
      values: [JSON.stringify(canonical(body))],
    });
    // kernel.preview_security builds just this object; the answer's schema drops anything else.
    return rows[0]?.["told"] as Static<typeof preview>;
  },
});

const changePolicy = route({
  method: "PATCH",
  path: "/security",
  summary:
    "Change what the organization asks of whoever comes in; refused when it would lock out whoever changes it",
  needs: ["security.read", "security.change"],
  body: change,
  conditions: ["If-Match"],
  answer: policy,
  handle: async ({ scope, body, request, respond }) => {
    const [, found] = await scope.batch([
      {
        text: "select kernel.change_security($1::jsonb, $2)",
        values: [JSON.stringify(canonical(body)), request.ifMatch()],
      },
      read,
    ]);
    return shown(found?.rows ?? [], respond);
  },
});

function canonical(body: Static<typeof change>): Static<typeof change> {
  const { networks, ...rest } = body;
  if (networks === undefined) return rest;
  return { ...rest, networks: networks === null ? null : canonicalNetworks(networks) };
}

function shown(rows: readonly Record<string, unknown>[], respond: { etag(version: number): void }): Policy {
  // The statement names exactly the columns of the schema.
  const [found] = rows as Policy[];
  if (found === undefined) throw new Problem("not-found");
  respond.etag(found.version);
  return found;
}
