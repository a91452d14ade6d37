import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HostileProvider, hostileProvider } from "../hostile-provider.ts";
import { proves } from "../proves.ts";
import { cameIn, type Org, own, ssoWorld, type SsoWorld } from "../sso-world.ts";

let world: SsoWorld;
let provider: HostileProvider;
let acme: Org;

beforeAll(async () => {
  world = await ssoWorld();
  provider = await hostileProvider();
  acme = await world.server.organization("acme");
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});

const at = (path: string): string => `/o/acme/v1${path}`;

describe("domains", () => {
  test("count once their TXT record is found, among others and in pieces", async () => {
    const added = await acme.browser.post(at("/domains"), { name: " Corp.Example. " });
    expect(added.status).toBe(201);
    expect(added.json).toMatchObject({
      name: "corp.example",
      verifiedAt: null,
      record: { name: "_ringfence.corp.example", type: "TXT" },
    });
    const check = () => acme.browser.post(at(`/domains/${added.json.id}/check`));
    expect((await check()).json.verifiedAt).toBeNull();
    world.names.records.set("_ringfence.corp.example", [
      "v=spf1 -all",
      "x".repeat(600),
      added.json.record.value,
    ]);
    expect((await check()).json.verifiedAt).toEqual(expect.any(String));
    // Adding it again changes nothing.
    const again = await acme.browser.post(at("/domains"), { name: "CORP.example" });
    expect(again.json).toMatchObject({
      id: added.json.id,
      record: added.json.record,
      verifiedAt: expect.any(String),
    });
  });

  test("stay as they are when the name servers do not answer", async () => {
    world.names.records.set("_ringfence.corp.example", "silent");
    const { json } = await acme.browser.get(at("/domains"));
    const silent = await acme.browser.post(at(`/domains/${json.items[0].id}/check`));
    expect([silent.status, silent.json.detail]).toEqual([
      409,
      "The domain's name servers did not answer. Try again.",
    ]);
    expect((await acme.browser.get(at("/domains"))).json.items[0].verifiedAt).toEqual(expect.any(String));
  });

  test.each([
    "localhost",
    "corp",
    "-x.example",
    "x..example",
    "127.0.0.1",
    "corp.example/evil",
    "*.example",
    "a b.example",
    "x".repeat(64) + ".example",
  ])("refuse %s", async (name) => {
    expect((await acme.browser.post(at("/domains"), { name })).status).toBe(422);
  });

  test("are looked for by the domain alone, whoever is asked about, and as quickly for nobody's (CVE-2026-4633)", async () => {
    await world.connect(acme, provider.issuer);
    const found = async (email: string) =>
      (await world.server.stranger().post("/auth/discover", { email })).json;
    const known = await found(acme.owner.email.replace(/@.*/, "@corp.example"));
    expect(known.connections).toMatchObject([
      { name: "Our provider", kind: "oidc", organization: "Organization acme" },
    ]);
    expect(await found("nobody-at-all@CORP.example")).toEqual(known);
    expect(await found("nobody@elsewhere.example")).toEqual({ connections: [] });
    expect(await found("nobody@sub.corp.example")).toEqual({ connections: [] });
    const times: Record<string, number[]> = { known: [], unknown: [] };
    const browser = world.server.stranger();
    for (let round = 0; round < 60; round += 1) {
      for (const [kind, email] of [
        ["known", `x${round}@corp.example`],
        ["unknown", `x${round}@elsewhere.example`],
      ] as const) {
        const startedAt = performance.now();
        await browser.post("/auth/discover", { email });
        times[kind]?.push(performance.now() - startedAt);
      }
    }
    const quickest = (kind: string): number => Math.min(...(times[kind] ?? [0]));
    expect(Math.abs(quickest("known") - quickest("unknown"))).toBeLessThan(2);
  });
});

