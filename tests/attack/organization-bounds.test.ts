import { decodeJwt, SignJWT } from "jose";
import type { Client as Database } from "pg";
import { afterAll, beforeAll, expect } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import type { Answer, Client } from "../client.ts";
import { declaredRoutes } from "../declared-routes.ts";
import type { RoleName } from "../installed-database.ts";
import { linkTo } from "../mail-ground.ts";
import { proves } from "../proves.ts";
import { type Person, testServer, type TestServer } from "../server.ts";
import type { Org } from "../sso-world.ts";
import { refresh, tokensFor } from "../tokens.ts";
import { attack } from "./attack.ts";
import { requestFor } from "./door-requests.ts";

// Where identity products have let one organization's people reach into another one: invitations, lists of members, tokens,
// and who may say by which provider or directory people come.

proves("ISO-5", "IAM-7");

let server: TestServer;
let acme: Org;
let rival: Org;
let db: Database;

beforeAll(async () => {
  server = await testServer();
  [acme, rival] = [await server.organization("acme"), await server.organization("rival")];
  db = await server.database.connectAsSuperuser();
});
afterAll(() => server.stop());

const membersOf = async (organization: Org, personId: string): Promise<number> => {
  const { rows } = await db.query(
    "select count(*)::integer as count from kernel.membership where tenant_id = $1 and person_id = $2",
    [organization.id, personId],
  );
  return rows[0].count;
};
const invite = async (email: string): Promise<{ id: string; token: string }> => {
  const made = await acme.browser.post("/o/acme/v1/invitations", { email, roles: ["admin"] });
  expect(made.status).toBe(201);
  return { id: made.json.id, token: (await linkTo(server.database, email, "invitation")).token };
};
/** Somebody whose address tells nothing of where they belong. */
async function somebody(organization: Org, role: RoleName): Promise<Person> {
  const person = await server.person(organization, role);
  const email = `${uuidv7()}@people.example`;
  await db.query("update kernel.person set email = $2 where id = $1", [person.personId, email]);
  return { ...person, email };
}
/** Without what is different in any two answers. */
const alike = ({ status, text }: Answer): string =>
  `${status} ${text.replace(/"(?:instance|requestId)":"[^"]*"/g, "")}`;

attack(
  {
    id: "C-invitation-unproven",
    title:
      "accept an invitation by an account whose address is the invited one and was never proven (GHSA-fmh4-wcc4-5jm3)",
    expected: "nothing to accept it by",
  },
  async () => {
    // An account in somebody's name, made in the attacker's own organization.
    const attacker = await server.person(rival, "viewer");
    const email = "chief@corp.example";
    await db.query("update kernel.person set email = $2, email_proved_at = null where id = $1", [
      attacker.personId,
      email,
    ]);
    const { id } = await invite(email);
    const { browser } = attacker;
    for (const { path } of declaredRoutes().filter(
      ({ kind, method, path: its }) => kind === "person" && method === "GET" && !its.includes(":"),
    )) {
      const told = await browser.get(path);
      expect([path, told.text.includes(id), told.text.includes("acme")]).toEqual([path, false, false]);
    }
    for (const guess of [id, id.replaceAll("-", ""), email, newToken(), "acme"]) {
      const { status } = await browser.post(`/auth/invitations/${encodeURIComponent(guess)}/accept`);
      expect([guess, [403, 404, 422].includes(status)]).toEqual([guess, true]);
    }
    expect((await browser.get("/o/acme/v1/invitations")).status).toBe(404);
    expect(await membersOf(acme, attacker.personId)).toBe(0);
    return "nothing to accept it by";
  },
);

attack(
  {
    id: "C-invitation-forged",
    title:
      "an invitation made up or made over: its letters changed, a token of one's own signing or of nobody's that says who and where (CVE-2026-1529)",
    expected: "refused; nobody joined; the genuine one still good",
  },
  async () => {
    const { token } = await invite("newcomer@corp.example");
    const claims = { org: rival.id, organization: "rival", email: "newcomer@corp.example", roles: ["owner"] };
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const changed = [0, 21, 42].map(
      (at) => `${token.slice(0, at)}${token.charAt(at) === "A" ? "Q" : "A"}${token.slice(at + 1)}`,
    );
    const forged = [
      ...changed,
      token.toUpperCase(),
      `${token}A`,
      token.slice(0, 42),
      newToken(),
      sha256(token).toString("base64url"),
      `${part({ alg: "none" })}.${part(claims)}.`,
      await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(Buffer.alloc(32, 1)),
    ];
    const joining = { name: "Thief", password: "three slow otters 81 lamps" };
    for (const made of forged) {
      const path = `/auth/invitations/${encodeURIComponent(made)}`;
      for (const answer of [
        await server.stranger().get(path),
        await server.stranger().post(path, joining),
        await rival.browser.post(`${path}/accept`),
      ]) {
        expect([made, [403, 404, 422].includes(answer.status)]).toEqual([made, true]);
        expect(answer.headers["set-cookie"]).toBeUndefined();
      }
    }
    expect(await membersOf(acme, rival.owner.personId)).toBe(0);
    // Nor does what comes along beside the genuine one say where it leads, or as what.
    const joined = await server
      .stranger()
      .post(`/auth/invitations/${token}?organization=rival&roles=owner`, { ...joining, name: "Newcomer" });
    expect([200, 422]).toContain(joined.status);
    const browser = server.stranger();
    if (joined.status === 422)
      expect((await browser.post(`/auth/invitations/${token}`, joining)).status).toBe(200);
    const { rows } = await db.query(
      "select m.tenant_id, m.roles from kernel.membership m join kernel.person p on p.id = m.person_id where p.email = 'newcomer@corp.example'",
    );
    expect(rows).toEqual([{ tenant_id: acme.id, roles: ["admin"] }]);
    return "refused; nobody joined; the genuine one still good";
  },
);

