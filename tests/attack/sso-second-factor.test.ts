import { afterAll, beforeAll, expect } from "vitest";
import { backupCodeHash } from "../../server/features/identity/factors/backup-codes.ts";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import type { Client } from "../client.ts";
import type { HostileProvider } from "../hostile-provider.ts";
import { hostileWorld } from "../hostile-world.ts";
import { proves } from "../proves.ts";
import type { Org, SsoWorld } from "../sso-world.ts";
import { attack } from "./attack.ts";
import { less, mattersOn } from "./take-away.ts";

// A provider that says nothing of second factors, and an organization that demands them: its word about the provider counts in
// its own rooms, and neither it nor whoever runs the provider can put a factor on a person.

proves("IAM-7", "IAM-8");

let world: SsoWorld;
let provider: HostileProvider;
let acme: Org;
let other: Org;
let connection: string;
let number = 0;

beforeAll(async () => {
  ({ world, provider, acme, connection } = await hostileWorld());
  other = await world.server.organization("other");
  // Members only: whoever administers here has come by a password so far.
  await world.db.query(
    "update kernel.tenant set mfa_roles = '{member}', mfa_grace_days = 0, mfa_from = now() - interval '1 day'",
  );
});
afterAll(() => world.stop());
const matters = mattersOn(() => world.db);

const at = (path: string): string => `/o/acme/v1${path}`;
async function enter(who: string): Promise<{ browser: Client; location: string }> {
  provider.person = { sub: who, email: `${who}@corp.example`, email_verified: true };
  const browser = world.server.stranger();
  const answer = await world.arrive(
    browser,
    connection,
    provider.authorize(await world.begin(browser, connection)),
  );
  return { browser, location: String(answer.headers["location"]) };
}
const fresh = (): string => `somebody-${(number += 1)}`;
const reads = async (browser: Client): Promise<number> => (await browser.get(at("/contacts"))).status;
async function say(asksSecondFactor: boolean): Promise<number> {
  const path = at(`/sso-connections/${connection}`);
  const { version } = (await acme.browser.get(path)).json;
  return (await acme.browser.patch(path, { asksSecondFactor }, { version })).status;
}
/** Whom nobody here has asked for a factor yet, past the moment's grace of a new member. */
async function member(): Promise<string> {
  const who = fresh();
  await enter(who);
  await world.db.query(
    "update kernel.membership m set created_at = now() - interval '1 hour' from kernel.person p where p.id = m.person_id and p.email = $1",
    [`${who}@corp.example`],
  );
  return who;
}
const factorOf = async (who: string): Promise<unknown> =>
  (
    await world.db.query(
      `select p.second_factor_since, (select count(*)::integer from kernel.factor f where f.person_id = p.id) as factors
         from kernel.person p where p.email = $1`,
      [`${who}@corp.example`],
    )
  ).rows[0];

attack(
  {
    id: "C-plant-factor",
    title:
      "whoever runs the provider signs in as somebody without a factor, and adds an app or a passkey of their own, which would open the person's other organizations",
    expected: "403 sign-in-again; no factor",
  },
  async () => {
    const who = await member();
    const { browser } = await enter(who);
    expect(await reads(browser)).toBe(403);
    for (const path of ["/auth/totp", "/auth/passkeys/options", "/auth/backup-codes"]) {
      const answer = await browser.post(path);
      expect([path, answer.status, answer.json.type]).toEqual([
        path,
        403,
        "https://ringfence.example/problems/sign-in-again",
      ]);
    }
    expect(await factorOf(who)).toEqual({ second_factor_since: null, factors: 0 });
    return "403 sign-in-again; no factor";
  },
);

attack(
  {
    id: "C-assumed",
    title:
      "say of the provider that it asks for a second factor, as a member, or by a setup link; switch it back",
    expected: "an admin only, critical in the trail; counts from the next sign-in, and no longer at once",
  },
  async () => {
    const who = await member();
    const before = await enter(who);
    const path = at(`/sso-connections/${connection}`);
    const { version } = (await acme.browser.get(path)).json;
    const plain = await world.server.person(acme, "manager");
    expect((await plain.browser.patch(path, { asksSecondFactor: true }, { version })).status).toBe(403);
    const link = await acme.browser.post(at("/sso-setup-links"), { kind: "oidc", name: "By link" });
    const token = String(link.json.link).replace(/^.*token=/, "");
    const settings = { issuer: provider.issuer, clientId: "x", tokenAuth: "client_secret_basic" };
    for (const body of [
      { settings, asksSecondFactor: true },
      { settings: { ...settings, asksSecondFactor: true } },
    ])
      expect((await world.server.stranger().patch(`/auth/sso-setup/${token}`, body)).status).toBe(422);

    expect(await say(true)).toBe(200);
    const trail = await acme.browser.get(at(`/audit-events?resourceId=${connection}&severity=critical`));
    expect(trail.json.items[0]).toMatchObject({
      action: "change",
      before: { asksSecondFactor: false },
      after: { asksSecondFactor: true },
    });
    expect(await reads(before.browser)).toBe(403);
    const { browser } = await enter(who);
    // More than once, so that a pass is there.
    for (let round = 0; round < 3; round += 1) expect(await reads(browser)).toBe(200);
    const signedIn = await acme.browser.get(at(`/audit-events?resourceId=${connection}&action=sign-in`));
    expect(signedIn.json.items[0].after).toMatchObject({ secondFactor: "assumed" });
    expect(await factorOf(who)).toEqual({ second_factor_since: null, factors: 0 });
    expect(await say(false)).toBe(200);
    expect(await reads(browser)).toBe(403);
    return "an admin only, critical in the trail; counts from the next sign-in, and no longer at once";
  },
);

