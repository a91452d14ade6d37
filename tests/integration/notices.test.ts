import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Client as Database } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import { startNoticeLetters } from "../../server/features/identity/index.ts";
import { openPool } from "../../server/foundation/database/index.ts";
import { installationVault } from "../../server/kernel/vault/index.ts";
import { less } from "../attack/take-away.ts";
import { valueOf } from "../attack/attack-ground.ts";
import type { Answer, Client, Json } from "../client.ts";
import type { Organization } from "../installed-database.ts";
import { lettersTo } from "../mail-ground.ts";
import { proves } from "../proves.ts";
import { type Account, account, enrolTotp } from "../second-factors.ts";
import { trialSecret } from "../seed.ts";
import { publicUrl, testServer, type TestServer } from "../server.ts";

proves("IAM-14");

let server: TestServer;
let acme: Organization;
let superuser: Database;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "ringfence-notices-"));
  const file = path.join(folder, "places.csv");
  await writeFile(file, places.join("\n"));
  const systems = path.join(folder, "operators.csv");
  await writeFile(systems, operators.join("\n"));
  server = await testServer({ RINGFENCE_GEOIP_FILE: file, RINGFENCE_ASN_FILE: systems });
  acme = await server.organization("acme");
  superuser = await server.database.connectAsSuperuser();
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const places = [
  "203.0.113.0/24,AT,Vienna,48.2,16.4",
  "198.51.100.0/24,JP,Osaka",
  "192.0.2.0/24,AT,Graz,47.1,15.4",
  "198.18.0.0/24,PT,Lisbon,38.7,-9.1",
  "198.18.1.0/24,PT,Porto,41.1,-8.6",
];

const operators = [
  "network,autonomous_system_number,autonomous_system_organization",
  "203.0.113.0/25,64500,Cable Net",
  "203.0.113.128/25,64501,Mobile Net",
];

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const chrome =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

const ofBrowsers = { "accept-language": "en", "sec-fetch-site": "same-origin" };

interface From {
  readonly ip?: string;
  readonly agent?: string;
  /** It sends nothing of what browsers send by themselves. */
  readonly program?: boolean;
}

async function signIn(
  browser: Client,
  { email, password }: Account,
  { ip = "203.0.113.9", agent = firefox, program = false }: From = {},
): Promise<Answer> {
  const headers = { "x-forwarded-for": ip, "user-agent": agent, ...(program ? {} : ofBrowsers) };
  const answer = await browser.post("/auth/sign-in", { email, password }, { headers });
  expect(answer.json).toEqual({ signedIn: true, next: null });
  return answer;
}

const noticesOf = async (browser: Client): Promise<Json[]> => (await browser.get("/auth/notices")).json.items;
const kindsOf = async (browser: Client): Promise<string[]> =>
  (await noticesOf(browser)).map(({ kind }: Json) => kind);

/** Whether a dangerous act asks for a fresh proof. */
async function isFresh(browser: Client): Promise<boolean> {
  const { status, json } = await browser.post("/o/acme/v1/keys", { name: "Probe" });
  if (status === 403) expect(json.type).toContain("fresh-proof-needed");
  else expect(status).toBe(201);
  return status === 201;
}

/** Somebody who has signed in from Vienna with Firefox, and nothing else. */
async function settled(): Promise<Account & { readonly home: Client }> {
  const person = await account(server, acme);
  await superuser.query("delete from kernel.arrival where person_id = $1", [person.personId]);
  const home = server.stranger();
  await signIn(home, person);
  return { ...person, home };
}

