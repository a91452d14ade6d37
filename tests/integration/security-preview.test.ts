import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HostileProvider, hostileProvider } from "../hostile-provider.ts";
import { type Org, ssoWorld, type SsoWorld } from "../sso-world.ts";

// Whom a preview of the rules names as without a second factor, where members come by a provider: nobody whom the rules would let in.

let world: SsoWorld;
let provider: HostileProvider;
let acme: Org;
let connection: string;

beforeAll(async () => {
  world = await ssoWorld();
  provider = await hostileProvider();
  acme = await world.server.organization("acme");
  await world.verifyDomain(acme, "corp.example");
  connection = await world.connect(acme, provider.issuer);
  // The owner gets in beside single sign-on.
  await world.db.query("update kernel.membership set break_glass = true where id = $1", [
    acme.owner.memberId,
  ]);
  await world.db.query("update kernel.credential set second_factor_at = now() where person_id = $1", [
    acme.owner.personId,
  ]);
  await change({ settings: { ...settings(), secondFactor: { amr: ["mfa"] } } });
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});

const settings = (): object => ({
  issuer: provider.issuer,
  clientId: "ringfence",
  tokenAuth: "client_secret_basic",
});
const at = (path: string): string => `/o/acme/v1${path}`;

async function change(body: object): Promise<void> {
  const path = at(`/sso-connections/${connection}`);
  const { version } = (await acme.browser.get(path)).json;
  expect((await acme.browser.patch(path, body, { version })).status).toBe(200);
}

/** Comes by the provider; answers with whether the rules let them in then, with no time to add a factor. */
async function comes(who: string, claims: object = {}): Promise<boolean> {
  provider.person = { sub: who, email: `${who}@corp.example`, email_verified: true, ...claims };
  const browser = world.server.stranger();
  const location = await world.begin(browser, connection);
  await world.arrive(browser, connection, provider.authorize(location));
  const demand =
    "update kernel.tenant set mfa_roles = $2, mfa_grace_days = 0, mfa_from = now() - interval '1 hour' where id = $1";
  await world.db.query(
    "update kernel.membership set created_at = now() - interval '1 hour' where tenant_id = $1",
    [acme.id],
  );
  await world.db.query(demand, [acme.id, ["*"]]);
  const { status } = await browser.get(at("/contacts"));
  await world.db.query(demand, [acme.id, null]);
  return status === 200;
}

/** Who of these would be locked out. */
async function named(...people: readonly string[]): Promise<string[]> {
  const { json, status } = await acme.browser.post(at("/security/preview"), {
    mfaRoles: ["*"],
    mfaGraceDays: 3,
  });
  expect(status).toBe(200);
  const found = json.withoutSecondFactor.people.map(({ email }: { email: string }) => email);
  return people.filter((who) => found.includes(`${who}@corp.example`));
}

/** A member who has never come by the provider. */
async function member(who: string, domain = "corp.example"): Promise<void> {
  const { email } = await world.server.person(acme, "member");
  await world.db.query("update kernel.person set email = $2 where email = $1", [email, `${who}@${domain}`]);
}

describe("a preview of a demand for second factors", () => {
  test("names who comes by a provider of which nothing is said, and not once the organization gives its word for it", async () => {
    expect(await comes("ada")).toBe(false);
    await member("bob");
    expect(await named("ada", "bob")).toEqual(["ada", "bob"]);
    await change({ asksSecondFactor: true });
    // Bob has a password, and nobody knows whether the provider knows him.
    expect(await named("ada", "bob")).toEqual(["bob"]);
    expect(await comes("ada")).toBe(true);
    // What counted by the word alone counts for nothing afterwards, also where the session was over by then.
    await world.db.query("update kernel.credential set ended_at = now() where sso_tenant_id = $1", [acme.id]);
    await change({ asksSecondFactor: false });
    expect(await named("ada", "bob")).toEqual(["ada", "bob"]);
  });

  test("goes by what the provider said the last time", async () => {
    expect(await comes("carl", { amr: ["pwd", "mfa"] })).toBe(true);
    expect(await named("carl")).toEqual([]);
    expect(await comes("carl", { amr: ["pwd"] })).toBe(false);
    expect(await named("carl")).toEqual(["carl"]);
  });

  test("names nobody who has to come by such a provider anyway, and whoever cannot", async () => {
    await member("dora");
    await member("eve", "elsewhere.example");
    await change({ asksSecondFactor: true });
    expect(await named("dora")).toEqual(["dora"]);
    await enforced(true);
    expect(await named("dora")).toEqual([]);
    const { json } = await acme.browser.post(at("/security/preview"), { mfaRoles: ["*"] });
    expect(JSON.stringify(json.withoutSecondFactor)).toContain("eve@elsewhere.example");
    await enforced(false);
  });

  test("names whom the provider does not let in: it is switched off, or they may more than who answers for it", async () => {
    expect(await comes("fritz")).toBe(true);
    expect(await named("fritz")).toEqual([]);
    await roles("fritz", "owner");
    expect(await named("fritz")).toEqual([]);
    await answeredByAdmin();
    expect(await named("fritz")).toEqual(["fritz"]);
    await roles("fritz", "member");
    expect(await named("fritz")).toEqual([]);
    expect((await acme.browser.post(at(`/sso-connections/${connection}/disable`))).status).toBe(204);
    expect(await named("fritz")).toEqual(["fritz"]);
  });
});

const enforced = (value: boolean): Promise<unknown> =>
  world.db.query("update kernel.tenant set sso_enforced = $2 where id = $1", [acme.id, value]);

const roles = (who: string, role: string): Promise<unknown> =>
  world.db.query(
    `update kernel.membership m set roles = $2, permissions = kernel.permissions_of(m.tenant_id, $2)
       from kernel.person p where p.id = m.person_id and p.email = $1`,
    [`${who}@corp.example`, [role]],
  );

/** Somebody who may less than the owner answers for the connection from now on. */
async function answeredByAdmin(): Promise<void> {
  const { memberId } = await world.server.person(acme, "admin");
  await world.db.query("update kernel.sso_connection set answers = $2 where id = $1", [connection, memberId]);
}
