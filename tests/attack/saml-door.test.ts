import { deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Client } from "../client.ts";
import { proves } from "../proves.ts";
import { samlWorld, type SamlWorld } from "../saml-world.ts";
import { cameIn, type Org } from "../sso-world.ts";
import { attack } from "./attack.ts";
import { encode, honestXml, newIdp, told } from "./saml-forge.ts";

let world: SamlWorld;
let acme: Org;
let globex: Org;
let connection: string;
let open: string;
let theirs: string;

beforeAll(async () => {
  world = await samlWorld();
  acme = await world.server.organization("acme");
  globex = await world.server.organization("globex");
  await world.verifyDomain(acme, "acme.example");
  await world.verifyDomain(globex, "globex.example");
  connection = await world.connectSaml(acme);
  open = await world.connectSaml(acme, { allowsUnsolicited: true });
  theirs = await world.connectSaml(globex);
});
afterAll(() => world.stop());

const sessions = async (): Promise<number> => {
  const { rows } = await world.db.query(
    "select count(*)::integer as count from kernel.credential where 'sso' = any (factors)",
  );
  return rows[0].count;
};

/** Tries, and says what must be the same every time: that nobody came in, and what stands in the trail. */
async function refused(
  browser: Client,
  at: string,
  response: string,
  reason: RegExp | null,
): Promise<string> {
  const before = await sessions();
  expect(cameIn(await world.post(browser, at, response))).toBe(false);
  expect(await sessions()).toBe(before);
  if (reason === null) return "refused, no session";
  expect((await world.reasons(acme))[0]).toMatch(reason);
  return "refused, no session, reason in the trail";
}

