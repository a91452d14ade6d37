import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer, Client, Json } from "../client.ts";
import type { Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import {
  account,
  type Account,
  addPasskey,
  answered,
  authenticator,
  keyOf,
  made,
  passFirstFactor,
  passkeySignIn,
} from "../second-factors.ts";
import { testServer, type TestServer } from "../server.ts";

// Passkeys: answers to challenges that were given to somebody else, for something else, elsewhere, or once before.

proves("IAM-8");

let server: TestServer;
let acme: Organization;
beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

type Device = ReturnType<typeof authenticator>;
interface Owner extends Account {
  readonly device: Device;
}

async function owner(): Promise<Owner> {
  const person = await account(server, acme);
  const device = authenticator();
  expect((await addPasskey(person.browser, device)).status).toBe(201);
  return { ...person, device };
}

const refused = [401, "wrong-code"];
const optionsFrom = async (browser: Client, door: string): Promise<Json> =>
  (await browser.post(door)).json.options;

/** The answer with other client data than what was signed. */
function redrawn(response: Json, change: Readonly<Record<string, unknown>>): Json {
  const told = JSON.parse(Buffer.from(response.response.clientDataJSON, "base64url").toString());
  const clientDataJSON = Buffer.from(JSON.stringify({ ...told, ...change })).toString("base64url");
  return { ...response, response: { ...response.response, clientDataJSON } };
}

describe("a challenge", () => {
  /** The four doors that give one, and those that take an answer. */
  const giving = ["sign-in", "second-factor", "proof"] as const;
  const doors = {
    "sign-in": ["/auth/passkey/options", "/auth/passkey"],
    "second-factor": ["/auth/second-factor/passkey-options", "/auth/second-factor/passkey"],
    proof: ["/auth/prove/options", "/auth/prove"],
  } as const;

  test.each(
    giving.flatMap((given) => giving.filter((used) => used !== given).map((used) => [given, used] as const)),
  )("for %s is none for %s (better-auth #9993)", async (given, used) => {
    const person = await owner();
    const { browser: waiting } = await passFirstFactor(server, person);
    const browserFor = { "sign-in": server.stranger(), "second-factor": waiting, proof: person.browser };
    const response = answered(person.device, await optionsFrom(browserFor[given], doors[given][0]));
    const answer = await browserFor[used].post(
      doors[used][1],
      used === "proof" ? { passkey: response } : { response },
    );
    expect(keyOf(answer)).toEqual(refused);
    // Nothing else was wrong with it: where it belongs it is taken.
    const home = await browserFor[given].post(
      doors[given][1],
      given === "proof" ? { passkey: response } : { response },
    );
    expect(home.status).toBe(200);
  });

  test("for making a passkey is none for signing in, and the other way round", async () => {
    const person = await owner();
    const registration = await optionsFrom(person.browser, "/auth/passkeys/options");
    const forged = answered(person.device, {
      challenge: registration.challenge,
      rpId: registration.rp.id,
      userVerification: "required",
    });
    expect(keyOf(await server.stranger().post("/auth/passkey", { response: forged }))).toEqual(refused);
    const signIn = await optionsFrom(server.stranger(), "/auth/passkey/options");
    const response = made(authenticator(), {
      ...registration,
      challenge: signIn.challenge,
      excludeCredentials: [],
    });
    expect(keyOf(await person.browser.post("/auth/passkeys", { name: "x", response }))).toEqual([
      403,
      "link-not-valid",
    ]);
  });

  test("that another session or sign-in was given is none for this one", async () => {
    const person = await owner();
    const [one, two] = [await passFirstFactor(server, person), await passFirstFactor(server, person)];
    const response = answered(person.device, await optionsFrom(one.browser, doors["second-factor"][0]));
    expect(keyOf(await two.browser.post(doors["second-factor"][1], { response }))).toEqual(refused);
    const thief = await account(server, acme);
    const registration = await optionsFrom(thief.browser, "/auth/passkeys/options");
    const theirs = made(authenticator(), registration);
    // A passkey of the thief, brought into the session of the victim.
    expect(keyOf(await person.browser.post("/auth/passkeys", { name: "x", response: theirs }))).toEqual([
      403,
      "link-not-valid",
    ]);
  });

  test("is answered once: neither a sign-in nor an enrolment is replayed (Keycloak CVE-2026-37982)", async () => {
    const person = await owner();
    const response = answered(person.device, await optionsFrom(server.stranger(), "/auth/passkey/options"));
    expect((await server.stranger().post("/auth/passkey", { response })).status).toBe(200);
    expect(keyOf(await server.stranger().post("/auth/passkey", { response }))).toEqual(refused);
    const other = authenticator();
    const enrolment = made(other, await optionsFrom(person.browser, "/auth/passkeys/options"));
    const added = await person.browser.post("/auth/passkeys", { name: "x", response: enrolment });
    expect(added.status).toBe(201);
    expect((await person.browser.delete(`/auth/factors/${added.json.id}`)).status).toBe(204);
    expect(keyOf(await person.browser.post("/auth/passkeys", { name: "x", response: enrolment }))).toEqual([
      403,
      "link-not-valid",
    ]);
  });

  test("is answered by one of fifty at the same time", async () => {
    const person = await owner();
    const response = answered(person.device, await optionsFrom(server.stranger(), "/auth/passkey/options"));
    const seen = await Promise.all(
      Array.from(
        { length: 50 },
        async () => (await server.stranger().post("/auth/passkey", { response })).status,
      ),
    );
    expect(seen.filter((status) => status === 200)).toHaveLength(1);
    expect(seen.filter((status) => status === 401)).toHaveLength(49);
  });

  test("is good for five minutes, and made up by nobody", async () => {
    const person = await owner();
    const options = await optionsFrom(server.stranger(), "/auth/passkey/options");
    const db = await server.database.connectAsSuperuser();
    await db.query(
      "update kernel.ticket set expires_at = now() - interval '1 second' where purpose = 'passkey-sign-in'",
    );
    expect(
      keyOf(await server.stranger().post("/auth/passkey", { response: answered(person.device, options) })),
    ).toEqual(refused);
    const madeUp = { ...options, challenge: Buffer.alloc(32, 5).toString("base64url") };
    expect(
      keyOf(await server.stranger().post("/auth/passkey", { response: answered(person.device, madeUp) })),
    ).toEqual(refused);
    // What nobody answered does not pile up.
    await server.stranger().post("/auth/passkey/options");
    const { rows } = await db.query(
      "select count(*)::integer as old from kernel.ticket where purpose = 'passkey-sign-in' and expires_at < now()",
    );
    expect(rows).toEqual([{ old: 0 }]);
  });
});

describe("an answer", () => {
  const signInWith = async (
    person: Owner,
    change: (response: Json) => Json,
    origin?: string,
  ): Promise<Answer> => {
    const options = await optionsFrom(server.stranger(), "/auth/passkey/options");
    return server
      .stranger()
      .post("/auth/passkey", { response: change(answered(person.device, options, origin)) });
  };

  test.each<[string, (response: Json) => Json]>([
    ["whose client data was changed after signing", (response) => redrawn(response, { extra: 1 })],
    ["of the type of an enrolment", (response) => redrawn(response, { type: "webauthn.create" })],
    ["from another origin", (response) => redrawn(response, { origin: "https://evil.example" })],
    ["from a sibling domain", (response) => redrawn(response, { origin: "https://app.ringfence.example" })],
    ["from a frame of another site", (response) => redrawn(response, { crossOrigin: true })],
    [
      "without a user handle",
      ({ response: { userHandle: _, ...rest }, ...all }) => ({ ...all, response: rest }),
    ],
    [
      "in the name of somebody else",
      (response) => ({
        ...response,
        response: { ...response.response, userHandle: Buffer.alloc(16, 1).toString("base64url") },
      }),
    ],
    [
      "without a signature worth the name",
      (response) => ({ ...response, response: { ...response.response, signature: "AAAA" } }),
    ],
    [
      "with the signature of nothing",
      (response) => ({
        ...response,
        response: { ...response.response, authenticatorData: Buffer.alloc(37).toString("base64url") },
      }),
    ],
    ["of a passkey that nobody has", (response) => ({ ...response, id: "AAAA", rawId: "AAAA" })],
    ["whose two ids differ", (response) => ({ ...response, rawId: "AAAA" })],
    [
      "with client data that is no JSON",
      (response) => ({ ...response, response: { ...response.response, clientDataJSON: "AAAA" } }),
    ],
  ])("%s is refused", async (_, change) => {
    expect(keyOf(await signInWith(await owner(), change))).toEqual(refused);
  });

  test("signed at another origin, as a phishing proxy would have it, is refused (the signature is genuine)", async () => {
    const person = await owner();
    const options = await optionsFrom(server.stranger(), "/auth/passkey/options");
    const response = person.device.getJSON("https://login.ringfence.example", options);
    expect(keyOf(await server.stranger().post("/auth/passkey", { response }))).toEqual(refused);
    expect((await passkeySignIn(server, person.device)).answer.status).toBe(200);
  });

  test("that counts backwards comes from a copy: refused, and in the trail as critical", async () => {
    const person = await owner();
    const db = await server.database.connectAsSuperuser();
    expect((await passkeySignIn(server, person.device)).answer.status).toBe(200);
    await db.query("update kernel.factor set counter = counter + 100 where person_id = $1", [
      person.personId,
    ]);
    expect(keyOf((await passkeySignIn(server, person.device)).answer)).toEqual(refused);
    const { rows } = await db.query(
      "select severity from kernel.audit_event where actor_id = $1 and action = 'passkey-regressed'",
      [person.personId],
    );
    expect(rows).toEqual([{ severity: "critical" }]);
    // The same as a second factor.
    const { browser: waiting } = await passFirstFactor(server, person);
    const response = answered(
      person.device,
      await optionsFrom(waiting, "/auth/second-factor/passkey-options"),
    );
    expect(keyOf(await waiting.post("/auth/second-factor/passkey", { response }))).toEqual(refused);
  });

  test("of an authenticator that does not count is taken each time", async () => {
    const person = await account(server, acme);
    const device = authenticator({ signCounterIncrement: 0 });
    await addPasskey(person.browser, device);
    const db = await server.database.connectAsSuperuser();
    await db.query("update kernel.factor set counter = 0 where person_id = $1", [person.personId]);
    const { rows } = await db.query("select counter from kernel.factor where person_id = $1", [
      person.personId,
    ]);
    expect(rows).toEqual([{ counter: "0" }]);
    for (let round = 0; round < 2; round += 1)
      expect((await passkeySignIn(server, device)).answer.status).toBe(200);
  });

  test("of somebody else's passkey is no second factor of mine", async () => {
    const [mine, theirs] = [await owner(), await owner()];
    const { browser: waiting } = await passFirstFactor(server, theirs);
    const options = await optionsFrom(waiting, "/auth/second-factor/passkey-options");
    const { allowCredentials: _, ...any } = options;
    const response = answered(mine.device, any);
    expect(keyOf(await waiting.post("/auth/second-factor/passkey", { response }))).toEqual(refused);
  });

  test("wrong ones of an outsider lock nobody's codes", async () => {
    const person = await owner();
    for (let tries = 0; tries < 12; tries += 1) {
      expect(keyOf(await signInWith(person, (response) => redrawn(response, { extra: tries })))).toEqual(
        refused,
      );
    }
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query(
      "select failures from kernel.factor_tally where person_id = $1 and failures > 0",
      [person.personId],
    );
    expect(rows).toEqual([]);
    // Nor does it matter to them that codes are locked.
    await db.query(
      "insert into kernel.factor_tally (person_id, failures, locked_until) values ($1, 10, now() + interval '15 min') on conflict (person_id, vouched_by) do update set failures = 10, locked_until = excluded.locked_until",
      [person.personId],
    );
    expect(keyOf(await signInWith(person, (response) => redrawn(response, { extra: 1 })))).toEqual(refused);
  });
});

describe("an enrolment", () => {
  const enrol = async (
    device: Device,
    change: (response: Json) => Json = (same) => same,
    asked: Json = {},
  ): Promise<Answer> => {
    const { browser } = await account(server, acme);
    const options = await optionsFrom(browser, "/auth/passkeys/options");
    return browser.post("/auth/passkeys", {
      name: "x",
      response: change(made(device, { ...options, ...asked })),
    });
  };

  test("is held to what it was asked for on the server, whatever the browser did (Keycloak CVE-2026-8830)", async () => {
    const unverified = authenticator({
      userMakeCredentialInteraction: () => ({ options: { uv: false, up: true } }),
    });
    expect(keyOf(await enrol(unverified))).toEqual(refused);
    expect(
      keyOf(
        await enrol(authenticator(), (response) => redrawn(response, { origin: "https://evil.example" })),
      ),
    ).toEqual(refused);
    expect(
      keyOf(await enrol(authenticator(), (response) => redrawn(response, { type: "webauthn.get" }))),
    ).toEqual(refused);
    expect(
      keyOf(await enrol(authenticator(), (response) => redrawn(response, { crossOrigin: true }))),
    ).toEqual(refused);
    expect((await enrol(authenticator())).status).toBe(201);
  });

  test("for a parent or a sibling domain is refused: the configured host is the one relying party", async () => {
    const { browser } = await account(server, acme);
    const options = await optionsFrom(browser, "/auth/passkeys/options");
    const response = authenticator().createJSON("https://app.ringfence.example", {
      ...options,
      rp: { id: "app.ringfence.example", name: "x" },
    });
    expect(
      keyOf(
        await browser.post("/auth/passkeys", {
          name: "x",
          response: redrawn(response, { origin: "https://ringfence.example" }),
        }),
      ),
    ).toEqual(refused);
  });

  test("has the host of the configured address, whatever the request calls us", async () => {
    const { browser } = await account(server, acme);
    const { json } = await browser.post("/auth/passkeys/options", undefined, {
      headers: { "x-forwarded-host": "evil.example", forwarded: "host=evil.example" },
    });
    expect(json.options.rp.id).toBe("ringfence.example");
  });
});
