import { afterAll, beforeAll, expect } from "vitest";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import type { Answer, Client } from "../client.ts";
import { type HostileProvider, hostileProvider } from "../hostile-provider.ts";
import { proves } from "../proves.ts";
import { type Account, account, codeOf, earlyInStep } from "../second-factors.ts";
import { cameIn, type Org, ssoWorld, type SsoWorld } from "../sso-world.ts";
import { type Pair, refresh } from "../tokens.ts";
import { attack } from "./attack.ts";
import { less, mattersOn } from "./take-away.ts";

// Single sign-on that an organization demands closes what was opened without it, and that stays closed when the demand ends. All of it
// through the doors: passwords, tokens, the provider, the demand itself.

proves("IAM-7");

let world: SsoWorld;
let provider: HostileProvider;
let acme: Org;
let other: Org;
let connection: string;
let owner: Account;

beforeAll(async () => {
  [world, provider] = await Promise.all([ssoWorld(), hostileProvider()]);
  [acme, other] = [await world.server.organization("acme"), await world.server.organization("other")];
  await world.verifyDomain(acme, "corp.example");
  connection = await world.connect(acme, provider.issuer);
  owner = await account(world.server, acme, "owner");
  await addFactor(owner.browser);
  await tryOut();
  const breakGlass = await put(owner.browser, `/members/${owner.memberId}/break-glass`, { breakGlass: true });
  expect([breakGlass.status, breakGlass.text]).toEqual([204, ""]);
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});
const matters = mattersOn(() => world.db);

const at = (path: string, slug = "acme"): string => `/o/${slug}/v1${path}`;
const put = async (browser: Client, path: string, body: object): Promise<Answer> =>
  browser.send("PUT", at(path), {
    body,
    headers: { "x-csrf-token": await browser.csrf(), "sec-fetch-site": "same-origin" },
  });
const said = ({ status, json }: Answer): string =>
  status < 300 ? "in" : `${status} ${String(json?.type ?? "").replace(/^.*\//, "")}`;
const reads = async (browser: Client, slug = "acme"): Promise<string> =>
  said(await browser.get(at("/contacts", slug)));
const bearerReads = (pair: Pair, slug = "acme"): Promise<string> =>
  reads(world.server.bearer(pair.accessToken), slug);
const refreshed = async (pair: Pair): Promise<string> => said(await refresh(world.server, pair.refreshToken));

async function addFactor(browser: Client): Promise<void> {
  await earlyInStep();
  const { json } = await browser.post("/auth/totp");
  const confirmed = await browser.post("/auth/totp/confirm", {
    id: json.id,
    code: codeOf(json.secret),
    name: "Phone",
  });
  expect(confirmed.status).toBe(200);
}

async function tryOut(): Promise<void> {
  const { json } = await owner.browser.post(at(`/sso-connections/${connection}/test`));
  provider.person = { sub: "owner", auth_time: Math.floor(Date.now() / 1000) };
  await world.arrive(owner.browser, connection, provider.authorize(String(json.location)));
}

async function demand(enforced: boolean): Promise<void> {
  if (enforced) await tryOut();
  const answer = await put(owner.browser, "/sso-enforcement", { enforced });
  expect([answer.status, answer.text]).toEqual([204, ""]);
}

async function signedIn({ email, password }: Account): Promise<Client> {
  const browser = world.server.stranger();
  expect((await browser.post("/auth/sign-in", { email, password })).json.signedIn).toBe(true);
  return browser;
}

async function tokens(browser: Client, organization?: string): Promise<Pair> {
  const { status, json } = await browser.post(
    "/auth/tokens",
    organization === undefined ? {} : { organization },
  );
  expect(status).toBe(201);
  return json;
}

async function byProvider(sub: string): Promise<Client> {
  provider.person = { sub, email: `${sub}@corp.example`, email_verified: true };
  const browser = world.server.stranger();
  const location = await world.begin(browser, connection);
  expect(cameIn(await world.arrive(browser, connection, provider.authorize(location)))).toBe(true);
  return browser;
}

