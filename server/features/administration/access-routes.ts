import { type Static, Type } from "@sinclair/typebox";
import type { ProblemKey } from "../../../contract/problem.ts";
import type { Result } from "../../foundation/database/index.ts";
import { route, type TenantRoute } from "../../http/index.ts";

const uuid = Type.String({ format: "uuid" });
const text = Type.Union([Type.String(), Type.Null()]);
const may = Type.Unsafe<"all" | "own" | "no">({ type: "string", enum: ["all", "own", "no"] });
const permissionKey = Type.String({ pattern: "^[a-z_]+\\.[a-z_]+$" });

const held = Type.Object({
  permission: Type.String(),
  /** `own`: for records of one's own only. */
  may,
  /** The roles that give it. */
  roles: Type.Array(Type.String()),
  /** Whether a session must have been proven within the last ten minutes to use it. */
  dangerous: Type.Boolean(),
});
type Held = Static<typeof held>;

const way = Type.Object({
  kind: Type.String(),
  name: text,
  keyId: Type.Union([uuid, Type.Null()]),
  lastSeenAt: text,
  /** What a key may do at most, whatever its owner may; null for no such limit. */
  ceiling: Type.Union([Type.Array(Type.String()), Type.Null()]),
  may,
  /** The problem that a request would be answered with; null when it may. */
  problem: text,
});

/** What members can do, and why: the answers are made by the functions that judge requests. */
export function accessRoutes(): TenantRoute[] {
  return [ownAccess, memberAccess, explainAccess];
}

const ownAccess = route({
  method: "GET",
  path: "/access",
  summary: "What you can do here, and which of your roles give it",
  needs: ["role.read"],
  answer: Type.Object({ items: Type.Array(held) }),
  handle: async ({ scope }) =>
    listed(await scope.run({ text: `${heldText}(kernel.bound_member())`, values: [] })),
});

const memberAccess = route({
  method: "GET",
  path: "/members/:id/access",
  summary: "What a member can do, and which of their roles give it",
  needs: ["role.read", "member.read", "security.read"],
  answer: Type.Object({ items: Type.Array(held) }),
  handle: async ({ scope, params }) =>
    listed(await scope.run({ text: `${heldText}($1)`, values: [params.id] })),
});

const explainAccess = route({
  method: "GET",
  path: "/access/explain",
  summary:
    "Whether a member can do one thing, by each of their sessions and keys, and what keeps them from it",
  needs: ["role.read", "member.read", "security.read"],
  query: Type.Object({
    member: uuid,
    permission: permissionKey,
    /** As if asked from this address; otherwise from where each was seen last. */
    ip: Type.Optional(Type.String({ pattern: "^[0-9a-fA-F.:]{2,45}$" })),
  }),
  answer: Type.Composite([held, Type.Object({ ways: Type.Array(way) })]),
  handle: async ({ scope, query }) => {
    const { rows } = await scope.run({
      text: "select kernel.explain_access($1, $2, $3) as explained",
      values: [query.member, query.permission, query.ip ?? null],
    });
    // kernel.explain_access builds just this object.
    const explained = rows[0]?.["explained"] as Held & { readonly ways: readonly JudgedWay[] };
    return { ...explained, ways: explained.ways.map(shownWay) };
  },
});

const heldText = "select permission, may, roles, dangerous from kernel.access_of";

function listed({ rows }: Result): { items: Held[] } {
  // The statement names exactly the columns of the schema.
  return { items: rows as Held[] };
}

type JudgedWay = Omit<Static<typeof way>, "may" | "problem"> & { readonly verdict: string };

/** The words of the kernel's verdicts are those with which enter refuses. */
const problemOf: Readonly<Record<string, ProblemKey>> = {
  "no such organization": "not-found",
  "not allowed": "not-allowed",
  "second factor needed": "second-factor-needed",
  "fresh proof needed": "fresh-proof-needed",
  "single sign-on needed": "single-sign-on-needed",
  "address not allowed": "address-not-allowed",
  "sign in again": "sign-in-again",
  "another way needed": "another-way-needed",
};

function shownWay({ verdict, ...rest }: JudgedWay): Static<typeof way> {
  if (verdict === "all" || verdict === "own") return { ...rest, may: verdict, problem: null };
  return { ...rest, may: "no", problem: problemOf[verdict] ?? "not-allowed" };
}
