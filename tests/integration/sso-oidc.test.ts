import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HostileProvider } from "../hostile-provider.ts";
import { hostileWorld } from "../hostile-world.ts";
import { cameIn, own, type SsoWorld } from "../sso-world.ts";

let world: SsoWorld;
let provider: HostileProvider;
let connection: string;

beforeAll(async () => {
  ({ world, provider, connection } = await hostileWorld());
});
afterAll(() => world.stop());

describe("signing in by OpenID Connect", () => {
  test("goes to the provider with PKCE, state and nonce, and comes back to the connection's own address", async () => {
    const browser = world.server.stranger();
    const location = new URL(await world.begin(browser, connection));
    expect(`${location.origin}${location.pathname}`).toBe(`${provider.issuer}/authorize`);
    const asked = Object.fromEntries(location.searchParams);
    expect(asked).toMatchObject({
      response_type: "code",
      client_id: "ringfence",
      redirect_uri: `https://ringfence.example/auth/oidc/${connection}/callback`,
      code_challenge_method: "S256",
      scope: "openid email profile",
    });
    for (const name of ["state", "nonce", "code_challenge"])
      expect(asked[name]).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(browser.cookies.get("__Host-sso")).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test("makes a member of somebody new, with a session that is good in this organization", async () => {
    const browser = world.server.stranger();
    provider.person = { sub: "new-1", email: "New@Corp.example", email_verified: true, name: "New Person" };
    const location = await world.begin(browser, connection, "?returnTo=/o/acme/contacts");
    const answer = await world.arrive(browser, connection, provider.authorize(location));
    expect([answer.status, answer.headers["location"]]).toEqual([303, "/o/acme/contacts"]);
    const me = await browser.get("/auth/me");
    expect(me.json).toMatchObject({
      person: { email: "new@corp.example", name: "New Person" },
      organizations: [{ slug: "acme", roles: ["member"] }],
    });
    expect((await browser.get("/o/acme/v1/contacts")).status).toBe(200);
  });

  test("finds the same person again, whatever their address has become", async () => {
    const browser = world.server.stranger();
    provider.person = { sub: "new-1", email: "married@corp.example", email_verified: true };
    const location = await world.begin(browser, connection);
    expect(cameIn(await world.arrive(browser, connection, provider.authorize(location)))).toBe(true);
    expect((await browser.get("/auth/me")).json.person.email).toBe("new@corp.example");
  });

  test("is asked of the provider anew when that is wanted, and proves nothing fresh otherwise", async () => {
    const provedAt = async (sub: string): Promise<unknown> => {
      const { rows } = await world.db.query(
        "select c.proved_at from kernel.credential c join kernel.sso_identity i using (person_id) where i.subject = $1 order by c.created_at desc limit 1",
        [sub],
      );
      return rows[0].proved_at;
    };
    const browser = world.server.stranger();
    provider.person = { sub: "new-1", email: "new@corp.example", email_verified: true, auth_time: undefined };
    await world.arrive(browser, connection, provider.authorize(await world.begin(browser, connection)));
    expect(await provedAt("new-1")).toBeNull();
    const location = await world.begin(browser, connection, "?fresh=1");
    expect(new URL(location).searchParams.get("max_age")).toBe("0");
    expect(new URL(location).searchParams.get("prompt")).toBe("login");
    const old = Math.floor(Date.now() / 1000) - 900;
    expect(
      cameIn(await world.arrive(browser, connection, provider.authorize(location, { auth_time: old }))),
    ).toBe(false);
    const again = await world.begin(browser, connection, "?fresh=1");
    const now = Math.floor(Date.now() / 1000);
    expect(
      cameIn(await world.arrive(browser, connection, provider.authorize(again, { auth_time: now }))),
    ).toBe(true);
    expect(await provedAt("new-1")).toEqual(new Date(now * 1000));
  });

  test("takes the address from userinfo where the token leaves it out", async () => {
    const browser = world.server.stranger();
    provider.person = { sub: "userinfo-1", name: "Uma" };
    provider.tricks.userinfo = () => ({
      sub: "userinfo-1",
      email: "uma@corp.example",
      email_verified: "true",
    });
    const location = await world.begin(browser, connection);
    expect(cameIn(await world.arrive(browser, connection, provider.authorize(location)))).toBe(true);
    provider.tricks.userinfo = undefined;
    expect((await browser.get("/auth/me")).json.person.email).toBe("uma@corp.example");
  });

  test("from another site stops at a page of ours, and so does a browser that does not say where from", async () => {
    for (const headers of [{ "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }, {}]) {
      const browser = world.server.stranger();
      const answer = await browser.get(`/auth/sso/${connection}`, { headers });
      expect([answer.status, answer.headers["location"]]).toEqual([303, `/sign-in?sso=${connection}`]);
      expect(browser.cookies.size).toBe(0);
    }
  });

  test("at a connection that does not exist is refused like any other", async () => {
    const answer = await world.server.stranger().get("/auth/sso/01a20101-0000-4000-8000-000000000000", own);
    expect(cameIn(answer)).toBe(false);
  });
});