describe("at the door where SAML responses arrive", () => {
  proves("IAM-7");
  const none = "refused, no session";
  const told_ = "refused, no session, reason in the trail";

  attack({ id: "SAML-DOOR-1", title: "post a response twice", expected: none }, async () => {
    const browser = world.server.stranger();
    const response = world.answer(connection, await world.ask(browser, connection));
    expect(cameIn(await world.post(browser, connection, response))).toBe(true);
    return refused(browser, connection, response, null);
  });

  attack(
    { id: "SAML-DOOR-2", title: "post one response fifty times at once", expected: "1 of 50" },
    async () => {
      const browser = world.server.stranger();
      const response = world.answer(connection, await world.ask(browser, connection));
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => world.post(browser, connection, response)),
      );
      const count = answers.filter(cameIn).length;
      expect(count).toBe(1);
      return `${count} of 50`;
    },
  );

  attack(
    { id: "SAML-DOOR-3", title: "answer a second request with an assertion that was used", expected: told_ },
    async () => {
      const browser = world.server.stranger();
      const assertionId = "_the-same-one";
      const first = world.answer(connection, await world.ask(browser, connection), { assertionId });
      expect(cameIn(await world.post(browser, connection, first))).toBe(true);
      const again = world.answer(connection, await world.ask(browser, connection), { assertionId });
      return refused(browser, connection, again, /used already/);
    },
  );

  attack(
    { id: "SAML-DOOR-4", title: "fifty at once of one where the provider began", expected: "1 of 50" },
    async () => {
      const response = world.answer(open, null);
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => world.post(world.server.stranger(), open, response)),
      );
      const count = answers.filter(({ status }) => status === 200).length;
      expect(count).toBe(1);
      expect((await world.reasons(acme))[0]).toBe("the assertion was used before");
      return `${count} of 50`;
    },
  );

  attack(
    { id: "SAML-DOOR-5", title: "bring a stolen response in another browser", expected: none },
    async () => {
      const victim = world.server.stranger();
      const thief = world.server.stranger();
      await world.ask(thief, connection);
      const response = world.answer(connection, await world.ask(victim, connection));
      const seen = await refused(thief, connection, response, null);
      // The thief's try has not used it up.
      expect(cameIn(await world.post(victim, connection, response))).toBe(true);
      return seen;
    },
  );

  attack(
    {
      id: "SAML-DOOR-6",
      title: "have a victim's browser post the attacker's own response (login CSRF)",
      expected: none,
    },
    async () => {
      const attacker = world.server.stranger();
      const response = world.answer(connection, await world.ask(attacker, connection));
      return refused(world.server.stranger(), connection, response, null);
    },
  );

  attack(
    { id: "SAML-DOOR-7", title: "begin at the provider where that is not allowed", expected: none },
    () => refused(world.server.stranger(), connection, world.answer(connection, null), null),
  );

  attack(
    { id: "SAML-DOOR-8", title: "post to one organization what was signed for another", expected: none },
    async () => {
      const browser = world.server.stranger();
      const request = await world.ask(browser, theirs);
      return refused(browser, connection, world.answer(theirs, request), null);
    },
  );

  attack(
    {
      id: "SAML-DOOR-9",
      title: "answer one organization's request with another's address and audience (python-saml #223)",
      expected: told_,
    },
    async () => {
      const browser = world.server.stranger();
      const request = await world.ask(browser, connection);
      return refused(browser, connection, world.answer(theirs, request), /^wrong-destination/);
    },
  );

  attack(
    { id: "SAML-DOOR-10", title: "assert an address of another organization's domain", expected: told_ },
    async () => {
      const browser = world.server.stranger();
      const request = await world.ask(browser, connection);
      const response = world.answer(connection, request, {
        subject: "reacher",
        email: "boss@globex.example",
      });
      return refused(browser, connection, response, /^address not vouched for$/);
    },
  );

  attack(
    { id: "SAML-DOOR-11", title: "assert the owner, by a provider that an admin set up", expected: told_ },
    async () => {
      const admin = await world.server.person(acme, "admin");
      const owners = { ...acme, browser: admin.browser };
      const made = await admin.browser.post("/o/acme/v1/sso-connections", { kind: "saml", name: "Mine" });
      expect(made.status).toBe(201);
      const evil = await world.connectSaml(owners);
      await world.db.query("update kernel.person set email = 'owner@acme.example' where id = $1", [
        acme.owner.personId,
      ]);
      const browser = world.server.stranger();
      const response = world.answer(evil, await world.ask(browser, evil), {
        subject: "x",
        email: "owner@acme.example",
      });
      return refused(browser, evil, response, /above who answers/);
    },
  );

  attack(
    {
      id: "SAML-DOOR-12",
      title: "come in by a connection that was switched off meanwhile (Keycloak CVE-2026-2603)",
      expected: none,
    },
    async () => {
      const closing = await world.connectSaml(acme);
      const browser = world.server.stranger();
      const response = world.answer(closing, await world.ask(browser, closing));
      await acme.browser.post(`/o/acme/v1/sso-connections/${closing}/disable`);
      return refused(browser, closing, response, null);
    },
  );

  attack({ id: "SAML-DOOR-13", title: "answer a request five minutes later", expected: none }, async () => {
    const browser = world.server.stranger();
    const request = await world.ask(browser, connection);
    await world.db.query(
      "update kernel.ticket set expires_at = now() where purpose = 'saml-request' and used_at is null and expires_at > now() + interval '4 min'",
    );
    return refused(browser, connection, world.answer(connection, request), null);
  });

  attack(
    { id: "SAML-DOOR-14", title: "lead elsewhere by RelayState or returnTo", expected: "/o/acme only" },
    async () => {
      for (const elsewhere of [
        "https://evil.example/",
        "//evil.example",
        "javascript:alert(1)",
        "/o/globex/contacts",
      ]) {
        const browser = world.server.stranger();
        const query = `?returnTo=${encodeURIComponent(elsewhere)}`;
        const response = world.answer(connection, await world.ask(browser, connection, query));
        const { headers } = await world.post(browser, connection, response, { RelayState: elsewhere });
        expect(headers["location"]).toBe("/o/acme");
      }
      return "/o/acme only";
    },
  );

  attack(
    { id: "SAML-DOOR-15", title: "be told by the answer what was wrong", expected: "one answer" },
    async () => {
      const stranger = await newIdp(world.idp.entityId);
      const answers = new Set<string>();
      const there = world.at(connection);
      const request = async (browser: Client): Promise<string> => world.ask(browser, connection);
      for (const forge of [
        () => "no base64!",
        () => encode("<a/>"),
        () => "A".repeat(400_000),
        () => deflateRawSync(Buffer.alloc(50_000_000, 32)).toString("base64"),
        async (browser: Client) =>
          encode(honestXml(stranger, told(there, { inResponseTo: await request(browser) }))),
        async (browser: Client) =>
          world.answer(connection, await request(browser), { audience: "https://other.example" }),
        async (browser: Client) =>
          world.answer(connection, await request(browser), { notOnOrAfter: "2020-01-01T00:00:00Z" }),
        async (browser: Client) =>
          world.answer(connection, await request(browser), { email: "a@elsewhere.example", subject: "?" }),
        () => world.answer(connection, `_${"a".repeat(43)}`),
      ]) {
        const browser = world.server.stranger();
        const { status, headers, text } = await world.post(browser, connection, await forge(browser));
        const location = String(headers["location"]).replace(/[0-9a-f-]{36}/, "…");
        answers.add(`${status} ${location} ${text}`);
      }
      expect([...answers]).toEqual(["303 /sign-in?refused=single-sign-on&request=… "]);
      return "one answer";
    },
  );

  attack(
    {
      id: "SAML-DOOR-16",
      title: "a form with a field twice, of another kind, or too long",
      expected: "refused, 415, 413",
    },
    async () => {
      const path = `/auth/saml/${connection}/acs`;
      const form = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site" };
      const browser = world.server.stranger();
      const send = (raw: string, headers: Record<string, string> = form) =>
        browser.send("POST", path, { raw, headers });
      expect(cameIn(await send("SAMLResponse=QQ%3D%3D&SAMLResponse=Qg%3D%3D"))).toBe(false);
      expect(cameIn(await send("RelayState=x"))).toBe(false);
      const json = await send("{}", { "content-type": "application/json" });
      const long = await send(`SAMLResponse=${"A".repeat(700 * 1024)}`);
      return `refused, ${json.status}, ${long.status}`;
    },
  );

  test("the door's own password signs nobody in: it cannot show the organization's proof", async () => {
    const auth = await world.server.database.connectAs("auth");
    const wrong = Buffer.alloc(32, 7);
    const call = (text: string, values: unknown[]) =>
      auth.query(text, values).then(
        () => "done",
        (error: { code: string }) => error.code,
      );
    expect(await call("select kernel.saml_use($1, $2, 'a', now())", [connection, wrong])).toBe("RF403");
    const offer = "select kernel.saml_offer($1, $2, 'a', now(), $2, $2, '{}', null, null, null)";
    expect(await call(offer, [open, wrong])).toBe("RF403");
    expect(await call("select kernel.saml_accept($1, $2, $2, $2, null, null, null)", [open, wrong])).toBe(
      "RF403",
    );
    expect(await call("select kernel.sso_remember($1, 'a', now())", [open])).toBe("42501");
    expect(await call("select * from kernel.sso_used", [])).toBe("42501");
  });
});

describe("an address that a SAML provider tells", () => {
  proves("IAM-7");

  attack(
    {
      id: "SAML-DOOR-address",
      title:
        "stand in the trail under somebody else's address, or have letters go elsewhere: one with a blank, a second address, a comma, a line, or letters that look alike",
      expected: "refused, nobody made",
    },
    async () => {
      const count = async (): Promise<number> =>
        (await world.db.query("select count(*)::integer as count from kernel.person")).rows[0].count;
      const before = await count();
      for (const email of [
        `${acme.owner.email} x@acme.example`,
        "mallory@evil.example,x@acme.example",
        '"x\nBcc: y"@acme.example',
        "\u043ewner@acme.example",
        "own\u200ber@acme.example",
        `${"x".repeat(65)}@acme.example`,
      ]) {
        const browser = world.server.stranger();
        const response = world.answer(connection, await world.ask(browser, connection), {
          email,
          subject: `of ${email}`,
        });
        await refused(browser, connection, response, /address not vouched for/);
      }
      expect(await count()).toBe(before);
      return "refused, nobody made";
    },
  );
});
