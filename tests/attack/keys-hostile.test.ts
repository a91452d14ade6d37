import type { Client as Database } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checksumOf } from "../../contract/api-key.ts";
import type { Client, Json } from "../client.ts";
import { boundAs, type Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { type Person, testServer, type TestServer } from "../server.ts";
import { codeOf, counted } from "./attack-ground.ts";
import { less, mattersOn } from "./take-away.ts";

// A member who may manage keys and nothing else, and whoever guesses at keys, renews them at once or uses them to the last moment.

proves("IAM-10", "RBAC-3");

let server: TestServer;
let acme: Organization;
let owner: Client;
let warden: Person;
let superuser: Database;
const at = (path: string): string => `/o/acme/v1${path}`;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  owner = server.browserOf(acme.owner.token);
  superuser = await server.database.connectAsSuperuser();
  const permissions = ["contact.read", "key.create", "key.end", "key.read", "organization.read"];
  const made = await owner.post(at("/roles"), { label: "Warden of keys", description: "", permissions });
  warden = await server.person(acme, "viewer");
  const given = await owner.patch(at(`/members/${warden.memberId}`), { roles: [made.json.name] });
  expect([made.status, given.status]).toEqual([201, 200]);
});
afterAll(() => server.stop());
const matters = mattersOn(() => superuser);

const keyOf = async (who: Client, body: Json = {}): Promise<Json> => {
  const { status, json } = await who.post(at("/keys"), { name: "A key", ...body });
  expect(status).toBe(201);
  return json;
};
const networks = ["198.51.100.0/24"];

/** What becomes of other networks that the warden gives a key, by a statement of their own. */
async function opened(id: string, wanted: readonly string[] | null): Promise<string> {
  const api = await server.database.connectAs("api");
  const who = { token: warden.token, slug: "acme", needs: ["key.create", "key.end"] };
  const change = () =>
    api.query("select kernel.change_key($1, $2)", [id, JSON.stringify({ networks: wanted })]);
  return boundAs(api, who, async () => counted((await change()).rowCount ?? 0))
    .catch(codeOf)
    .finally(() => api.end());
}