/** Joins another organization too, by an invitation of theirs. */
async function joins({ email, browser }: Account, { id }: Org): Promise<void> {
  const token = newToken();
  await world.db.query(
    `insert into kernel.ticket (digest, purpose, tenant_id, email, roles, expires_at)
     values (kernel.ticket_digest('invitation', $1), 'invitation', $2, $3, '{member}', now() + interval '1 hour')`,
    [sha256(token), id, email],
  );
  expect((await browser.post(`/auth/invitations/${token}/accept`)).status).toBe(200);
}

attack(
  {
    id: "IAM-7-refresh",
    title:
      "tokens and the session of a password while single sign-on is demanded, and after: for the organization, for wherever the person may go, of somebody who belongs elsewhere too",
    expected: "no pair; the other organization stays; nothing comes to life again",
  },
  async () => {
    const member = await account(world.server, acme);
    const [bound, free] = [await tokens(member.browser, "acme"), await tokens(member.browser)];
    const guest = await account(world.server, acme);
    await joins(guest, other);
    const guests = await tokens(guest.browser);
    const [colleague, keeper] = [await byProvider("colleague"), await tokens(owner.browser, "acme")];
    const theirs = await tokens(colleague);
    await demand(true);
    const on = "403 single-sign-on-needed";
    expect([
      await reads(member.browser),
      await bearerReads(bound),
      await refreshed(bound),
      await refreshed(free),
    ]).toEqual([on, on, on, on]);
    // Elsewhere they may go on: with new tokens, which open that alone.
    const next = await refresh(world.server, guests.refreshToken);
    expect(said(next)).toBe("in");
    expect([await bearerReads(next.json), await bearerReads(next.json, "other")]).toEqual([on, "in"]);
    // What the provider opened, the owner who may come in beside it, and whoever demanded it go on.
    expect([
      await reads(colleague),
      await refreshed(theirs),
      await reads(owner.browser),
      await refreshed(keeper),
    ]).toEqual(["in", "in", "in", "in"]);
    const { rows } = await world.db.query(
      "select after ->> 'reason' as reason, after ->> 'door' as door, actor_email from kernel.audit_event where tenant_id = $1 and action = 'refused' and actor_email = $2 and after ->> 'door' = 'refresh'",
      [acme.id, member.email],
    );
    expect(rows).toEqual([{ reason: "single-sign-on-needed", door: "refresh", actor_email: member.email }]);
    await demand(false);
    const off = "403 sign-in-again";
    expect([
      await reads(member.browser),
      await bearerReads(bound),
      await refreshed(bound),
      await refreshed(free),
    ]).toEqual([off, off, off, off]);
    expect([
      await reads(guest.browser),
      await bearerReads(next.json),
      await bearerReads(next.json, "other"),
    ]).toEqual([off, off, "in"]);
    expect([await reads(colleague), await reads(owner.browser)]).toEqual(["in", "in"]);
    expect(await reads(await signedIn(member))).toBe("in");
    // Who joins later brings a session along that was never closed here.
    const late = await account(world.server, other);
    await joins(late, acme);
    expect(await reads(late.browser)).toBe("in");
    return "no pair; the other organization stays; nothing comes to life again";
  },
);

/** What a pair of before the demand is worth when it has come and gone. */
async function afterwards(): Promise<string> {
  const member = await account(world.server, acme);
  const pair = await tokens(member.browser);
  await demand(true);
  await demand(false);
  return `${await bearerReads(pair)}, ${await refreshed(pair)}`;
}
matters(
  "sso-closed",
  "the moment of the demand, when sessions are judged",
  ["403 sign-in-again, 403 sign-in-again", "in, in"],
  afterwards,
  less("kernel.gate(uuid,uuid,uuid,inet,text[])", ["(s.created_at < t.sso_closed_at)", "false"]),
);
matters(
  "sso-closed-note",
  "the moment of the demand, when it is made",
  ["403 sign-in-again, 403 sign-in-again", "in, in"],
  afterwards,
  less("kernel.enforce_sso(boolean)", [", sso_closed_at = clock_timestamp()", ""]),
);

matters(
  "refresh-nowhere",
  "the question whether its person could enter anywhere, when tokens are changed",
  ["403 single-sign-on-needed", "in"],
  async () => {
    const member = await account(world.server, acme);
    const pair = await tokens(member.browser);
    await demand(true);
    return refreshed(pair).finally(() => demand(false));
  },
  less("kernel.rotate_refresh(bytea,bytea,bytea,bytea,inet,text)", ["closed is not null", "false"]),
);
