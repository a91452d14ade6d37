import { Type } from "@sinclair/typebox";
import { DatabaseError } from "../../foundation/database/index.ts";
import { sha256 } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { nothing, route, type TenantRoute } from "../../http/index.ts";
import { browserOf } from "./begin.ts";
import { demandKind, freshToken, readOne } from "./connection-routes.ts";
import { type SsoOptions, strict, uuid, when } from "./inputs.ts";
import { connectionIn } from "./shown-connection.ts";
import type { SsoKinds } from "./sign-in-routes.ts";
import { ssoClient } from "./sso-client.ts";
import { reasonOf } from "./sso-refusal.ts";

const id = Type.Object({ id: uuid });

/** What is done with a connection: switched on and off, tried out, ended; who came by it. */
export function connectionActs(options: SsoOptions, kinds: SsoKinds): TenantRoute[] {
  return [
    switching("enable", "enabled", "Let people in by this identity provider"),
    switching("disable", "disabled", "Let nobody in by it any more; the sessions that it opened end at once"),
    endRoute,
    testRoute(options, kinds),
    peopleRoute,
    unlinkRoute,
  ];
}

function switching(act: "enable" | "disable", state: string, summary: string): TenantRoute {
  return route({
    method: "POST",
    path: `/sso-connections/:id/${act}`,
    summary,
    params: id,
    needs: ["security.change"],
    answer: nothing,
    status: 204,
    handle: async ({ scope, params }) => {
      // It may end the very session that asks: nothing comes after it.
      await scope.run({ text: "select kernel.set_sso_state($1, $2, null)", values: [params.id, state] });
    },
  });
}

const endRoute = route({
  method: "POST",
  path: "/sso-connections/:id/end",
  summary: "End a connection for good, and where that is wanted the memberships that it made",
  params: id,
  needs: ["security.change", "member.change"],
  body: Type.Object({ offBoard: Type.Boolean() }, strict),
  answer: Type.Object({ offBoarded: Type.Integer() }),
  handle: async ({ scope, params, body }) => {
    let offBoarded = 0;
    for (let more = true; more;) {
      const { rows } = await scope.run({
        text: "select off_boarded, more from kernel.end_sso_connection($1, $2)",
        values: [params.id, body.offBoard],
      });
      offBoarded += Number(rows[0]?.["off_boarded"]);
      more = rows[0]?.["more"] === true;
    }
    return { offBoarded };
  },
});

function testRoute(options: SsoOptions, kinds: SsoKinds): TenantRoute {
  return route({
    method: "POST",
    path: "/sso-connections/:id/test",
    summary: "Try a connection out oneself: where to go, in this browser; it opens no session",
    params: id,
    needs: ["security.read", "security.change"],
    answer: Type.Object({ location: Type.String() }),
    handle: async ({ scope, params, request, respond }) => {
      // First, so that nobody is asked about another organization's connection.
      connectionIn(await scope.run(readOne(params.id)), options.publicUrl());
      const [browser, state] = [browserOf(request, respond), freshToken()];
      const { url, wanted, payload } = await departure(options, kinds, params.id, browser, state.token);
      await scope.run({
        text: "select kernel.sso_begin_test($1, $2, $3, $4, $5::jsonb, 600)",
        values: [params.id, wanted, state.digest, sha256(browser), JSON.stringify(payload)],
      });
      return { location: url };
    },
  });
}

async function departure(
  { auth }: SsoOptions,
  kinds: SsoKinds,
  connection: string,
  browser: string,
  state: string,
) {
  const client = await ssoClient(auth, connection);
  if (client === null) throw new Problem("not-found");
  const kind = kinds[client.kind];
  demandKind(kind !== undefined);
  try {
    return { wanted: kind.wanted, ...(await kind.depart({ client, browser, state, fresh: true })) };
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    throw new Problem("wrong-state", {
      detail: `The provider did not answer as it should: ${reasonOf(error)}.`,
      cause: error,
    });
  }
}

const peopleRoute = route({
  method: "GET",
  path: "/sso-connections/:id/people",
  summary: "Who came by this identity provider",
  params: id,
  needs: ["security.read"],
  answer: Type.Object({
    items: Type.Array(
      Type.Object({
        memberId: uuid,
        name: Type.String(),
        email: Type.String(),
        asserted: when,
        subject: Type.String(),
        provisioned: Type.Boolean(),
        signedInAt: Type.String(),
      }),
    ),
  }),
  handle: async ({ scope, params }) => {
    const { rows } = await scope.run({ text: "select kernel.sso_people($1) as items", values: [params.id] });
    return { items: rows[0]?.["items"] as never };
  },
});

const unlinkRoute = route({
  method: "DELETE",
  path: "/sso-connections/:id/people/:memberId",
  summary: "Forget which account at the provider a member has, so that another can take its place",
  params: Type.Object({ id: uuid, memberId: uuid }),
  needs: ["security.change"],
  answer: nothing,
  status: 204,
  handle: async ({ scope, params }) => {
    await scope.run({
      text: "select kernel.unlink_sso_person($1, $2)",
      values: [params.id, params.memberId],
    });
  },
});
