import { afterAll, beforeAll, expect } from "vitest";
import type { Answer, Client } from "../client.ts";
import { proves } from "../proves.ts";
import { samlWorld, type SamlWorld } from "../saml-world.ts";
import { cameIn, type Org } from "../sso-world.ts";
import { attack } from "./attack.ts";

// Where the provider may begin, nothing was asked for here: what a connection may not do otherwise, it may not do so either.

proves("IAM-7");

let world: SamlWorld;
let acme: Org;

beforeAll(async () => {
  world = await samlWorld();
  acme = await world.server.organization("acme");
  await world.verifyDomain(acme, "acme.example");
});
afterAll(() => world.stop());

const ssoSessions = async (): Promise<number> => {
  const { rows } = await world.db.query(
    "select count(*)::integer as count from kernel.credential where 'sso' = any (factors)",
  );
  return rows[0].count;
};
const at = (connection: string): string => `/o/acme/v1/sso-connections/${connection}`;
/** The page that asks first, and what its button sends. */
const tokenIn = ({ status, text }: Answer): string => {
  expect(status).toBe(200);
  return /name="token" value="([A-Za-z0-9_-]{43})"/.exec(text)?.[1] ?? "";
};
const accept = (browser: Client, connection: string, token: string): Promise<Answer> =>
  browser.send("POST", `/auth/saml/${connection}/accept`, {
    raw: new URLSearchParams({ token }).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
  });

attack(
  {
    id: "SAML-THERE-1",
    title:
      "begin at the provider of a connection that may only be tried out, by whoever is in its trial and by strangers (Keycloak CVE-2026-16442: link-only was bypassed)",
    expected: "refused, no session",
  },
  async () => {
    const draft = await world.connectSaml(acme, { allowsUnsolicited: true });
    // Behind the doors' back: as it is before it is switched on.
    await world.db.query("update kernel.sso_connection set state = 'draft' where id = $1", [draft]);
    const before = await ssoSessions();
    expect(cameIn(await world.post(world.server.stranger(), draft, world.answer(draft, null)))).toBe(false);
    const tried = await acme.browser.post(`${at(draft)}/test`);
    expect(tried.status).toBe(200);
    // In the very browser that has the trial under way, and its session.
    expect(cameIn(await world.post(acme.browser, draft, world.answer(draft, null)))).toBe(false);
    expect(await ssoSessions()).toBe(before);
    // The control: it is its state that was in the way.
    await world.db.query("update kernel.sso_connection set state = 'enabled' where id = $1", [draft]);
    const browser = world.server.stranger();
    const token = tokenIn(await world.post(browser, draft, world.answer(draft, null)));
    expect(cameIn(await accept(browser, draft, token))).toBe(true);
    return "refused, no session";
  },
);

attack(
  {
    id: "SAML-THERE-2",
    title:
      "say yes to what a provider began after the connection was switched off, ended, or set back to be tried out (Keycloak CVE-2026-2603)",
    expected: "refused, no session",
  },
  async () => {
    const ways: readonly ((connection: string) => Promise<unknown>)[] = [
      (connection) => acme.browser.post(`${at(connection)}/disable`),
      (connection) => acme.browser.post(`${at(connection)}/end`, { offBoard: false }),
      (connection) =>
        world.db.query("update kernel.sso_connection set state = 'draft' where id = $1", [connection]),
    ];
    for (const way of ways) {
      const connection = await world.connectSaml(acme, { allowsUnsolicited: true });
      const browser = world.server.stranger();
      const token = tokenIn(await world.post(browser, connection, world.answer(connection, null)));
      const before = await ssoSessions();
      await way(connection);
      expect(cameIn(await accept(browser, connection, token))).toBe(false);
      expect(await ssoSessions()).toBe(before);
    }
    return "refused, no session";
  },
);

attack(
  {
    id: "SAML-THERE-3",
    title: "put a page of one's own into ours by RelayState, name or address (Logto 209fa0a5cb)",
    expected: "harmless; RelayState is nowhere",
  },
  async () => {
    const connection = await world.connectSaml(acme, { allowsUnsolicited: true });
    const markup = `"><script>alert(1)</script><form action='https://evil.example'>`;
    // As an honest provider writes it, for the signature is over that.
    const spelt = markup.replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    const response = world.answer(connection, null, { subject: spelt, email: `ada${spelt}@acme.example` });
    const answer = await world.post(world.server.stranger(), connection, response, { RelayState: markup });
    tokenIn(answer);
    expect(answer.text).not.toContain("<script");
    expect(answer.text).not.toContain("evil.example'");
    expect(answer.text.match(/<form /g)).toHaveLength(1);
    expect(String(answer.headers["content-security-policy"])).toMatch(/default-src 'none'|script-src 'self'/);
    const plain = await world.post(world.server.stranger(), connection, world.answer(connection, null), {
      RelayState: "a-word-of-the-sender",
    });
    expect(`${plain.text}${JSON.stringify(plain.headers)}`).not.toContain("a-word-of-the-sender");
    // Nor does a response come in by the address bar, where its signature and algorithm would be parameters.
    const query = new URLSearchParams({ SAMLResponse: response, RelayState: markup });
    const got = await world.server.stranger().get(`/auth/saml/${connection}/acs?${query.toString()}`);
    expect(got.status).toBe(405);
    return "harmless; RelayState is nowhere";
  },
);

attack(
  {
    id: "SAML-THERE-kept",
    title:
      "tell of people again and again what nobody says yes to, so that it stays: addresses, names, groups",
    expected: "a row each, none a day later",
  },
  async () => {
    const connection = await world.connectSaml(acme, { allowsUnsolicited: true });
    const kept = async (): Promise<number> =>
      (
        await world.db.query(
          "select count(*)::integer as count from kernel.ticket where purpose = 'assertion' and payload ->> 'connection' = $1",
          [connection],
        )
      ).rows[0].count;
    for (let nth = 0; nth < 3; nth += 1)
      tokenIn(await world.post(world.server.stranger(), connection, world.answer(connection, null)));
    expect(await kept()).toBe(3);
    await world.db.query(
      "update kernel.ticket set expires_at = expires_at - interval '25 hours' where purpose = 'assertion'",
    );
    const worker = await world.server.database.connectAs("worker");
    await worker.query("select kernel.schedule_jobs()");
    await worker.end();
    expect(await kept()).toBe(0);
    return "a row each, none a day later";
  },
);