attack(
  {
    id: "C-assumed-elsewhere",
    title:
      "use such a session in another organization that demands a second factor, or change the person's factors by it",
    expected: "404, 403",
  },
  async () => {
    await say(true);
    const who = await member();
    await world.db.query(
      `insert into kernel.membership (tenant_id, person_id, roles, permissions)
       select $1, p.id, '{member}', kernel.permissions_of($1, '{member}') from kernel.person p where p.email = $2`,
      [other.id, `${who}@corp.example`],
    );
    const { browser } = await enter(who);
    expect(await reads(browser)).toBe(200);
    expect((await browser.get("/o/other/v1/contacts")).status).toBe(404);
    expect((await browser.post("/auth/totp")).status).toBe(403);
    await say(false);
    return "404, 403";
  },
);

async function pastOwnFactor(): Promise<string> {
  await say(true);
  const who = await member();
  await world.db.query("update kernel.person set second_factor_since = now() where email = $1", [
    `${who}@corp.example`,
  ]);
  const { location } = await enter(who);
  await say(false);
  return location.replace(/^\/o\/acme.*$/, "in");
}

attack(
  {
    id: "C-assumed-own",
    title: "come past a factor that the person has here, by the organization's word about the provider",
    expected: "asked for it",
  },
  async () => {
    expect(await pastOwnFactor()).toBe("/sign-in?step=second-factor&to=%2Fo%2Facme");
    return "asked for it";
  },
);

const signedIn =
  "kernel.sso_signed_in(uuid,text,text,text,boolean,text,text[],boolean,bytea,uuid,inet,text,timestamptz,uuid,text,text)";

matters(
  "assumed-own-factor",
  "the question whether the person has a factor here",
  ["/sign-in?step=second-factor&to=%2Fo%2Facme", "in"],
  pastOwnFactor,
  less(signedIn, ["p.second_factor_since is null", "true"]),
);

matters(
  "assumed-withdrawn",
  "the end of what counted by a word that was taken back",
  ["403", "200"],
  async () => {
    await say(true);
    const { browser } = await enter(await member());
    expect(await reads(browser)).toBe(200);
    await say(false);
    return String(await reads(browser));
  },
  less("kernel.change_sso_connection(uuid,jsonb,bytea,integer)", ["and s.assumed", "and false"]),
);

matters(
  "plant-factor",
  "the wall between a provider's session and the person's factors",
  ["403", "200"],
  async () => {
    const { browser } = await enter(await member());
    // Whoever runs the provider says whatever is wanted of how fresh it is.
    await world.db.query("update kernel.credential set proved_at = now() where sso_tenant_id = $1", [
      acme.id,
    ]);
    return String((await browser.post("/auth/totp")).status);
  },
  less("kernel.live_session(bytea,boolean)", [
    "session.sso_tenant_id is not null and not confined_too",
    "false",
  ]),
);

/** Where a browser ends that was remembered behind the provider, when the person's password opens the sign-in. */
async function rememberedThere(): Promise<string> {
  await world.db.query("update kernel.tenant set remembered_devices = true where id = $1", [acme.id]);
  const who = await member();
  const code = "abcd-efgh-2345-abcd-efgh-2345";
  const { rows } = await world.db.query(
    `with someone as (update kernel.person set second_factor_since = now() where email = $1 returning id)
     insert into kernel.backup_code (person_id, digest) select id, kernel.backup_digest($2) from someone returning person_id`,
    [`${who}@corp.example`, backupCodeHash(code)],
  );
  const { browser } = await enter(who);
  const body = { method: "backup-code", code, remember: true };
  expect((await browser.post("/auth/second-factor", body)).json.rememberedUntil).not.toBeNull();
  const kept = browser.cookies.get("__Host-remembered") ?? "";
  // There it is good, in a browser that comes by the provider again, as far as the organization has allowed it.
  const { browser: visitor } = await enter(who);
  visitor.cookies.set("__Host-remembered", kept);
  expect((await visitor.get("/auth/second-factor")).json.remembered).toBe(true);
  expect((await visitor.post("/auth/second-factor/remembered")).json.signedIn).toBe(true);
  expect(await reads(visitor)).toBe(200);
  expect((await visitor.get("/auth/remembered-devices")).json.items).toHaveLength(1);
  const token = newToken();
  await world.db.query("select kernel.first_factor_passed($1, 'password', $2, null, null, 'x')", [
    rows[0].person_id,
    sha256(token),
  ]);
  const outside = world.server.stranger();
  outside.cookies.set("__Host-remembered", kept);
  outside.cookies.set("__Host-step", token);
  const { json } = await outside.post("/auth/second-factor/remembered");
  return json.signedIn === true ? "signed in" : "asked";
}

matters(
  "remembered-provider",
  "the wall between a browser that was remembered behind one organization's provider and the person's own sign-in",
  ["asked", "signed in"],
  rememberedThere,
  less("kernel.pass_remembered(bytea,bytea,bytea,uuid,inet,text)", [
    "and d.sso_tenant_id is not distinct from pending.sso_tenant_id",
    "",
  ]),
);
