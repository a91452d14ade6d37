import { afterAll, beforeAll, expect } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import type { Client } from "../client.ts";
import { type HostileProvider, hostileProvider } from "../hostile-provider.ts";
import { proves } from "../proves.ts";
import { cameIn, type Org, ssoWorld, type SsoWorld } from "../sso-world.ts";
import { attack } from "./attack.ts";

// Whoever runs an organization's identity provider can assert anything. What that reaches.

proves("IAM-7");

let world: SsoWorld;
let provider: HostileProvider;
let acme: Org;
let evil: Org;

beforeAll(async () => {
  world = await ssoWorld();
  provider = await hostileProvider();
  acme = await world.server.organization("acme");
  evil = await world.server.organization("evil");
  await world.verifyDomain(evil, "nothing.example");
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});

/** Signs in as whom the provider says. */
async function enter(
  connection: string,
  claims: Record<string, unknown>,
): Promise<{ came: boolean; browser: Client }> {
  provider.person = { email_verified: true, ...claims };
  const browser = world.server.stranger();
  const answer = await world.arrive(
    browser,
    connection,
    provider.authorize(await world.begin(browser, connection)),
  );
  return { came: cameIn(answer), browser };
}
const reason = async (organization: Org): Promise<string | undefined> =>
  (await world.reasons(organization))[0];

attack(
  {
    id: "C-stranger",
    title:
      "a malicious organization's provider asserts the address of a stranger, of a domain that is not its own",
    expected: "refused; no account touched",
  },
  async () => {
    const connection = await world.connect(evil, provider.issuer);
    const victim = await world.server.person(acme, "admin");
    await world.db.query(
      "update kernel.person set email = 'victim@corp.example', email_proved_at = now() where id = $1",
      [victim.personId],
    );
    const seen = await enter(connection, { sub: "v", email: "victim@corp.example" });
    expect([seen.came, await reason(evil)]).toEqual([false, "address not vouched for"]);
    const { rows } = await world.db.query(
      "select count(*)::integer as count from kernel.membership where person_id = $1",
      [victim.personId],
    );
    expect(rows[0].count).toBe(1);
    return "refused; no account touched";
  },
);

attack(
  {
    id: "C-confined",
    title:
      "the same for an address of its own domain, whose owner belongs to another organization: their records, settings, sessions, factors, organizations",
    expected: "evil only; 403 and 404 elsewhere",
  },
  async () => {
    const connection = await world.connect(evil, provider.issuer);
    const victim = await world.server.person(acme, "admin");
    await world.db.query(
      "update kernel.person set email = 'theirs@nothing.example', email_proved_at = now() where id = $1",
      [victim.personId],
    );
    const { came, browser } = await enter(connection, { sub: "c", email: "theirs@nothing.example" });
    expect(came).toBe(true);
    expect((await browser.get("/o/evil/v1/contacts")).status).toBe(200);
    const me = await browser.get("/auth/me");
    expect(me.json.person.id).toBe(victim.personId);
    expect(me.json.organizations.map(({ slug }: { slug: string }) => slug)).toEqual(["evil"]);
    expect(me.text).not.toContain("acme");
    for (const path of ["/o/acme/v1/contacts", "/o/acme/v1/members", "/o/acme/v1/organization"]) {
      expect([path, (await browser.get(path)).status]).toEqual([path, 404]);
    }
    for (const path of ["/auth/sessions"])
      expect([path, (await browser.get(path)).status]).toEqual([path, 403]);
    expect((await browser.post("/auth/organizations", { name: "Mine" })).status).toBe(403);
    const { rows } = await world.db.query(
      "select id from kernel.credential where person_id = $1 and sso_tenant_id is null",
      [victim.personId],
    );
    expect((await browser.delete(`/auth/sessions/${rows[0].id}`)).status).toBe(404);
    expect((await victim.browser.get("/auth/me")).status).toBe(200);
    // Nor does the other organization hear of it.
    const trail = await world.db.query(
      "select count(*)::integer as count from kernel.audit_event where tenant_id = $1 and actor_id = $2 and action in ('sign-in', 'first-factor') and after ->> 'factors' like '%sso%'",
      [acme.id, victim.personId],
    );
    expect(trail.rows[0].count).toBe(0);
    return "evil only; 403 and 404 elsewhere";
  },
);