describe("secrets", () => {
  proves("IAM-7");

  test("go in and never come out; a new one leaves the former good for a day", async () => {
    const id = await world.connect(acme, provider.issuer);
    const path = at(`/sso-connections/${id}`);
    const sealed = async (): Promise<string> =>
      (await world.db.query("select c::text as row from kernel.sso_connection c where id = $1", [id])).rows[0]
        .row;
    const read = await acme.browser.get(path);
    expect(read.text).not.toContain("a secret of the client");
    expect(await sealed()).not.toContain(Buffer.from("a secret of the client").toString("hex"));
    const changed = await acme.browser.patch(
      path,
      { secret: "the second secret" },
      { version: read.json.version },
    );
    expect(changed.json).toMatchObject({ hasSecret: true, formerSecretUntil: expect.any(String) });
    expect(changed.text).not.toContain("second secret");
    const trail = await acme.browser.get(at(`/audit-events?resourceId=${id}`));
    expect(trail.text).not.toMatch(/second secret|a secret of the client/);
    expect(trail.json.items[0]).toMatchObject({
      action: "change",
      severity: "warning",
      after: { secret: "replaced" },
    });
  });

  test("rotate without anybody noticing, whichever side changes first", async () => {
    const id = await world.connect(acme, provider.issuer);
    provider.person = { sub: "rotating", email: "rotating@corp.example", email_verified: true };
    const knows = (...secrets: string[]): void => {
      provider.tricks.response = (body, { authorization }) => {
        const shown = decodeURIComponent(
          Buffer.from((authorization ?? "").slice(6), "base64")
            .toString()
            .split(":")[1] ?? "",
        ).replaceAll("+", " ");
        return secrets.includes(shown) ? body : { error: "invalid_client" };
      };
    };
    const enters = async (): Promise<boolean> => {
      const browser = world.server.stranger();
      return cameIn(await world.arrive(browser, id, provider.authorize(await world.begin(browser, id))));
    };
    knows("a secret of the client");
    expect(await enters()).toBe(true);
    const path = at(`/sso-connections/${id}`);
    const { version } = (await acme.browser.get(path)).json;
    await acme.browser.patch(path, { secret: "the second secret" }, { version });
    expect(await enters()).toBe(true);
    knows("the second secret");
    expect(await enters()).toBe(true);
    knows("a secret of the client");
    await world.db.query("update kernel.sso_connection set former_until = now() where id = $1", [id]);
    expect(await enters()).toBe(false);
    provider.tricks.response = undefined;
  });

  test("are entered again when they would go elsewhere (CVE-2026-15943)", async () => {
    const made = await acme.browser.post(at("/sso-connections"), { kind: "oidc", name: "Draft" });
    const path = at(`/sso-connections/${made.json.id}`);
    const settings = { issuer: provider.issuer, clientId: "ringfence", tokenAuth: "client_secret_basic" };
    const set = await acme.browser.patch(
      path,
      { settings, secret: "the first secret" },
      { version: made.json.version },
    );
    expect(set.status).toBe(200);
    for (const other of [
      { issuer: "https://evil.example" },
      { clientId: "another" },
      { tokenAuth: "client_secret_post" },
    ]) {
      const moved = await acme.browser.patch(
        path,
        { settings: { ...settings, ...other } },
        { version: set.json.version },
      );
      expect([moved.status, moved.json.detail]).toEqual([
        422,
        "enter the secret again, since where it is sent has changed",
      ]);
    }
    const again = await acme.browser.patch(
      path,
      { settings: { ...settings, issuer: "https://new.example" }, secret: "the second secret" },
      { version: set.json.version },
    );
    expect(again.json.formerSecretUntil).toBeNull();
  });

  test("of a signing client are made here: the private half is nowhere to be seen, the former public one stays", async () => {
    const made = await acme.browser.post(at("/sso-connections"), { kind: "oidc", name: "Signing" });
    const path = at(`/sso-connections/${made.json.id}`);
    const settings = { issuer: provider.issuer, clientId: "signing", tokenAuth: "private_key_jwt" };
    const set = await acme.browser.patch(path, { settings }, { version: made.json.version });
    const renewed = await acme.browser.patch(path, { newKey: true }, { version: set.json.version });
    const [fresh, former] = renewed.json.settings.publicKeys;
    expect(former).toEqual(set.json.settings.publicKeys[0]);
    expect(fresh.kid).not.toBe(former.kid);
    expect(renewed.text).not.toContain('"d"');
    expect(
      (await world.server.stranger().get(`/auth/oidc/${made.json.id}/jwks.json`)).json.keys,
    ).toHaveLength(2);
    expect(
      (await acme.browser.patch(path, { secret: "typed by hand" }, { version: renewed.json.version })).status,
    ).toBe(422);
  });

  test("and all else that is needed are there before a connection is switched on", async () => {
    const made = await acme.browser.post(at("/sso-connections"), { kind: "oidc", name: "Bare" });
    const bare = await acme.browser.post(at(`/sso-connections/${made.json.id}/enable`));
    expect([bare.status, bare.json.detail]).toEqual([409, "it has no issuer and client yet"]);
    expect(cameIn(await world.server.stranger().get(`/auth/sso/${made.json.id}`, own))).toBe(false);
  });
});

