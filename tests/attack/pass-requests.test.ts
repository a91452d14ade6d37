import type { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";
import { attack } from "./attack.ts";
import { attackGround, valueOf } from "./attack-ground.ts";
import { secondSession } from "./pass-ground.ts";
import { clientsCount, many, race } from "./race.ts";

// Passes as the server uses them: warm ones while what they were judged by ends, and stale ones.

proves("ISO-7");

const ground = attackGround();
let superuser: Client;
let server: TestServer;
beforeAll(async () => {
  superuser = await ground.superuser();
  server = await testServer({}, ground.db);
});
afterAll(() => server.stop());

const passesOf = (token: string): Promise<unknown> =>
  valueOf(
    superuser,
    `select count(*)::int from kernel.pass p join kernel.credential c on c.id = p.credential_id where c.digest = sha256($1)`,
    [sha256(token)],
  );
const warmed = async (token: string, path: string): Promise<void> => {
  const browser = server.browserOf(token);
  for (let at = 0; at < 3; at += 1) expect((await browser.get(path)).status).toBe(200);
  expect(await passesOf(token)).toBe(1);
};

attack(
  {
    id: "P-race-session",
    title: "read on with warm passes while the session ends, 64 clients",
    expected: "0 answers after",
  },
  async () => {
    const who = await ground.db.member(ground.acme, "member");
    await warmed(who.token, "/o/acme/v1/contacts");
    const phone = server.browserOf(await secondSession(ground, who));
    const { after, before } = await race(
      many(() => server.browserOf(who.token)),
      "/o/acme/v1/contacts",
      async () => (await phone.delete("/auth/sessions")).status,
    );
    expect(before).toBeGreaterThan(clientsCount);
    expect([...after.keys()]).toEqual([401]);
    expect(await passesOf(who.token)).toBe(0);
    return "0 answers after";
  },
);

attack(
  {
    id: "P-race-role",
    title: "read on with warm passes while the role is taken away, 64 clients",
    expected: "0 answers after",
  },
  async () => {
    const member = await ground.db.member(ground.acme, "admin");
    const path = "/o/acme/v1/audit-events?limit=1";
    await warmed(member.token, path);
    const owner = server.browserOf(ground.acme.owner.token);
    const { after, before } = await race(
      many(() => server.browserOf(member.token)),
      path,
      async () => (await owner.patch(`/o/acme/v1/members/${member.memberId}`, { roles: ["viewer"] })).status,
    );
    expect(before).toBeGreaterThan(clientsCount);
    expect([...after.keys()]).toEqual([403]);
    expect(await passesOf(member.token)).toBe(0);
    return "0 answers after";
  },
);

test("a pass that is gone behind the server's back costs nobody an answer", async () => {
  const { token } = await ground.db.member(ground.acme, "viewer");
  const path = "/o/acme/v1/contacts";
  await warmed(token, path);
  const browser = server.browserOf(token);
  for (let at = 0; at < 3; at += 1) {
    expect(await passesOf(token)).toBeGreaterThan(0);
    await superuser.query("delete from kernel.pass where expires_at > '-infinity'");
    const answers = await Promise.all(many(() => browser).map((client) => client.get(path)));
    await browser.get(path);
    await browser.get(path);
    expect(new Set(answers.map(({ status, json }) => `${status} ${json.items.length}`))).toEqual(
      new Set(["200 9"]),
    );
  }
  expect(await passesOf(token)).toBeGreaterThan(0);
});

test("a pass of one organization or of one need serves no other", async () => {
  const { token } = ground.acme.owner;
  await server.browserOf(token).get("/o/acme/v1/contacts");
  await warmed(token, "/o/acme/v1/contacts");
  for (const path of ["/o/rival/v1/contacts", "/o/nowhere/v1/contacts"])
    expect((await server.browserOf(token).get(path)).status).toBe(404);
  expect((await server.browserOf(token).get("/o/acme/v1/accounts")).json.items).toHaveLength(5);
});