attack(
  {
    id: "C-support",
    title:
      "the same for one of the platform's staff who is in by a grant: their name in the organization's trail",
    expected: "refused; no session",
  },
  async () => {
    const connection = await world.connect(evil, provider.issuer);
    const staff = await world.server.person(acme, "viewer");
    const email = "staff@nothing.example";
    await world.db.query("update kernel.person set email = $2, email_proved_at = now() where id = $1", [
      staff.personId,
      email,
    ]);
    const ops = await world.server.database.connectAs("ops");
    await ops.query("select kernel.add_operator($1)", [email]);
    const grant = { operator: email, reason: "The import", hours: 1 };
    expect((await evil.browser.post("/o/evil/v1/support-grants", grant)).status).toBe(201);
    const { came } = await enter(connection, { sub: "s", email, acr: "mfa", amr: ["mfa"] });
    expect([came, await reason(evil)]).toEqual([false, "support staff, no member"]);
    const { rows } = await world.db.query(
      "select count(*)::integer as count from kernel.credential where person_id = $1 and sso_tenant_id is not null",
      [staff.personId],
    );
    expect(rows[0].count).toBe(0);
    return "refused; no session";
  },
);

attack(
  {
    id: "C-confined-step",
    title: "the same for a person with a second factor of their own: what waits for it, and what comes of it",
    expected: "confined; an unconfined one cannot be stored",
  },
  async () => {
    const connection = await world.connect(evil, provider.issuer);
    const victim = await world.server.person(acme, "admin");
    await world.db.query(
      "update kernel.person set email = 'factor@nothing.example', email_proved_at = now(), second_factor_since = now() where id = $1",
      [victim.personId],
    );
    provider.person = { sub: "f", email: "factor@nothing.example", email_verified: true };
    const browser = world.server.stranger();
    const location = await world.begin(browser, connection);
    const answer = await world.arrive(browser, connection, provider.authorize(location));
    expect([answer.status, answer.headers["location"]]).toEqual([
      303,
      "/sign-in?step=second-factor&to=%2Fo%2Fevil",
    ]);
    expect(browser.cookies.has("__Host-sid")).toBe(false);
    const step = browser.cookies.get("__Host-step") ?? "";
    expect((await world.server.browserOf(step).get("/o/evil/v1/contacts")).status).toBe(401);
    const { rows } = await world.db.query(
      "select kind, factors, sso_tenant_id from kernel.credential where digest = $1",
      [sha256(sha256(step))],
    );
    expect(rows).toEqual([{ kind: "pending", factors: ["sso"], sso_tenant_id: evil.id }]);
    await expect(
      world.db.query("select kernel.mint_session($1, $2, null, null, '{sso,totp}')", [
        victim.personId,
        sha256("x"),
      ]),
    ).rejects.toMatchObject({ code: "23514", constraint: "credential_sso_confined" });
    return "confined; an unconfined one cannot be stored";
  },
);