const aboutMembers = declaredRoutes().filter(
  ({ kind, path }) =>
    kind === "tenant" && /\/(?:members|people|access|sessions|factors)\b/.test(path) && path.includes(":"),
);

attack(
  {
    id: "C-memberships",
    title:
      "ask who belongs to an organization, or where somebody belongs, from outside of it, by every door that takes the id of a person or member (CVE-2026-2366)",
    expected: "as of nobody",
  },
  async () => {
    const [victim, curious] = [await somebody(acme, "member"), await somebody(rival, "owner")];
    expect(aboutMembers.length).toBeGreaterThan(4);
    const ask = async (browser: Client, door: (typeof aboutMembers)[number], prefix: string, id: string) => {
      const { method, path, sending } = requestFor(door, prefix, id);
      const token = { "x-csrf-token": await browser.csrf() };
      return browser.send(method, path, { ...sending, headers: { ...sending.headers, ...token } });
    };
    for (const door of aboutMembers) {
      const name = `${door.method} ${door.path}`;
      for (const id of [victim.memberId, victim.personId]) {
        const outside = await ask(curious.browser, door, "/o/acme/v1", id);
        expect([name, outside.status]).toEqual([name, 404]);
        const inside = await ask(curious.browser, door, "/o/rival/v1", id);
        const ofNobody = await ask(curious.browser, door, "/o/rival/v1", uuidv7());
        expect([name, alike(inside).replaceAll(id, "…")]).toEqual([
          name,
          alike(ofNobody).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "…"),
        ]);
        expect(inside.text).not.toContain(victim.email);
      }
    }
    const listed = await curious.browser.get("/o/acme/v1/members");
    const nowhere = await curious.browser.get("/o/there-is-none/v1/members");
    expect(alike(listed)).toBe(alike(nowhere));
    // Whoever shares one organization with somebody is not told of the others.
    await db.query(
      "insert into kernel.membership (tenant_id, person_id, roles, permissions) values ($1, $2, '{viewer}', kernel.permissions_of($1, '{viewer}'))",
      [rival.id, victim.personId],
    );
    const shown = await curious.browser.get("/o/rival/v1/members?limit=200");
    expect(shown.text).toContain(victim.email);
    for (const word of ["acme", acme.id, victim.memberId]) expect(shown.text).not.toContain(word);
    return "as of nobody";
  },
);

attack(
  {
    id: "C-token-tells",
    title:
      "read in a token, or by it, of organizations that it is not for: of one more that its person belongs to, and of one that they have left (CVE-2026-9791)",
    expected: "its own, and nothing of others",
  },
  async () => {
    const person = await somebody(acme, "viewer");
    await db.query(
      "insert into kernel.membership (tenant_id, person_id, roles, permissions) values ($1, $2, '{admin}', kernel.permissions_of($1, '{admin}'))",
      [rival.id, person.personId],
    );
    const claimsOf = (token: string): string => JSON.stringify(decodeJwt(token));
    const mine = await tokensFor(server, person.token, "acme");
    expect(decodeJwt(mine.accessToken)["tid"]).toBe(acme.id);
    const any = await tokensFor(server, person.token);
    expect(Object.keys(decodeJwt(any.accessToken)).toSorted()).toEqual(
      ["aud", "exp", "iat", "iss", "jti", "sid", "sub"].toSorted(),
    );
    const told = await server.bearer(mine.accessToken).get("/auth/me");
    for (const word of ["rival", rival.id, '"admin"']) {
      expect([word, claimsOf(mine.accessToken).includes(word)]).toEqual([word, false]);
      expect([word, claimsOf(any.accessToken).includes(word)]).toEqual([word, false]);
      expect([word, told.text.includes(word)]).toEqual([word, false]);
    }
    await leave(person);
    const after = await server.bearer(any.accessToken).get("/auth/me");
    expect([after.status, after.text.includes("acme")]).toEqual([200, false]);
    expect((await server.browserOf(person.token).post("/auth/tokens", { organization: "acme" })).status).toBe(
      404,
    );
    expect((await refresh(server, mine.refreshToken)).status).toBe(401);
    const next = (await refresh(server, any.refreshToken)).json.accessToken;
    for (const word of ["acme", acme.id]) expect(claimsOf(next)).not.toContain(word);
    return "its own, and nothing of others";
  },
);