describe("a sign-in", () => {
  test("the first one and further ones on the same device are told of to nobody, and are fresh", async () => {
    const person = await settled();
    await signIn(person.home, person, { ip: "203.0.113.100" });
    await signIn(person.home, person, { ip: "192.0.2.7" });
    expect(await noticesOf(person.home)).toEqual([]);
    expect(await isFresh(person.home)).toBe(true);
  });

  test("on a new device is told with its place, stands in the trail, and is let in but not fresh", async () => {
    const person = await settled();
    const other = server.stranger();
    await signIn(other, person, { ip: "192.0.2.7", agent: chrome });
    const [told] = await noticesOf(person.home);
    expect(told).toMatchObject({
      kind: "new-device",
      organization: null,
      ip: "192.0.2.7",
      place: "Graz, AT",
      seen: false,
      details: { signals: ["new-device"], device: "Chrome on Windows", place: "Graz, AT" },
    });
    expect((await other.get("/o/acme/v1/contacts")).status).toBe(200);
    expect(await isFresh(other)).toBe(false);
    expect(await isFresh(person.home)).toBe(true);
    const owner = server.browserOf(acme.owner.token);
    const { json } = await owner.get(
      `/o/acme/v1/audit-events?action=unusual-sign-in&actor=${person.personId}`,
    );
    expect(json.items[0]).toMatchObject({ anomaly: "new-device", severity: "warning", ip: "192.0.2.7" });
    await signIn(other, person, { ip: "192.0.2.7", agent: chrome });
    expect(await isFresh(other)).toBe(true);
    expect(await kindsOf(person.home)).toEqual(["key-made", "key-made", "new-device"]);
  });

  test("with the mark of a known browser but another kind of browser is a new device: the mark was copied", async () => {
    const person = await settled();
    await signIn(person.home, person, { agent: chrome });
    expect(await kindsOf(person.home)).toEqual(["new-device"]);
  });

  test("from a country that was not there before, and faster than anybody travels", async () => {
    const person = await settled();
    await signIn(person.home, person, { ip: "198.51.100.7" });
    const [told] = await noticesOf(person.home);
    expect([told.kind, told.details.signals]).toEqual(["unusual-sign-in", ["new-country", "hasty-travel"]]);
    expect(await isFresh(person.home)).toBe(false);
    await superuser.query("update kernel.arrival set at = at - interval '2 hours' where person_id = $1", [
      person.personId,
    ]);
    await signIn(person.home, person, { ip: "198.51.100.7" });
    expect(await isFresh(person.home)).toBe(true);
  });

  test("faster than an airliner asks for a fresh proof, once for each browser and place", async () => {
    const person = await settled();
    const moved = (hours: number): Promise<unknown> =>
      superuser.query("update kernel.arrival set at = at - make_interval(hours => $2) where person_id = $1", [
        person.personId,
        hours,
      ]);
    const signals = async (): Promise<unknown> => (await noticesOf(person.home))[0]?.details.signals;
    // From Vienna to Lisbon it is 2300 km.
    await moved(2);
    await signIn(person.home, person, { ip: "198.18.0.7" });
    expect([await signals(), await isFresh(person.home)]).toEqual([["new-country", "hasty-travel"], false]);
    const told = (await noticesOf(person.home)).length;
    // There and back as a VPN does: this browser is known in both places now.
    for (const ip of ["203.0.113.9", "198.18.0.7", "203.0.113.9", "198.18.0.200"]) {
      await signIn(person.home, person, { ip });
      expect([ip, await isFresh(person.home)]).toEqual([ip, true]);
    }
    expect((await noticesOf(person.home)).filter(({ kind }: Json) => kind !== "key-made")).toHaveLength(told);
    // Another browser is another matter, however well the place is known.
    const other = server.stranger();
    await signIn(other, person, { ip: "198.18.0.7" });
    expect(await signals()).toEqual(["new-device", "hasty-travel"]);
    expect(await isFresh(other)).toBe(false);
    // Porto is near enough to Lisbon for a file of places to take one for the other, and Vienna 2400 km away.
    await moved(3);
    await signIn(person.home, person, { ip: "198.18.1.7" });
    expect(await isFresh(person.home)).toBe(true);
  });

  test("through another network operator is told, with its name, once within 180 days; where none is known it is not", async () => {
    const person = await settled();
    const mobile = { ip: "203.0.113.200" };
    await signIn(person.home, person, mobile);
    const [told] = await noticesOf(person.home);
    expect([told.kind, told.details]).toEqual([
      "unusual-sign-in",
      {
        signals: ["new-operator"],
        device: "Firefox on Linux",
        place: "Vienna, AT",
        operator: "Mobile Net (AS64501)",
      },
    ]);
    expect(await isFresh(person.home)).toBe(false);
    for (const from of [mobile, {}, mobile, { ip: "192.0.2.7" }]) {
      await signIn(person.home, person, from);
      expect([from, await isFresh(person.home)]).toEqual([from, true]);
    }
    await superuser.query(
      "update kernel.arrival set at = at - interval '181 days' where person_id = $1 and operator = 64501",
      [person.personId],
    );
    await signIn(person.home, person, mobile);
    expect((await noticesOf(person.home))[0].details.signals).toEqual(["new-operator"]);
    // Whoever has only been where nobody knows the operator has none to differ from.
    await superuser.query("update kernel.arrival set operator = null where person_id = $1", [
      person.personId,
    ]);
    await signIn(person.home, person, mobile);
    expect(await isFresh(person.home)).toBe(true);
  });

  test("by a program is let in and told, once for each kind of program; a second factor is not lost by it", async () => {
    const person = await settled();
    const signals = async (): Promise<unknown> =>
      (await noticesOf(person.home)).find(({ kind }: Json) => kind.endsWith("sign-in"))?.details.signals;
    await signIn(person.home, person, { program: true });
    expect([await signals(), await isFresh(person.home)]).toEqual([["automated"], false]);
    await signIn(person.home, person, { program: true });
    expect(await isFresh(person.home)).toBe(true);
    const other = server.stranger();
    await signIn(other, person, { agent: "curl/8.14.1", program: true });
    expect((await noticesOf(person.home))[0].details.signals).toEqual(["new-device", "automated"]);
    const { backupCodes } = await enrolTotp(person.browser);
    const headers = { "user-agent": "Wget/1.25" };
    const { email, password } = person;
    await other.post("/auth/sign-in", { email, password }, { headers });
    const body = { method: "backup-code", code: backupCodes?.[0] };
    expect((await other.post("/auth/second-factor", body, { headers })).status).toBe(200);
    expect((await noticesOf(other))[0].details.signals).toEqual(["new-device", "automated"]);
    expect(await isFresh(other)).toBe(true);
  });

  test("that could have been travelled is none of that", async () => {
    const person = await settled();
    await superuser.query("update kernel.arrival set at = at - interval '3 hours' where person_id = $1", [
      person.personId,
    ]);
    await signIn(person.home, person, { ip: "198.18.0.7" });
    expect((await noticesOf(person.home))[0].details.signals).toEqual(["new-country"]);
    await signIn(person.home, person, { ip: "198.18.1.7" });
    expect(await isFresh(person.home)).toBe(true);
  });

  test("after more than thirty days, and after ten wrong passwords", async () => {
    const person = await settled();
    await superuser.query(
      "update kernel.credential set created_at = now() - interval '31 days', last_seen_at = now() - interval '31 days' where person_id = $1",
      [person.personId],
    );
    const back = person.home;
    await signIn(back, person);
    expect((await noticesOf(back))[0].details.signals).toEqual(["long-absence"]);
    await superuser.query(
      "insert into kernel.refusal (reason, door, person_id) select 'wrong-credentials', 'sign-in', $1 from generate_series(1, 10)",
      [person.personId],
    );
    await signIn(back, person);
    expect((await noticesOf(back))[0].details.signals).toEqual(["after-failures"]);
    expect(await isFresh(back)).toBe(false);
    await signIn(back, person);
    expect(await isFresh(back)).toBe(true);
  });

  test("with a second factor stays fresh on a new device: it was just proven who this is", async () => {
    const person = await settled();
    const token = "t".repeat(43);
    await superuser.query("select kernel.mint_session($1, $2, '192.0.2.7', 'a test', '{password,totp}')", [
      person.personId,
      sha256(token),
    ]);
    const auth = await server.database.connectAs("auth");
    const arrive =
      "select kernel.arrive($1, $2, 'Safari on iPhone', null, null, null, null, null) as unusual";
    const { rows } = await auth.query(arrive, [sha256(token), sha256("another mark")]);
    expect(rows).toEqual([{ unusual: ["new-device"] }]);
    expect(await isFresh(server.browserOf(token))).toBe(true);
    // Once, and for young sessions only: whoever holds the door cannot make an old one forget its proof.
    expect((await auth.query(arrive, [sha256(token), sha256("a third")])).rows).toEqual([{ unusual: [] }]);
  });

  test("that could not be looked at is given to nobody", async () => {
    const person = await settled();
    const broken = await less(
      "kernel.arrive(bytea,bytea,text,text,text,uuid,inet,text,double precision,double precision,bigint,text,boolean)",
      ["unusual := kernel.signals(", "unusual := 1 / 0; unusual := kernel.signals("],
    )(superuser);
    const browser = server.stranger();
    const answer = await browser
      .post("/auth/sign-in", { email: person.email, password: person.password })
      .finally(broken);
    expect([answer.status, answer.headers["set-cookie"]]).toEqual([500, undefined]);
    expect(browser.cookies.has("__Host-sid")).toBe(false);
  });

  test("by an organization's own identity provider makes no device a known one elsewhere", async () => {
    const person = await settled();
    const token = "u".repeat(43);
    await superuser.query("select kernel.mint_session($1, $2, '192.0.2.7', 'a test', '{sso}', $3)", [
      person.personId,
      sha256(token),
      acme.id,
    ]);
    const auth = await server.database.connectAs("auth");
    const arrive =
      "select kernel.arrive($1, $2, 'Chrome on Windows', null, null, null, null, null) as unusual";
    expect((await auth.query(arrive, [sha256(token), sha256("m".repeat(43))])).rows).toEqual([
      { unusual: [] },
    ]);
    const browser = server.stranger();
    browser.cookies.set("__Host-device", "m".repeat(43));
    await signIn(browser, person, { agent: chrome });
    expect(await isFresh(browser)).toBe(false);
  });
});

