import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { presets, type Preset, type Role } from "../../contract/roles.ts";
import { newApiKey, uuidv7 } from "../../server/foundation/ids/index.ts";
import { resources } from "../../server/house.ts";
import { type Need, resourceRoutes, type Route, type TenantRoute } from "../../server/http/index.ts";
import {
  permissionCatalogue,
  permissionsOfRole,
  resource,
  text,
} from "../../server/kernel/resource/index.ts";
import type { Answer, Client } from "../client.ts";
import { declaredRoutes } from "../declared-routes.ts";
import { boundAs, type Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { type Person, testServer, type TestServer } from "../server.ts";
import { requestFor } from "./door-requests.ts";

// Every door that is declared, against everybody who must not come in. Nothing here names a door: a resource or route
// that is added is attacked from then on.

const routes = declaredRoutes();
const tenantRoutes = routes.filter((route) => route.kind === "tenant");
const personRoutes = routes.filter((route) => route.kind === "person");
const presetNames = ["crm", "analytics", "calling"] as const satisfies readonly Preset[];

let server: TestServer;
let acme: Organization;
let rival: Organization;
const people = new Map<string, Person>();
const slugOf: Readonly<Record<Preset, string>> = {
  crm: "acme",
  analytics: "acme-analytics",
  calling: "acme-calling",
};

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  rival = await server.organization("rival");
  for (const preset of presetNames) await populate(preset);
  const owner = server.browserOf(acme.owner.token);
  await owner.post("/o/acme/v1/contacts", { firstName: "Ada" });
  await owner.post("/o/acme/v1/accounts", { name: "Analytical Engines" });
}, 120_000);
afterAll(() => server.stop());

/** An organization of this preset with one person for each of its roles. */
async function populate(preset: Preset): Promise<void> {
  const organization = preset === "crm" ? acme : await server.organization(slugOf[preset]);
  const db = await server.database.connectAsSuperuser();
  for (const role of presets[preset].roles)
    people.set(`${preset} ${role}`, await server.person(organization, role));
  await db.query("update kernel.tenant set preset = $2 where id = $1", [organization.id, preset]);
  await db.query(
    "update kernel.membership set permissions = kernel.permissions_of(tenant_id, roles) where tenant_id = $1",
    [organization.id],
  );
}