async function leave({ memberId }: Person): Promise<void> {
  expect((await acme.browser.delete(`/o/acme/v1/members/${memberId}`)).status).toBe(204);
}

attack(
  {
    id: "C-register-provider",
    title:
      "say by which identity provider people come, as a member who may not: make a connection, edit, try, enable one, hand its set-up on, take a domain (GHSA-gv74-j8m3-fg5f)",
    expected: "403 each; nothing made",
  },
  async () => {
    const made = await acme.browser.post("/o/acme/v1/sso-connections", { kind: "oidc", name: "Ours" });
    const connection = `/o/acme/v1/sso-connections/${made.json.id}`;
    const count = async (): Promise<number> =>
      (
        await db.query(
          "select (select count(*) from kernel.sso_connection where tenant_id = $1) + (select count(*) from kernel.domain where tenant_id = $1) as count",
          [acme.id],
        )
      ).rows[0].count;
    const before = await count();
    for (const role of ["viewer", "member", "manager"] as const) {
      const { browser } = await server.person(acme, role);
      const tried = [
        browser.post("/o/acme/v1/sso-connections", { kind: "oidc", name: "Mine" }),
        browser.post("/o/acme/v1/sso-connections", { kind: "saml", name: "Mine" }),
        browser.patch(connection, { name: "Mine" }, { version: made.json.version }),
        browser.post(`${connection}/test`),
        browser.post(`${connection}/enable`),
        browser.post("/o/acme/v1/sso-setup-links", { connectionId: made.json.id }),
        browser.post("/o/acme/v1/domains", { name: "mine.example" }),
      ];
      for (const { status } of await Promise.all(tried)) expect([role, status]).toEqual([role, 403]);
    }
    expect(await count()).toBe(before);
    return "403 each; nothing made";
  },
);

attack(
  {
    id: "C-directory-token",
    title:
      "take over the token of an organization's directory: renew, change or end its connection, as a member and from another organization (GHSA-j8v8-g9cx-5qf4)",
    expected: "403, 404; the token goes on",
  },
  async () => {
    const made = await acme.browser.post("/o/acme/v1/scim-connections", {
      name: "Directory",
      defaultRole: "viewer",
      roleMapping: {},
      domains: [],
    });
    expect(made.text).toContain('"token"');
    const { id, version, token } = made.json;
    const works = async (): Promise<number> => (await server.bearer(token).get("/scim/v2/Users")).status;
    expect(await works()).toBe(200);
    const member = await server.person(acme, "member");
    const stranger = await server.person(rival, "owner");
    for (const [browser, slug, status] of [
      [member.browser, "acme", 403],
      [stranger.browser, "acme", 404],
      [stranger.browser, "rival", 404],
    ] as const) {
      const connection = `/o/${slug}/v1/scim-connections/${id}`;
      const tried = [
        await browser.post(`${connection}/reroll`, { overlapSeconds: 0 }),
        await browser.patch(connection, { name: "Mine" }, { version }),
        await browser.delete(connection),
      ];
      expect(tried.map((answer) => answer.status)).toEqual([status, status, status]);
      for (const { text } of tried) expect(text).not.toMatch(/"token"|_live_/);
    }
    expect(await works()).toBe(200);
    return "403, 404; the token goes on";
  },
);

attack(
  {
    id: "C-many-organizations",
    title: "open organizations without end, each of which gives the clock work for ever",
    expected: "409 at the hundred and first that one person owns",
  },
  async () => {
    const { browser, personId } = await server.person(acme, "viewer");
    await db.query(
      `with founded as (
         insert into kernel.tenant (slug, name, region, locale, time_zone, currency)
         select 'one-of-many-' || n, 'One of many', 'eu', 'en', 'UTC', 'EUR' from generate_series(1, 99) n returning id)
       insert into kernel.membership (tenant_id, person_id, roles, permissions)
       select id, $1, '{owner}', '{}' from founded`,
      [personId],
    );
    const open = (nth: number) => browser.post("/auth/organizations", { name: `Number ${nth}` });
    expect([(await open(100)).status, (await open(101)).status]).toEqual([201, 409]);
    return "409 at the hundred and first that one person owns";
  },
);