describe("whoever may manage keys and nothing else", () => {
  test("opens nobody's key to other addresses who may more, through the database neither, and ends it all the same", async () => {
    const theirs = await keyOf(owner, { networks });
    expect((await warden.browser.patch(at(`/keys/${theirs.id}`), { networks: null })).status).toBe(403);
    for (const wanted of [null, ["203.0.113.0/24"], [...networks, "203.0.113.0/24"]])
      expect(await opened(theirs.id, wanted)).toBe("RF403");
    expect((await warden.browser.delete(at(`/keys/${theirs.id}`))).status).toBe(204);
    const equal = await keyOf(owner, { networks, permissions: ["contact.read"] });
    expect(await opened(equal.id, null)).toBe("1 row");
  });

  test("makes no key that may more: not by asking, by another class, nor by renewing somebody's", async () => {
    const strong = await keyOf(owner, { permissions: ["member.change"] });
    const secret = await keyOf(owner, { class: "secret" });
    const robot = await owner.post(at("/service-accounts"), { name: "Robot", roles: ["admin"] });
    const serving = await owner.post(at(`/service-accounts/${robot.json.id}/keys`), { name: "Its key" });
    const answers = [
      await warden.browser.post(at("/keys"), { name: "x", permissions: ["member.change"] }),
      await warden.browser.post(at("/keys"), { name: "x", class: "secret", permissions: ["contact.create"] }),
      await warden.browser.post(at(`/keys/${strong.id}/reroll`), { overlapSeconds: 0 }),
      await warden.browser.post(at(`/keys/${secret.id}/reroll`), { overlapSeconds: 0 }),
      await warden.browser.post(at(`/keys/${serving.json.id}/reroll`), { overlapSeconds: 0 }),
      await warden.browser.post(at(`/service-accounts/${robot.json.id}/keys`), { name: "x" }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 404, 403, 403, 403]);
    for (const { key } of [strong, secret, serving.json])
      expect((await server.bearer(key).get("/v1/organization")).status).not.toBe(401);
  });

  test("sees of others' keys neither the key nor its digest", async () => {
    const { key, hint } = await keyOf(owner);
    const { text } = await warden.browser.get(at("/keys"));
    expect([text.includes(hint), text.includes(key), text.includes(key.slice(-20))]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

matters(
  "key-networks",
  "the rule that nobody opens a key to other addresses who may less than it",
  ["RF403", "1 row"],
  async () => {
    const theirs = await keyOf(owner, { networks });
    return opened(theirs.id, null);
  },
  less("kernel.change_key(uuid,jsonb)", ["if nets is distinct from was.networks and", "if false and"]),
);

describe("a key that is limited, in hands that come from its networks once", () => {
  const here = ["127.0.0.0/8"];
  const managing = [
    "contact.read",
    "key.create",
    "key.end",
    "key.read",
    "member.change",
    "organization.read",
  ];

  test("makes no key that is taken from elsewhere, nor opens or renews one that is, itself least of all", async () => {
    const limited = await keyOf(owner, { networks: here, permissions: managing });
    const elsewhere = await keyOf(owner, { networks, permissions: ["contact.read"] });
    const anywhere = await keyOf(owner, { permissions: ["contact.read"] });
    const robot = await owner.post(at("/service-accounts"), { name: "Robot", roles: ["viewer"] });
    const by = server.bearer(limited.key);
    const own = `/v1/keys/${limited.id}`;
    const robots = `/v1/service-accounts/${robot.json.id}/keys`;
    const { json: token } = await by.post("/v1/keys/exchange", {});
    const answers = [
      await by.post("/v1/keys", { name: "x" }),
      await by.post("/v1/keys", { name: "x", networks: [...here, ...networks] }),
      await by.post(robots, { name: "x", permissions: ["contact.read"] }),
      await by.patch(own, { networks: null }),
      await by.patch(own, { networks: [...here, ...networks] }),
      await server.bearer(token.accessToken).patch(own, { networks: null }),
      await by.patch(`/v1/keys/${elsewhere.id}`, { networks: null }),
      await by.post(`/v1/keys/${anywhere.id}/reroll`, { overlapSeconds: 0 }),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
    const within = { name: "x", networks: ["127.0.0.1/32"], permissions: ["contact.read"] };
    expect([(await by.post("/v1/keys", within)).status, (await by.post(robots, within)).status]).toEqual([
      201, 201,
    ]);
  });

  test("or that may little: it opens no other one of the same person that may more", async () => {
    const little = await keyOf(owner, { permissions: ["key.create", "key.end", "key.read"] });
    const strong = await keyOf(owner, { networks });
    const by = server.bearer(little.key);
    expect((await by.patch(`/v1/keys/${strong.id}`, { networks: null })).status).toBe(403);
    expect((await by.patch(`/v1/keys/${strong.id}`, { name: "Another name" })).status).toBe(200);
    expect((await owner.patch(at(`/keys/${strong.id}`), { networks: null })).status).toBe(200);
  });
});

matters(
  "key-networks-held",
  "the rule that a key makes none that is taken from elsewhere",
  ["403", "201"],
  async () => {
    const { key } = await keyOf(owner, {
      networks: ["127.0.0.0/8"],
      permissions: ["key.create", "key.read"],
    });
    return String((await server.bearer(key).post("/v1/keys", { name: "x" })).status);
  },
  less("kernel.demand_networks_held(cidr[])", ["if held is not null and", "if false and"]),
);

test("a key whose networks exclude its maker is refused to them, and is theirs to change by their session", async () => {
  const { id, key } = await keyOf(owner, { networks });
  const answer = await server.bearer(key).get("/v1/organization");
  expect([answer.status, answer.json.type]).toEqual([403, expect.stringContaining("address-not-allowed")]);
  expect((await owner.patch(at(`/keys/${id}`), { networks: null })).status).toBe(200);
  expect((await server.bearer(key).get("/v1/organization")).status).toBe(200);
});

describe("a forged key", () => {
  test("with a right checksum opens nothing: other secrets, ids, classes and environments of a real one", async () => {
    const { key } = await keyOf(owner);
    const forged = (text: string): string => `${text.slice(0, -6)}${checksumOf(text.slice(0, -6))}`;
    expect(forged(key)).toBe(key);
    const turned = key.slice(-20, -19) === "A" ? "B" : "A";
    for (const text of [
      `${key.slice(0, -20)}${turned}${key.slice(-19)}`,
      key.replace(/^(rf_key_[a-z]+_)./, "$1z"),
      key.replace("rf_key_", "rf_svc_"),
      key.replace("rf_key_", "rf_scim_"),
      key.replace("rf_key_", "sec_"),
      key.replace("_live_", "_test_"),
    ]) {
      const one = forged(text);
      const { status, json } = await server.bearer(one).get("/v1/organization");
      expect([one === key, status, json.detail?.includes("mistyped") ?? false]).toEqual([false, 401, false]);
    }
    expect(
      (await server.bearer(`${key.slice(0, -1)}${key.endsWith("0") ? "1" : "0"}`).get("/v1/organization"))
        .status,
    ).toBe(401);
  });
});

describe("a renewal", () => {
  test("by many at once makes one key", async () => {
    const { id } = await keyOf(owner);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => owner.post(at(`/keys/${id}/reroll`), { overlapSeconds: 900 })),
    );
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses.filter((status) => status < 300)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(19);
  });

  test("lets nothing of the old key answer once the overlap is over, with many in the middle of it", async () => {
    const { id, key } = await keyOf(owner);
    await owner.post(at(`/keys/${id}/reroll`), { overlapSeconds: 900 });
    const endsAt = Date.now() + 1500;
    await superuser.query(
      "update kernel.credential set expires_at = to_timestamp($2::numeric / 1000) where id = $1",
      [id, endsAt],
    );
    const seen = { before: 0, after: 0 };
    const ask = async (): Promise<void> => {
      while (Date.now() < endsAt + 500) {
        const begun = Date.now();
        const { status } = await server.bearer(key).get("/v1/organization");
        if (status === 200) seen[begun > endsAt ? "after" : "before"] += 1;
      }
    };
    await Promise.all(Array.from({ length: 16 }, ask));
    expect(seen.before).toBeGreaterThan(0);
    expect(seen.after).toBe(0);
    expect((await server.bearer(key).get("/v1/organization")).status).toBe(401);
  });

  test("at the overlap's end is of a key that is no more: it makes none", async () => {
    const { id } = await keyOf(owner);
    await owner.post(at(`/keys/${id}/reroll`), { overlapSeconds: 900 });
    await superuser.query("update kernel.credential set expires_at = now() where id = $1", [id]);
    expect((await owner.post(at(`/keys/${id}/reroll`), { overlapSeconds: 86_400 })).status).toBe(404);
  });
});
