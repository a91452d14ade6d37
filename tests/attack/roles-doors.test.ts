import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import type { Route } from "../../server/http/index.ts";
import type { Answer, Client } from "../client.ts";
import { declaredRoutes } from "../declared-routes.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";
import { requestFor } from "./door-requests.ts";

// Every door against roles of an organization's own and against the platform's staff. Nothing here names a door.

const doors = declaredRoutes().filter((route) => route.kind === "tenant");
const needed = [...new Set(doors.flatMap(({ needs }) => [...needs]))].toSorted();
const readable = needed.filter((need) => need.endsWith(".read"));
const lent = needed.filter((need) =>
  /^(account|contact|import|own_field|organization|member|role)\.read$/.test(need),
);

/** What each holds. The last two need no thought: whatever stands at even and odd places of the alphabet. */
const roles: Readonly<Record<string, readonly string[]>> = {
  "reads everything": readable,
  "writes without reading": needed.filter((need) => !need.endsWith(".read")),
  "changes its own": [
    "contact.read",
    "contact.change:own",
    "contact.archive:own",
    "own_field.read",
    "account.change:own",
  ],
  "one permission": ["audit.read"],
  even: needed.filter((_, index) => index % 2 === 0),
  odd: needed.filter((_, index) => index % 2 === 1),
};

let server: TestServer;
const people = new Map<string, Client>();

beforeAll(async () => {
  server = await testServer();
  const acme = await server.organization("acme");
  const known = (await acme.browser.get("/o/acme/v1/roles")).json.permissions;
  const composable = (permission: string): boolean =>
    known.some(
      (each: { key: string; composable: boolean }) =>
        each.key === permission.replace(/:own$/, "") && each.composable,
    );
  for (const [label, permissions] of Object.entries(roles)) {
    const made = await acme.browser.post("/o/acme/v1/roles", {
      label,
      permissions: permissions.filter(composable),
    });
    expect([label, made.status]).toEqual([label, 201]);
    const person = await server.person(acme, "viewer");
    await acme.browser.patch(`/o/acme/v1/members/${person.memberId}`, { roles: [made.json.name] });
    people.set(label, person.browser);
  }
  const staff = await server.person(await server.organization("platform"), "owner");
  await (await server.database.connectAs("ops")).query("select kernel.add_operator($1)", [staff.email]);
  await (
    await server.database.connectAsSuperuser()
  ).query("update kernel.credential set second_factor_at = now() where digest = $1", [
    sha256(sha256(staff.token)),
  ]);
  const grant = { operator: staff.email, reason: "To look around", hours: 1 };
  expect((await acme.browser.post("/o/acme/v1/support-grants", grant)).status).toBe(201);
  people.set("the platform's staff", staff.browser);
}, 60_000);
afterAll(() => server.stop());

const cells = Object.entries({ ...roles, "the platform's staff": lent }).flatMap(([who, held]) =>
  doors.map((route) => [who, `${route.method} ${route.path}`, route, held] as const),
);

describe("the access matrix of roles that an organization makes, and of the platform's staff", () => {
  proves("RBAC-2", "IAM-13");

  test.each(cells)("%s: %s", async (who, _, route, held) => {
    const answer = await ask(people.get(who) ?? server.stranger(), route);
    const may = route.needs.every((need) => held.includes(need) || held.includes(`${need}:own`));
    // Who may give roles may still not give one that holds more than they do.
    const gives = ["roles", "permissions", "defaultRole", "defaultRoles"].some(
      (name) => route.body?.["properties"]?.[name] !== undefined,
    );
    if (may) expect(gives ? [401, 500] : [401, 403, 500]).not.toContain(answer.status);
    else
      expect([answer.status, String(answer.json?.type).replace(/^.*\//, "")]).toEqual([403, "not-allowed"]);
  });
});

const tokens = new WeakMap<Client, Promise<string>>();

async function ask(client: Client, route: Route): Promise<Answer> {
  const { method, path, sending } = requestFor(route, "/o/acme/v1");
  if (method === "GET") return client.send(method, path, sending);
  const token = tokens.get(client) ?? client.csrf();
  tokens.set(client, token);
  return client.send(method, path, {
    ...sending,
    headers: { ...sending.headers, "x-csrf-token": await token },
  });
}