describe("settings", () => {
  const rich = {
    idTokenAlg: "ES256",
    scopes: ["openid", "email", "groups"],
    secondFactor: { amr: ["mfa"] },
  };
  const usual = () => ({
    issuer: provider.issuer,
    clientId: "ringfence",
    tokenAuth: "client_secret_basic",
  });

  test("that a change does not name stay, of an enabled connection too; null takes one away", async () => {
    const id = await world.connect(acme, provider.issuer, { settings: { ...usual(), ...rich } });
    const path = at(`/sso-connections/${id}`);
    const { version } = (await acme.browser.get(path)).json;
    const changed = await acme.browser.patch(path, { settings: { groupsClaim: "teams" } }, { version });
    expect([changed.status, changed.json.settings]).toEqual([
      200,
      { ...usual(), ...rich, groupsClaim: "teams" },
    ]);
    const less = await acme.browser.patch(
      path,
      { settings: { groupsClaim: null, scopes: null } },
      { version: changed.json.version },
    );
    const { scopes: _, ...left } = rich;
    expect(less.json.settings).toEqual({ ...usual(), ...left });
    const stale = await acme.browser.patch(path, { settings: { scopes: ["openid"] } }, { version });
    expect(stale.status).toBe(412);
    for (const settings of [{ issuer: null }, { publicKeys: [] }, { idTokenAlg: "none" }]) {
      const refused = await acme.browser.patch(path, { settings }, { version: less.json.version });
      expect([refused.status, refused.json.errors[0].pointer]).toEqual([
        422,
        `/settings/${Object.keys(settings)[0]}`,
      ]);
    }
    expect((await acme.browser.get(path)).json.settings).toEqual({ ...usual(), ...left });
  });

  test("that a setup link's holder does not name stay, and a change of the administrator's meanwhile too", async () => {
    const made = await acme.browser.post(at("/sso-setup-links"), { kind: "oidc", name: "Half of it" });
    const path = at(`/sso-connections/${made.json.id}`);
    const link = `/auth/sso-setup/${made.json.link.replace(/^.*token=/, "")}`;
    const settings = { ...usual(), ...rich };
    const { version } = (await acme.browser.get(path)).json;
    expect((await acme.browser.patch(path, { settings }, { version })).status).toBe(200);
    const holder = world.server.stranger();
    const set = await holder.patch(link, { settings: { clientId: "theirs" } });
    expect(set.json.settings).toEqual({ ...settings, clientId: "theirs" });
    // All begin from the same draft: whoever comes second is refused, or it is made of what the first has left.
    const wishes = [
      { groupsClaim: "teams" },
      { scopes: ["openid", "email"] },
      { idTokenAlg: "PS256" },
      { secondFactor: { acr: ["2"] } },
    ];
    const answers = await Promise.all(
      wishes.map((wish) => world.server.stranger().patch(link, { settings: wish })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status !== 412)).toContain(200);
    expect(statuses.filter((status) => status !== 200 && status !== 412)).toEqual([]);
    const kept = wishes.filter((_, each) => statuses[each] === 200);
    expect((await acme.browser.get(path)).json.settings).toEqual(
      Object.assign({ ...settings, clientId: "theirs" }, ...kept),
    );
  });
});