const named = ({ method, path }: Route): string => `${method} ${path}`;
const keyOf = ({ json }: Answer): string => String(json?.type ?? "").replace(/^.*\//, "");

async function ask(client: Client, route: Route, prefix: string, id?: string): Promise<Answer> {
  const { method, path, sending } = requestFor(route, prefix, id);
  const token =
    route.method === "GET" || client.cookies.size === 0 ? {} : { "x-csrf-token": await csrfOf(client) };
  return client.send(method, path, { ...sending, headers: { ...sending.headers, ...token } });
}

const tokens = new WeakMap<Client, Promise<string>>();
function csrfOf(client: Client): Promise<string> {
  const known = tokens.get(client) ?? client.csrf();
  tokens.set(client, known);
  return known;
}

/** The body with what differs between any two refusals left out. */
function comparable({ status, text: body, headers }: Answer): unknown {
  return {
    status,
    type: headers["content-type"],
    body: body.replace(/urn:request:[0-9a-f-]{36}/, "urn:request:…"),
  };
}

/**
 * What a made-up key or one that is no session gets: 401. A sign-out that has nothing to end is done, and an invitation
 * that does not exist is refused before it matters who asks.
 */
const withoutSession = (route: Route): readonly [number, string] => {
  if (route.path === "/auth/sign-out") return [204, ""];
  if (route.path === "/auth/invitations/:token/accept") return [403, "link-not-valid"];
  return [401, "not-signed-in"];
};

describe("nobody", () => {
  proves("ISO-5", "RBAC-1");
  test.each([...tenantRoutes, ...personRoutes].map((route) => [named(route), route] as const))(
    "is told to sign in by %s",
    async (_, route) => {
      const addresses = route.kind === "tenant" ? ["/v1", "/o/acme/v1"] : [""];
      for (const prefix of addresses) {
        const answer = await ask(server.stranger(), route, prefix);
        expect([answer.status, keyOf(answer)]).toEqual([401, "not-signed-in"]);
        expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
        expect(answer.headers["www-authenticate"]).toContain("Bearer");
        const madeUp = await ask(server.bearer(newApiKey("personal").token), route, prefix);
        expect([madeUp.status, keyOf(madeUp)]).toEqual(withoutSession(route));
      }
    },
  );
});

describe("an API key", () => {
  test.each(personRoutes.map((route) => [named(route), route] as const))(
    "is no session: %s",
    async (_, route) => {
      const key = await server.database.key(acme, acme.owner);
      const answer = await ask(server.bearer(key), route, "");
      expect([answer.status, keyOf(answer)]).toEqual(withoutSession(route));
      expect((await server.bearer(key).get("/v1/organization")).status).toBe(200);
    },
  );
});

/** What the declarations say that a role holds. */
function holds(preset: Preset, role: Role, needs: readonly Need[]): boolean {
  const held = permissionsOfRole(preset, role, resources);
  return needs.every((need) => held.includes(need) || held.includes(`${need}:own`));
}

describe.each(presetNames)("the access matrix of the preset %s", (preset) => {
  proves("RBAC-1", "RBAC-5", "ISO-5");
  const cells = presets[preset].roles.flatMap((role) =>
    tenantRoutes.map((route) => [role, named(route), route] as const),
  );

  test.each(cells)("%s: %s", async (role, _, route) => {
    const browser = people.get(`${preset} ${role}`)?.browser ?? server.stranger();
    const answer = await ask(browser, route, `/o/${slugOf[preset]}/v1`);
    if (holds(preset, role, route.needs)) {
      expect([401, 403, 500]).not.toContain(answer.status);
    } else {
      expect([answer.status, keyOf(answer)]).toEqual([403, "not-allowed"]);
    }
  });
});

describe("what roles mean", () => {
  proves("RBAC-5");
  const all = [...permissionCatalogue(resources).keys()];
  const of = (preset: Preset, role: Role): string[] => permissionsOfRole(preset, role, resources);
  const records = ["account", "contact"];
  const each = (...actions: string[]): string[] =>
    records.flatMap((record) => actions.map((action) => `${record}.${action}`));

  test("an owner may do everything that anybody may", () => {
    for (const preset of presetNames) {
      const anybody = new Set(
        presets[preset].roles
          .flatMap((role) => of(preset, role))
          .map((permission) => permission.replace(/:own$/, "")),
      );
      expect(new Set(of(preset, "owner"))).toEqual(anybody);
      expect(of(preset, "owner")).toContain("billing.change");
      expect(all).toEqual(expect.arrayContaining([...anybody]));
    }
  });
  test("an admin may do all but billing", () => {
    for (const preset of presetNames) {
      expect(of(preset, "admin")).toEqual(
        of(preset, "owner").filter((permission) => permission !== "billing.change"),
      );
    }
  });
  test("a manager archives and exports besides what a member does, and has no settings", () => {
    const more = of("crm", "manager").filter((permission) => !of("crm", "member").includes(permission));
    expect(more).toEqual(expect.arrayContaining(each("archive", "export")));
    expect(
      more.filter((permission) => /^(organization|member|key|audit|billing|outbox)\./.test(permission)),
    ).toEqual([]);
    expect(presets.analytics.roles).not.toContain("manager");
    expect(presets.calling.roles).toEqual(["viewer", "member", "admin", "owner"]);
  });
  test("a member creates and changes records, and has no settings; in analytics a member reads", () => {
    expect(of("crm", "member")).toEqual(expect.arrayContaining(each("read", "create", "change")));
    for (const permission of of("crm", "member"))
      expect(permission).not.toMatch(
        /archive|erase|export|^organization\.change|^member\.(change|invite)|^audit/,
      );
    expect(of("analytics", "member")).toEqual(of("analytics", "viewer"));
  });
  test("a viewer reads", () => {
    for (const preset of presetNames)
      for (const permission of of(preset, "viewer")) expect(permission).toMatch(/\.read$/);
  });
  test("the database holds the same, and so do its members", async () => {
    const db = await server.database.connectAsSuperuser();
    for (const preset of presetNames) {
      for (const role of presets[preset].roles) {
        const { rows } = await db.query(
          "select permissions from kernel.role where preset = $1 and key = $2",
          [preset, role],
        );
        expect(rows[0].permissions.toSorted()).toEqual(of(preset, role));
        const member = await db.query("select permissions from kernel.membership where id = $1", [
          people.get(`${preset} ${role}`)?.memberId,
        ]);
        expect(member.rows[0].permissions.toSorted()).toEqual(of(preset, role));
      }
    }
    const { rows } = await db.query("select count(*)::integer as n from kernel.role");
    expect(rows[0].n).toBe(presetNames.flatMap((preset) => presets[preset].roles).length);
  });
});

describe("a member of another organization", () => {
  proves("ISO-5", "ISO-3");
  test.each(tenantRoutes.map((route) => [named(route), route] as const))(
    "cannot tell ours from none: %s",
    async (_, route) => {
      const outsider = server.browserOf(rival.owner.token);
      const id = uuidv7();
      const ours = await ask(outsider, route, "/o/acme/v1", id);
      const none = await ask(outsider, route, "/o/no-such-organization/v1", id);
      expect([ours.status, keyOf(ours)]).toEqual([404, "not-found"]);
      expect(comparable(ours)).toEqual(comparable(none));
    },
  );

  test.each(tenantRoutes.map((route) => [named(route), route] as const))(
    "gets no further with a key of theirs at our address: %s",
    async (_, route) => {
      const key = await rivalKey();
      const id = uuidv7();
      const ours = await ask(server.bearer(key), route, "/o/acme/v1", id);
      const none = await ask(server.bearer(key), route, "/o/no-such-organization/v1", id);
      expect(ours.status).toBe(404);
      expect(comparable(ours)).toEqual(comparable(none));
    },
  );
});

let key: Promise<string> | undefined;
function rivalKey(): Promise<string> {
  return (key ??= server.database.key(rival, rival.owner));
}

describe("an id of another organization's thing", () => {
  proves("ISO-5", "ISO-1");
  let ids: Promise<string[]> | undefined;

  /** One of each kind of thing that acme has. */
  async function things(): Promise<string[]> {
    const owner = server.browserOf(acme.owner.token);
    const made: string[] = [acme.id, acme.owner.memberId];
    for (const route of tenantRoutes.filter(
      ({ method, path, status }) =>
        method === "POST" && status === 201 && !path.includes(":") && !path.includes("/bulk/"),
    )) {
      const { json, status } = await ask(owner, route, "/o/acme/v1");
      expect([named(route), status]).toEqual([named(route), 201]);
      made.push(String(json.id));
    }
    return made;
  }

  const withId = tenantRoutes.filter(({ path }) => path.includes(":id"));
  test.each(withId.map((route) => [named(route), route] as const))("is nothing to %s", async (_, route) => {
    const theirs = await (ids ??= things());
    const outsider = server.browserOf(rival.owner.token);
    const missing = await ask(outsider, route, "/o/rival/v1", uuidv7());
    for (const id of theirs)
      expect(comparable(await ask(outsider, route, "/o/rival/v1", id))).toEqual(comparable(missing));
  });

  const withIds = tenantRoutes.filter((route) => route.body?.["properties"]?.["ids"] !== undefined);
  test.each(withIds.map((route) => [named(route), route] as const))("is missed by %s", async (_, route) => {
    const theirs = await (ids ??= things());
    const outsider = server.browserOf(rival.owner.token);
    const { method, path, sending } = requestFor(route, "/o/rival/v1");
    const headers = { ...sending.headers, "x-csrf-token": await csrfOf(outsider) };
    // `sending.body` was made from an object schema.
    const body = { ...(sending.body as Record<string, unknown>), ids: theirs };
    const { status, json } = await outsider.send(method, path, { headers, body });
    expect([status, json.items, json.missed]).toEqual([200, [], theirs]);
  });

  const references = resources.flatMap((from) =>
    Object.entries(from.fields)
      .filter(([, { kind }]) => kind === "ref" || kind === "member")
      .map(([field]) => [from, field] as const),
  );
  test.each(references.map(([from, field]) => [`${from.name}.${field}`, from, field] as const))(
    "cannot be named by %s",
    async (_, from, field) => {
      const create = tenantRoutes.find(
        ({ method, needs }) => method === "POST" && needs.includes(`${from.name}.create`),
      );
      if (create === undefined) return;
      const outsider = server.browserOf(rival.owner.token);
      const { method, path, sending } = requestFor(create, "/o/rival/v1");
      const headers = { ...sending.headers, "x-csrf-token": await csrfOf(outsider) };
      for (const id of await (ids ??= things())) {
        // `sending.body` was made from an object schema.
        const body = { ...(sending.body as Record<string, unknown>), [field]: id };
        expect((await outsider.send(method, path, { headers, body })).status).toBe(422);
      }
    },
  );
});

describe("an injected statement", () => {
  proves("ISO-10");
  /** Statements that write, each with the permission that it takes. */
  const writes: readonly (readonly [Need, string])[] = [
    ...resources.flatMap(({ name, relation }): [Need, string][] => [
      [`${name}.change`, `update ${relation} set id = id`],
      [`${name}.archive`, `select app.archive_${name}(array(select id from ${relation}), null, true)`],
      [`${name}.erase`, `select app.erase_${name}(array(select id from ${relation}))`],
    ]),
    [
      "contact.create",
      "insert into app.contact (tenant_id, id, first_name) values (kernel.bound_tenant(), kernel.uuidv7(), 'injected')",
    ],
    [
      "account.create",
      "insert into app.account (tenant_id, id, name) values (kernel.bound_tenant(), kernel.uuidv7(), 'injected')",
    ],
    ["contact.change", "update app.contact set notes = 'injected'"],
    ["account.change", "update app.account set notes = 'injected'"],
    [
      "member.invite",
      "select kernel.invite('eve@example.com', '{viewer}', '\\x00', 60, kernel.uuidv7(), 'x', '\\x00')",
    ],
    ["member.invite", "select kernel.store_tenant_key(1, '\\x00')"],
    ["member.change", "select kernel.change_roles(kernel.bound_member(), '{owner}', null)"],
    ["key.create", "select kernel.create_key('injected', '\\x00', 'xxxx', null, null)"],
    ["organization.change", `select kernel.change_organization('{"name":"injected"}', null)`],
    ["import.change", "select kernel.enqueue('imports.run', '{}')"],
    ["outbox.send", "select kernel.settle_mail(kernel.uuidv7(), null, true)"],
  ];

  test.each(tenantRoutes.map((route) => [named(route), route] as const))(
    "does not write through %s what it does not declare",
    async (_, { needs }: TenantRoute) => {
      const api = await apiClient();
      const who = { token: acme.owner.token, slug: "acme", needs };
      for (const [permission, statement] of writes) {
        if (needs.includes(permission)) continue;
        // Whoever sets single sign-on up seals a secret, and so may make the organization's first key.
        if (statement.includes("store_tenant_key") && needs.includes("security.change")) continue;
        const written = await boundAs(api, who, async () => {
          const { rowCount } = await api.query(statement);
          throw new Done(rowCount ?? 0);
        }).catch((outcome: unknown) =>
          outcome instanceof Done ? outcome.rows : String((outcome as { code?: string }).code),
        );
        expect([statement, written]).toEqual([
          statement,
          expect.toSatisfy((seen) => seen === 0 || seen === "42501" || seen === "RF403"),
        ]);
      }
    },
  );

  test("has left nothing behind", async () => {
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query(
      `select (select count(*) from app.contact where first_name = 'injected' or notes = 'injected')
            + (select count(*) from kernel.credential where name = 'injected') + (select count(*) from kernel.ticket where email = 'eve@example.com') as n`,
    );
    expect(rows).toEqual([{ n: "0" }]);
  });
});

/** Ends a transaction without keeping it, carrying how many rows a statement wrote. */
class Done extends Error {
  readonly rows: number;

  constructor(rows: number) {
    super("rolled back");
    this.rows = rows;
  }
}

let api: ReturnType<TestServer["database"]["connectAs"]> | undefined;
function apiClient(): NonNullable<typeof api> {
  return (api ??= server.database.connectAs("api"));
}

describe("the suite", () => {
  proves("ISO-5");
  /** The tests that a set of doors gives rise to, as counted above. */
  function count(doors: readonly Route[]): number {
    const tenant = doors.filter(({ kind }) => kind === "tenant").length;
    const person = doors.filter(({ kind }) => kind === "person").length;
    const roles = presetNames.flatMap((preset) => presets[preset].roles).length;
    return tenant * (1 + roles + 2 + 1) + person * 2;
  }

  test("covers every door that the running server declares", async () => {
    const { json } = await server.stranger().get("/openapi.json");
    const served = Object.entries(json.paths).flatMap(([path, operations]) =>
      Object.keys(operations as object)
        .filter((method) => ["get", "post", "put", "patch", "delete"].includes(method))
        .map(
          (method) =>
            `${method.toUpperCase()} ${path.replace(/^\/(o\/\{organization\}\/)?v1(?=\/)/, "").replace(/\{(\w+)\}/g, ":$1")}`,
        ),
    );
    const known = new Set([
      ...routes.map(named),
      "GET /auth/csrf",
      "GET /livez",
      "GET /readyz",
      "GET /openapi.json",
      "GET /problems/:key",
    ]);
    expect(served.filter((door) => !known.has(door))).toEqual([]);
    expect(new Set(served).size).toBeGreaterThanOrEqual(routes.length);
  });

  test("grows when a resource is added", () => {
    const extra = resource("extra", {
      many: "extras",
      fields: { name: text(100) },
      sortBy: ["name"],
      can: { viewer: "read", admin: "all" },
    });
    const before = count(routes);
    const after = count([...routes, ...resourceRoutes({ resource: extra })]);
    console.info(
      `${before} generated door tests for ${routes.length} doors; one more resource adds ${after - before}`,
    );
    expect(after - before).toBeGreaterThan(100);
  });
});