attack(
  {
    id: "C-invitation",
    title: "a confined session accepts an invitation to another organization",
    expected: "403",
  },
  async () => {
    const connection = await world.connect(evil, provider.issuer);
    const { browser } = await enter(connection, { sub: "i", email: "invited@nothing.example" });
    const ticket = newToken();
    const api = await world.server.database.connectAs("api");
    await api.query("begin");
    await api.query("select kernel.enter($1, 'acme', '{member.invite}', $2, null, null)", [
      sha256(acme.owner.token),
      uuidv7(),
    ]);
    await api.query(
      "select kernel.invite('invited@nothing.example', '{admin}', $1, 3600, $2, 'Join', '\\x00')",
      [sha256(ticket), uuidv7()],
    );
    await api.query("commit");
    const answer = await browser.post(`/auth/invitations/${ticket}/accept`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect((await browser.get("/o/acme/v1/contacts")).status).toBe(404);
    return "refused";
  },
);

attack(
  {
    id: "J-above",
    title: "an admin's own provider asserts the owner's address (role escalation by single sign-on)",
    expected: "refused",
  },
  async () => {
    const admin = await world.server.person(evil, "admin");
    await world.db.query(
      "update kernel.person set email = 'owner@nothing.example', email_proved_at = now() where id = $1",
      [evil.owner.personId],
    );
    const connection = await world.connect({ ...evil, browser: admin.browser }, provider.issuer);
    const seen = await enter(connection, { sub: "owner", email: "owner@nothing.example" });
    expect([seen.came, await reason(evil)]).toEqual([false, "above who answers for the connection"]);
    // One that an owner made is not an admin's to point elsewhere.
    const owners = await world.connect(evil, provider.issuer);
    expect((await enter(owners, { sub: "owner", email: "owner@nothing.example" })).came).toBe(true);
    const path = `/o/evil/v1/sso-connections/${owners}`;
    const { version } = (await admin.browser.get(path)).json;
    expect((await admin.browser.patch(path, { secret: "another secret" }, { version })).status).toBe(403);
    expect((await admin.browser.post(`${path}/disable`)).status).toBe(403);
    expect((await admin.browser.post("/o/evil/v1/sso-setup-links", { connectionId: owners })).status).toBe(
      403,
    );
    return "refused";
  },
);

attack(
  {
    id: "I-roles",
    title: "groups that ask for owner, admin, made-up roles, a hundred groups, and objects for groups",
    expected: "never above who answers",
  },
  async () => {
    const manager = { roles: ["manager", "admin"], group: "Bosses" };
    const owners = await evil.browser.post("/o/evil/v1/sso-connections", { kind: "oidc", name: "x" });
    const asked = (body: object) =>
      evil.browser.patch(`/o/evil/v1/sso-connections/${owners.json.id}`, body, {
        version: owners.json.version,
      });
    expect((await asked({ defaultRoles: ["owner"] })).status).toBe(422);
    expect((await asked({ roleMap: [{ group: "x", roles: ["owner"] }] })).status).toBe(422);
    expect((await asked({ roleMap: [{ group: "x", roles: ["no-such-role"] }] })).status).toBe(422);
    const connection = await world.connect(evil, provider.issuer, {
      roleMap: [manager],
      defaultRoles: ["viewer"],
    });
    // Behind the doors' back, as a migrated or restored row might be.
    await world.db.query(
      `update kernel.sso_connection set role_map = role_map || '[{"group": "Owners", "roles": ["owner"]}, {"group": "Made up", "roles": ["root"]}]' where id = $1`,
      [connection],
    );
    const rolesOf = async (sub: string, groups: unknown): Promise<string[]> => {
      const { came, browser } = await enter(connection, { sub, email: `${sub}@nothing.example`, groups });
      expect([came, came ? undefined : await reason(evil)]).toEqual([true, undefined]);
      return (await browser.get("/auth/me")).json.organizations[0].roles;
    };
    expect(await rolesOf("g1", ["Bosses"])).toEqual(["admin", "manager", "viewer"]);
    expect(await rolesOf("g2", ["Owners", "Made up"])).toEqual(["viewer"]);
    expect(await rolesOf("g3", "Bosses")).toEqual(["admin", "manager", "viewer"]);
    expect(await rolesOf("g4", { Bosses: true })).toEqual(["viewer"]);
    expect(await rolesOf("g5", ["owner", 1, null, { group: "Bosses" }])).toEqual(["viewer"]);
    expect(
      await rolesOf(
        "g6",
        Array.from({ length: 100 }, (_, at) => `group ${at}`),
      ),
    ).toEqual(["viewer"]);
    // Whoever answers is demoted: what they gave is given no more.
    await world.db.query(
      "update kernel.sso_connection set answers = (select id from kernel.membership where tenant_id = $1 and roles = '{admin}' and ended_at is null limit 1) where id = $2",
      [evil.id, connection],
    );
    await world.db.query(
      "update kernel.membership set roles = '{viewer}', permissions = kernel.permissions_of(tenant_id, '{viewer}') where id = (select answers from kernel.sso_connection where id = $1)",
      [connection],
    );
    expect(await rolesOf("g7", ["Bosses"])).toEqual(["viewer"]);
    return "never above who answers";
  },
);

attack(
  {
    id: "BA-8983",
    title:
      "another subject asserts an address that is linked already (recycled address, cross-provider collision; better-auth #8983)",
    expected: "refused until an administrator unlinks",
  },
  async () => {
    const connection = await world.connect(evil, provider.issuer);
    const first = await enter(connection, { sub: "one", email: "shared@nothing.example" });
    expect(first.came).toBe(true);
    expect([
      (await enter(connection, { sub: "two", email: "shared@nothing.example" })).came,
      await reason(evil),
    ]).toEqual([false, "another subject has this address"]);
    const people = (await evil.browser.get(`/o/evil/v1/sso-connections/${connection}/people`)).json.items;
    const { memberId } = people[0];
    expect(
      (await evil.browser.delete(`/o/evil/v1/sso-connections/${connection}/people/${memberId}`)).status,
    ).toBe(204);
    expect((await first.browser.get("/auth/me")).status).toBe(401);
    expect((await enter(connection, { sub: "two", email: "shared@nothing.example" })).came).toBe(true);
    return "refused until an administrator unlinks";
  },
);

attack(
  {
    id: "BA-10224",
    title:
      "a new connection to the same provider inherits who was linked to the ended one (better-auth #10224)",
    expected: "nobody; the id is never used again",
  },
  async () => {
    const old = await world.connect(evil, provider.issuer);
    await enter(old, { sub: "linked", email: "linked@nothing.example" });
    expect(
      (await evil.browser.post(`/o/evil/v1/sso-connections/${old}/end`, { offBoard: false })).status,
    ).toBe(200);
    const fresh = await world.connect(evil, provider.issuer, { provisions: false });
    const seen = await enter(fresh, { sub: "linked", email: "somebody-else@nothing.example" });
    expect([seen.came, await reason(evil)]).toEqual([false, "not a member"]);
    const again = await world.db
      .query("select count(*)::integer as count from kernel.sso_connection where id = $1", [old])
      .then(({ rows }) => rows[0].count);
    expect(again).toBe(1);
    await expect(
      world.db.query(
        "insert into kernel.sso_connection (tenant_id, id, kind, name, proof_sealed, proof_digest, answers) select tenant_id, id, kind, name, proof_sealed, proof_digest, answers from kernel.sso_connection where id = $1",
        [old],
      ),
    ).rejects.toThrow(/duplicate/);
    return "nobody; the id is never used again";
  },
);

attack(
  {
    id: "G-ended",
    title:
      "come back by single sign-on after having been removed, or as a service account or an ended person (Keycloak CVE-2026-14559)",
    expected: "refused",
  },
  async () => {
    const connection = await world.connect(evil, provider.issuer);
    const { browser } = await enter(connection, { sub: "leaver", email: "leaver@nothing.example" });
    const memberId = (await browser.get("/auth/me")).json.organizations[0].memberId;
    expect((await evil.browser.delete(`/o/evil/v1/members/${memberId}`)).status).toBe(204);
    expect((await browser.get("/auth/me")).status).toBe(401);
    expect([
      (await enter(connection, { sub: "leaver", email: "leaver@nothing.example" })).came,
      await reason(evil),
    ]).toEqual([false, "membership ended"]);
    expect([
      (await enter(connection, { sub: "leaver-2", email: "leaver@nothing.example" })).came,
      await reason(evil),
    ]).toEqual([false, "membership ended"]);
    await world.db.query(
      "insert into kernel.person (email, name, kind, answerable) values ('robot@nothing.example', 'Robot', 'service', $1)",
      [evil.owner.personId],
    );
    expect([
      (await enter(connection, { sub: "robot", email: "robot@nothing.example" })).came,
      await reason(evil),
    ]).toEqual([false, "account ended"]);
    return "refused";
  },
);

attack(
  {
    id: "F-domain",
    title:
      "take a domain that another organization has shown to be its own; claim one without its record, or with somebody else's",
    expected: "refused",
  },
  async () => {
    const added = (await acme.browser.post("/o/acme/v1/domains", { name: "nothing.example" })).json;
    const theirs = (await evil.browser.get("/o/evil/v1/domains")).json.items[0];
    expect(added.record.value).not.toBe(theirs.record.value);
    const check = () => acme.browser.post(`/o/acme/v1/domains/${added.id}/check`);
    expect((await check()).json.verifiedAt).toBeNull();
    world.names.records.set(added.record.name, [theirs.record.value, added.record.value]);
    const taken = await check();
    expect([taken.status, taken.json.detail]).toEqual([
      409,
      "Another organization has shown that this domain is its own. Its record is looked for now; once that is gone for a day, check again.",
    ]);
    const connection = await world.connect(acme, provider.issuer);
    expect((await enter(connection, { sub: "x", email: "x@nothing.example" })).came).toBe(false);
    return "refused";
  },
);

attack(
  {
    id: "F-domain-gone",
    title:
      "go on speaking for a domain whose record is gone, or that was ended, or that the connection is confined from",
    expected: "refused",
  },
  async () => {
    await world.verifyDomain(acme, "mine.example");
    const id = await world.verifyDomain(acme, "gone.example");
    const connection = await world.connect(acme, provider.issuer);
    expect((await enter(connection, { sub: "gone-1", email: "1@gone.example" })).came).toBe(true);
    world.names.records.delete("_ringfence.gone.example");
    const check = () => acme.browser.post(`/o/acme/v1/domains/${id}/check`);
    // At first nobody new; after the grace nobody at all whom it does not know.
    expect((await check()).json.verifiedUntil).toEqual(expect.any(String));
    expect((await enter(connection, { sub: "gone-2", email: "2@gone.example" })).came).toBe(false);
    expect(await reason(acme)).toBe("record of the domain gone");
    await world.db.query("update kernel.domain set missing_since = now() - interval '8 days' where id = $1", [
      id,
    ]);
    expect((await check()).json).toMatchObject({ verifiedAt: null, verifiedUntil: null });
    expect((await enter(connection, { sub: "gone-2", email: "2@gone.example" })).came).toBe(false);
    expect(await reason(acme)).toBe("address not vouched for");
    // Who came before is known by their subject.
    expect((await enter(connection, { sub: "gone-1", email: "1@gone.example" })).came).toBe(true);
    const confined = await world.connect(acme, provider.issuer, { domains: ["gone.example"] });
    expect((await enter(confined, { sub: "mine-1", email: "1@mine.example" })).came).toBe(false);
    return "refused";
  },
);

attack(
  {
    id: "ISO-10-sso",
    title: "say who came, with the password of the auth door alone",
    expected: "RF403; nobody came",
  },
  async () => {
    const connection = await world.connect(acme, provider.issuer);
    const auth = await world.server.database.connectAs("auth");
    const [state, browser] = [sha256(newToken()), sha256(newToken())];
    await auth.query("select kernel.sso_begin($1, 'oidc-state', $2, $3, '{}', 600)", [
      connection,
      state,
      browser,
    ]);
    await auth.query("select kernel.sso_take($1, 'oidc-state', $2, $3)", [connection, state, browser]);
    const { rows } = await auth.query("select proof_sealed from kernel.sso_client($1)", [connection]);
    const claims = JSON.stringify({
      issuer: provider.issuer,
      subject: "x",
      email: acme.owner.email,
      emailVerified: true,
    });
    for (const proof of [
      sha256("guess"),
      rows[0].proof_sealed,
      sha256(rows[0].proof_sealed),
      Buffer.alloc(0),
      null,
    ]) {
      await expect(
        auth.query("select kernel.sso_finish($1, 'oidc-state', $2, $3, $4, $5, $6, null, null)", [
          connection,
          state,
          proof,
          claims,
          sha256("mine"),
          uuidv7(),
        ]),
      ).rejects.toMatchObject({ code: "RF403" });
    }
    for (const name of [
      "sso_signed_in",
      "sso_member",
      "mint_session",
      "first_factor_passed",
      "demand_sso_proof",
    ]) {
      const { rows: held } = await auth.query(
        "select bool_or(has_function_privilege(oid, 'execute')) as may from pg_proc where pronamespace = 'kernel'::regnamespace and proname = $1",
        [name],
      );
      expect([name, held[0].may]).toEqual([name, false]);
    }
    return "RF403; nobody came";
  },
);

attack(
  {
    id: "C-actor",
    title:
      "whoever runs the provider tells the owner's address with a sign-in, one that is refused and one of their own, so that the trail says it was the owner",
    expected: "no row under the owner's address; what was told stands beside",
  },
  async () => {
    const connection = await world.connect(evil, provider.issuer);
    await world.verifyDomain(evil, "staff.example");
    const rowsOf = async (email: string): Promise<number> =>
      (
        await world.db.query(
          "select count(*)::integer as count from kernel.audit_event where tenant_id = $1 and resource_type = 'sso-connection' and lower(actor_email) = $2 and action ~ 'sign-in'",
          [evil.id, email],
        )
      ).rows[0].count;
    const { email } = evil.owner;
    expect((await enter(connection, { sub: "mallory", email: "mallory@staff.example" })).came).toBe(true);
    expect((await enter(connection, { sub: "mallory", email })).came).toBe(true);
    expect((await enter(connection, { sub: "nobody", email })).came).toBe(false);
    expect([await rowsOf(email), await rowsOf("mallory@staff.example")]).toEqual([0, 2]);
    const { rows } = await world.db.query(
      "select count(*)::integer as count from kernel.audit_event where tenant_id = $1 and action ~ 'sign-in' and after ->> 'email' = $2",
      [evil.id, email],
    );
    expect(rows[0].count).toBe(2);
    return "no row under the owner's address; what was told stands beside";
  },
);