describe("a setup link", () => {
  test("lets its holder set one draft up, until it is finished", async () => {
    const made = await acme.browser.post(at("/sso-setup-links"), { kind: "oidc", name: "Customer's own" });
    expect(made.status).toBe(201);
    const [, token = ""] =
      /^https:\/\/ringfence\.example\/sso-setup#kind=oidc&token=([A-Za-z0-9_-]{43})$/.exec(made.json.link) ??
      [];
    const days = (Date.parse(made.json.expiresAt) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.9);
    expect(days).toBeLessThan(7.1);
    const holder = world.server.stranger();
    const path = `/auth/sso-setup/${token}`;
    expect((await holder.get(path)).json).toMatchObject({
      id: made.json.id,
      name: "Customer's own",
      organization: "Organization acme",
      hasSecret: false,
    });
    expect((await holder.post(`${path}/finish`)).status).toBe(409);
    const settings = { issuer: provider.issuer, clientId: "ringfence", tokenAuth: "client_secret_basic" };
    const set = await holder.patch(path, { settings, secret: "a secret of the client" });
    expect([set.status, set.json.hasSecret]).toEqual([200, true]);
    expect(set.text).not.toContain("a secret of the client");
    const moved = await holder.patch(path, { settings: { ...settings, clientId: "another" } });
    expect(moved.status).toBe(422);
    expect((await holder.patch(path, { settings, defaultRoles: ["admin"] })).status).toBe(422);
    // It switches nothing on.
    expect(cameIn(await holder.get(`/auth/sso/${made.json.id}`, own))).toBe(false);
    const finished = await Promise.all(
      Array.from({ length: 20 }, () => world.server.stranger().post(`${path}/finish`)),
    );
    expect(finished.filter(({ status }) => status === 204)).toHaveLength(1);
    expect((await holder.get(path)).status).toBe(403);
    expect((await holder.patch(path, { settings })).status).toBe(403);
    expect((await acme.browser.post(at(`/sso-connections/${made.json.id}/enable`))).status).toBe(204);
    provider.person = { sub: "by-link", email: "by-link@corp.example", email_verified: true };
    const browser = world.server.stranger();
    const location = await world.begin(browser, made.json.id);
    expect(
      (await world.arrive(browser, made.json.id, provider.authorize(location))).headers["location"],
    ).toContain("/sign-in?refused");
    expect((await world.reasons(acme))[0]).toBe("not a member");
  });

  test("dies with a newer one, with time, with the draft, and opens nothing else", async () => {
    const made = await acme.browser.post(at("/sso-setup-links"), { kind: "oidc", name: "Again" });
    const tokenOf = (link: string): string => link.replace(/^.*token=/, "");
    const newer = await acme.browser.post(at("/sso-setup-links"), { connectionId: made.json.id });
    const get = async (link: string): Promise<number> =>
      (await world.server.stranger().get(`/auth/sso-setup/${tokenOf(link)}`)).status;
    expect([await get(made.json.link), await get(newer.json.link)]).toEqual([403, 200]);
    expect((await world.server.stranger().get(`/auth/invitations/${tokenOf(newer.json.link)}`)).status).toBe(
      403,
    );
    await world.db.query(
      "update kernel.ticket set expires_at = now() where purpose = 'sso-setup' and used_at is null and ended_at is null",
    );
    expect(await get(newer.json.link)).toBe(403);
    const third = await acme.browser.post(at("/sso-setup-links"), { connectionId: made.json.id });
    await acme.browser.post(at(`/sso-connections/${made.json.id}/end`), { offBoard: false });
    expect(await get(third.json.link)).toBe(403);
  });
});

describe("a break-glass sign-in", () => {
  test("is mailed to every owner", async () => {
    const sending = await ssoWorldWithWorker();
    const org = await sending.server.organization("beta");
    // The organization's first key, which one that is founded by a request has from the start.
    await org.browser.post("/o/beta/v1/sso-connections", { kind: "oidc", name: "Any" });
    await sending.db.query("update kernel.tenant set sso_enforced = true where id = $1", [org.id]);
    await sending.db.query("update kernel.membership set break_glass = true where id = $1", [
      org.owner.memberId,
    ]);
    await sending.db.query("select kernel.note_break_glass($1, null, '198.51.100.9', 'a test')", [
      org.owner.personId,
    ]);
    await expect
      .poll(
        async () =>
          (
            await sending.db.query(
              "select to_address, subject from kernel.mail where purpose = 'break-glass'",
            )
          ).rows,
        { timeout: 20_000 },
      )
      .toEqual([
        {
          to_address: org.owner.email,
          subject: "Somebody got into Organization beta without single sign-on",
        },
      ]);
    await sending.stop();
  });
});

async function ssoWorldWithWorker(): Promise<SsoWorld> {
  return ssoWorld({ RINGFENCE_DOORS: "api,worker" });
}
