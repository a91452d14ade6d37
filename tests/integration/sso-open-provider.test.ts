import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenProvider, openProvider } from "../open-provider.ts";
import { proves } from "../proves.ts";
import { cameIn, type Org, ssoWorld, type SsoWorld } from "../sso-world.ts";

let world: SsoWorld;
let one: OpenProvider;
let two: OpenProvider;
let acme: Org;
const clients: Record<"one" | "two", Record<string, unknown>[]> = { one: [], two: [] };
const accounts = {
  ada: { email: "ada@corp.example", email_verified: true, name: "Ada" },
  grace: { email: "grace@corp.example", email_verified: true, name: "Grace" },
  mallory: { email: "mallory@corp.example", email_verified: false },
};

beforeAll(async () => {
  world = await ssoWorld();
  acme = await world.server.organization("acme");
  await world.verifyDomain(acme, "corp.example");
  one = await openProvider({ clients: () => clients.one, accounts, send });
  two = await openProvider({ clients: () => clients.two, accounts });
});
afterAll(async () => {
  await world.stop();
  await one.stop();
  await two.stop();
});

/** What the provider sends to our public address comes to the server. */
const sent: { readonly url: string; readonly form: string; readonly status: number }[] = [];
async function send(url: string, form: string): Promise<Response> {
  const { pathname } = new URL(url);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const { status } = await world.server.stranger().send("POST", pathname, { raw: form, headers });
  sent.push({ url, form, status });
  return new Response(null, { status });
}

const registered = (connection: string, more: Record<string, unknown>): Record<string, unknown> => ({
  client_id: "ringfence",
  redirect_uris: [`https://ringfence.example/auth/oidc/${connection}/callback`],
  response_types: ["code"],
  grant_types: ["authorization_code"],
  ...more,
});
const secret = { client_secret: "a secret of the client" };

describe("with a certified provider", () => {
  proves("IAM-7");
  let first: string;
  let second: string;
  let signed: string;
  let publicKeys: unknown[];

  beforeAll(async () => {
    first = await world.connect(acme, one.issuer);
    second = await world.connect(acme, two.issuer, {
      settings: { issuer: two.issuer, clientId: "ringfence", tokenAuth: "client_secret_post" },
    });
    signed = await world.connect(acme, one.issuer, {
      settings: { issuer: one.issuer, clientId: "signing", tokenAuth: "private_key_jwt" },
      secret: undefined,
    });
    publicKeys = (await world.server.stranger().get(`/auth/oidc/${signed}/jwks.json`)).json.keys;
    clients.one.push(
      registered(first, {
        ...secret,
        backchannel_logout_uri: `https://ringfence.example/auth/oidc/${first}/backchannel-logout`,
        backchannel_logout_session_required: true,
      }),
      registered(signed, {
        client_id: "signing",
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_signing_alg: "ES256",
        jwks: { keys: publicKeys },
      }),
    );
    clients.two.push(registered(second, { ...secret, token_endpoint_auth_method: "client_secret_post" }));
  });

  test.each(["client_secret_basic", "client_secret_post", "private_key_jwt"])(
    "a client comes in by %s",
    async (way) => {
      const [provider, connection] = { client_secret_basic: [one, first], client_secret_post: [two, second] }[
        way
      ] ?? [one, signed];
      // Each test's `one` and `first` are set by now.
      const browser = world.server.stranger();
      const location = await world.begin(browser, connection as string);
      const query = await (provider as OpenProvider).signIn(
        location,
        way === "private_key_jwt" ? "grace" : "ada",
      );
      expect(query.get("iss")).toBe((provider as OpenProvider).issuer);
      expect(cameIn(await world.arrive(browser, connection as string, query))).toBe(true);
      expect((await browser.get("/auth/me")).json.person.email).toMatch(/^(ada|grace)@corp\.example$/);
    },
  );

  test("whoever signs out there is signed out here, in the one browser, by what the provider sends", async () => {
    const enter = async () => {
      const browser = world.server.stranger();
      const query = await one.signIn(await world.begin(browser, first), "ada");
      expect(cameIn(await world.arrive(browser, first, query))).toBe(true);
      return browser;
    };
    const [elsewhere, here] = [await enter(), await enter()];
    sent.length = 0;
    await one.signOut();
    const logoutUrl = (await acme.browser.get(`/o/acme/v1/sso-connections/${first}`)).json.logoutUrl;
    expect(sent).toMatchObject([{ url: logoutUrl, status: 200 }]);
    expect((await here.get("/auth/me")).status).toBe(401);
    // That browser has a session of its own there (sid), which goes on.
    expect((await elsewhere.get("/auth/me")).status).toBe(200);
    expect(await send(logoutUrl, sent[0]?.form ?? "").then(({ status }) => status)).toBe(400);
    const { rows } = await world.db.query(
      "select after from kernel.audit_event where tenant_id = $1 and action = 'logout'",
      [acme.id],
    );
    expect(rows).toEqual([{ after: { sessions: 1, named: "session" } }]);
  });

  test("publishes public keys only", () => {
    expect(publicKeys).toHaveLength(1);
    expect(publicKeys[0]).toMatchObject({ kty: "EC", alg: "ES256", use: "sig" });
    expect(publicKeys[0]).not.toHaveProperty("d");
  });

  test("an unverified address stays outside", async () => {
    const browser = world.server.stranger();
    const query = await one.signIn(await world.begin(browser, first), "mallory");
    expect(cameIn(await world.arrive(browser, first, query))).toBe(false);
    expect((await world.reasons(acme))[0]).toBe("address not vouched for");
  });

  test("an answer of one provider is not taken for the other's: not at its callback, nor at one's own (mix-up)", async () => {
    const browser = world.server.stranger();
    const honest = await one.signIn(await world.begin(browser, first), "ada");
    expect(cameIn(await world.arrive(browser, second, honest))).toBe(false);
    const location = await world.begin(browser, second);
    const mixed = new URLSearchParams(honest);
    mixed.set("state", new URL(location).searchParams.get("state") ?? "");
    expect(cameIn(await world.arrive(browser, second, mixed))).toBe(false);
    expect((await world.reasons(acme))[0]).toMatch(/iss/);
  });

  test("one that is asked for a fresh sign-in says when it was", async () => {
    const browser = world.server.stranger();
    // Twice: a browser that is new to the account is asked again before anything dangerous, whatever it has just shown.
    for (const _ of ["new", "known"]) {
      const query = await one.signIn(await world.begin(browser, first, "?fresh=1"), "ada");
      expect(cameIn(await world.arrive(browser, first, query))).toBe(true);
    }
    const { rows } = await world.db.query(
      "select proved_at > now() - interval '1 minute' as fresh from kernel.credential where sso_tenant_id is not null order by created_at desc limit 1",
    );
    expect(rows).toEqual([{ fresh: true }]);
  });
});