describe("notices", () => {
  test("tell of keys, passwords, addresses and factors, whichever way they changed; a rehash is none of that", async () => {
    const person = await settled();
    await isFresh(person.home);
    await superuser.query("update kernel.person set password_changed_at = now() where id = $1", [
      person.personId,
    ]);
    await superuser.query("update kernel.person set email = 'new-' || email where id = $1", [
      person.personId,
    ]);
    await superuser.query("update kernel.person set recipe = recipe, verifier = verifier where id = $1", [
      person.personId,
    ]);
    await superuser.query(
      `insert into kernel.factor (id, person_id, kind, name, handle, public_key, inner_pad, outer_digest, confirmed_at)
       values (gen_random_uuid(), $1, 'passkey', 'Laptop', 'handle', 'key', kernel.random_block(), sha256('x'), now())`,
      [person.personId],
    );
    await superuser.query("delete from kernel.factor where person_id = $1", [person.personId]);
    const found = await noticesOf(person.home);
    expect(found.map(({ kind }: Json) => kind)).toEqual([
      "factor-removed",
      "factor-added",
      "email-changed",
      "password-changed",
      "key-made",
    ]);
    expect(found[4]).toMatchObject({
      organization: "acme",
      details: { name: "Probe", class: "personal" },
      ip: expect.any(String),
    });
    expect(JSON.stringify(found)).not.toContain("handle");
  });

  test("of a service account's and a directory's keys go to whoever answers, and say whose they are and who made them; short tokens are none", async () => {
    const keeper = await account(server, acme, "admin");
    const owner = server.browserOf(acme.owner.token);
    const home = server.stranger();
    await signIn(home, keeper);
    const at = "/o/acme/v1/service-accounts";
    const robot = await owner.post(at, { name: "Robot", roles: ["member"], answerableId: keeper.memberId });
    const made = await owner.post(`${at}/${robot.json.id}/keys`, { name: "Nightly" });
    expect([robot.status, made.status]).toEqual([201, 201]);
    const [told] = await noticesOf(home);
    expect(told).toMatchObject({
      kind: "key-made",
      details: { name: "Nightly", class: "service", account: "Robot", madeBy: acme.owner.email },
    });
    expect((await server.bearer(made.json.key).post("/v1/keys/exchange", {})).status).toBe(200);
    const { publicKey } = generateKeyPairSync("ed25519");
    const jwk = publicKey.export({ format: "jwk" });
    expect((await owner.post(`${at}/${robot.json.id}/public-keys`, { name: "CI", jwk })).status).toBe(201);
    const kinds = await kindsOf(home);
    expect(kinds.filter((kind) => kind.endsWith("key-made"))).toEqual(["public-key-made", "key-made"]);
    await owner.post("/o/acme/v1/scim-connections", {
      name: "Entra",
      defaultRole: null,
      roleMapping: {},
      domains: [],
    });
    expect((await noticesOf(owner))[0].details).toMatchObject({
      account: "Entra",
      class: "scim",
      madeBy: acme.owner.email,
    });
  });

  test("are read page by page, marked as seen, and are nobody else's", async () => {
    const person = await settled();
    for (let number = 0; number < 3; number += 1) await isFresh(person.home);
    const first = (await person.home.get("/auth/notices?limit=2")).json;
    expect([first.items.length, first.unseen]).toEqual([2, 3]);
    const rest = (await person.home.get(`/auth/notices?limit=2&after=${first.next}`)).json;
    expect([rest.items.length, rest.next]).toEqual([1, null]);
    const other = await settled();
    expect((await other.home.post("/auth/notices/seen", { upTo: first.items[0].id })).status).toBe(204);
    expect((await person.home.get("/auth/notices")).json.unseen).toBe(3);
    expect((await person.home.post("/auth/notices/seen", { upTo: first.items[0].id })).status).toBe(204);
    expect((await person.home.get("/auth/notices")).json).toMatchObject({
      unseen: 0,
      items: [{ seen: true }, {}, {}],
    });
  });

  test("are mailed once each, sealed, by however many workers; twenty of a kind a day are the most", async () => {
    const person = await settled();
    await signIn(server.stranger(), person, { ip: "192.0.2.7", agent: chrome });
    for (let number = 0; number < 25; number += 1)
      await superuser.query(
        "select kernel.tell_person($1, 'key-made', '{\"name\":\"Nightly\\nSubject: x\"}', $2)",
        [person.personId, acme.id],
      );
    const pool = openPool({
      connectionString: server.database.dsnFor("worker"),
      max: 2,
      applicationName: "test",
      statementTimeoutMs: 10_000,
      transactionTimeoutMs: 10_000,
    });
    const options = {
      worker: pool,
      vault: installationVault(trialSecret),
      publicUrl: () => publicUrl,
      idleMs: 20,
    };
    const loops = [startNoticeLetters(options), startNoticeLetters(options)];
    await expect
      .poll(
        () => valueOf(superuser, "select count(*)::integer from kernel.notice where mail_to is not null"),
        { timeout: 20_000 },
      )
      .toBe(0);
    await Promise.all(loops.map((loop) => loop.stop()));
    await pool.close();
    const letters = (await lettersTo(server.database, person.email)).filter(
      ({ state }) => state === "waiting",
    );
    const of = (purpose: string) => letters.filter((letter) => letter.purpose === purpose);
    expect([of("new-device").length, of("key-made").length]).toEqual([1, 20]);
    expect(of("new-device")[0]).toMatchObject({
      subject: "A new device has signed in to your account",
      text: expect.stringContaining("Chrome on Windows, Graz, AT"),
    });
    expect(of("key-made")[0]?.subject).toBe("A new API key in Organization acme");
    expect(of("key-made")[0]?.text).toContain("Nightly Subject: x");
  });

  test("of support access go to the organization's owners and to the operator", async () => {
    const staff = await server.person(await server.organization("platform"), "viewer");
    await (await server.database.connectAs("ops")).query("select kernel.add_operator($1)", [staff.email]);
    await superuser.query("update kernel.credential set second_factor_at = now() where person_id = $1", [
      staff.personId,
    ]);
    const owner = server.browserOf(acme.owner.token);
    const asked = await staff.browser.post("/auth/support", {
      organization: "acme",
      reason: "The import",
      hours: 1,
    });
    await owner.post(`/o/acme/v1/support-grants/${asked.json.id}/approve`, {});
    await staff.browser.get("/o/acme/v1/contacts");
    await staff.browser.get("/o/acme/v1/contacts");
    const kinds = (await kindsOf(owner)).filter((kind) => kind.startsWith("support-"));
    expect(kinds).toEqual(["support-used", "support-granted", "support-asked"]);
    expect(await kindsOf(staff.browser)).toEqual(["support-lent"]);
    const direct = await owner.post("/o/acme/v1/support-grants", {
      operator: "nobody@nowhere.example",
      reason: "Nobody",
      hours: 1,
    });
    expect(direct.status).toBe(201);
    expect((await kindsOf(owner)).filter((kind) => kind === "support-granted")).toHaveLength(2);
  });

  test("go to nobody of a demo by mail", async () => {
    const demo = await server.organization("demo-of-notices");
    await superuser.query("update kernel.tenant set demo = true where slug = 'demo-of-notices'");
    const person = await server.person(demo, "viewer");
    await superuser.query("select kernel.tell_person($1, 'key-made', '{}')", [person.personId]);
    expect(
      await valueOf(superuser, "select mail_to from kernel.notice where person_id = $1", [person.personId]),
    ).toBeNull();
  });
});
