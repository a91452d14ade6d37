import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import type { Client as Database } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTokens, rotateSigningKey, type Tokens } from "../../server/features/identity/index.ts";
import { openPool, type Pool } from "../../server/foundation/database/index.ts";
import { sha256 } from "../../server/foundation/ids/index.ts";
import { installationVault } from "../../server/kernel/vault/index.ts";
import type { Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { trialSecret } from "../seed.ts";
import { publicUrl, testServer, type TestServer } from "../server.ts";
import { tokensFor } from "../tokens.ts";

// Keys that sign access tokens: made by themselves, known before they sign, and known for as long as what they signed lives.

proves("IAM-5");

let server: TestServer;
let acme: Organization;
let db: Database;
let ops: Pool;
const pools: Pool[] = [];

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  db = await server.database.connectAsSuperuser();
  ops = poolOf("ops");
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  await server.stop();
});

function poolOf(role: "ops" | "auth"): Pool {
  const limits = { statementTimeoutMs: 10_000, transactionTimeoutMs: 10_000 };
  const pool = openPool({
    connectionString: server.database.dsnFor(role),
    max: 2,
    applicationName: "a test",
    ...limits,
  });
  pools.push(pool);
  return pool;
}

/** What another server of this installation has in memory. */
function anotherServer(): Tokens {
  return openTokens({
    auth: poolOf("auth"),
    secret: trialSecret,
    publicUrl: () => publicUrl,
    graceSeconds: 10,
  });
}

const subject = {
  personId: "0198c0de-0000-7000-8000-000000000001",
  sessionId: "0198c0de-0000-7000-8000-000000000002",
  tenantId: null,
};
const stateOf = async (): Promise<Record<string, string>> => {
  const { rows } = await db.query(
    "select kid, state from kernel.signing_key order by made_at, array_position('{previous,current,next}'::text[], state)",
  );
  return Object.fromEntries(rows.map(({ kid, state }) => [kid, state]));
};
const rotate = (): Promise<unknown> => rotateSigningKey(ops, installationVault(trialSecret), true);

describe("signing keys", () => {
  test("are made at their first use, by one of many servers", async () => {
    await db.query("delete from kernel.signing_key");
    const servers = Array.from({ length: 6 }, anotherServer);
    const made = await Promise.all(servers.map(({ access }) => access.mint(subject)));
    expect(new Set(made.map((token) => decodeProtectedHeader(token).kid)).size).toBe(1);
    expect(Object.values(await stateOf())).toEqual(["current", "next"]);
  });

  test("change places in turn: the next one was known before, the last one is for two hours more", async () => {
    const before = Object.keys(await stateOf());
    const mine = anotherServer();
    const old = await mine.access.mint(subject);
    await rotate();
    const after = await stateOf();
    expect(after).toMatchObject({ [before[0] ?? ""]: "previous", [before[1] ?? ""]: "current" });
    expect(Object.values(after)).toEqual(["previous", "current", "next"]);
    const fresh = anotherServer();
    expect(decodeProtectedHeader(await fresh.access.mint(subject)).kid).toBe(before[1]);
    // What is out stays good, at servers that have just started too.
    expect(await fresh.access.check(old, sha256(old))).toBe(true);
    // And a server that has not heard of the change yet takes what others sign with the key that was next.
    const theirs = await fresh.access.mint(subject);
    expect(await mine.access.check(theirs, sha256(theirs))).toBe(true);
    const { rows } = await db.query(
      "select until between now() + interval '119 minutes' and now() + interval '120 minutes' as two from kernel.signing_key where state = 'previous'",
    );
    expect(rows).toEqual([{ two: true }]);
  });

  test("may change twice in a row: what two keys signed stays good", async () => {
    const first = await anotherServer().access.mint(subject);
    await rotate();
    const second = await anotherServer().access.mint(subject);
    await rotate();
    const last = anotherServer();
    for (const token of [first, second]) expect(await last.access.check(token, sha256(token))).toBe(true);
  });

  test("are forgotten when all that they signed has expired", async () => {
    const signed = await anotherServer().access.mint(subject);
    await rotate();
    await db.query("update kernel.signing_key set until = now() where state = 'previous'");
    const { access, ring } = anotherServer();
    expect(await access.check(signed, sha256(signed))).toBe(false);
    expect((await ring.keys()).published).toHaveLength(2);
    await rotate();
    expect(Object.values(await stateOf()).toSorted()).toEqual(["current", "next", "previous"]);
  });

  test("change by themselves when the current one is thirty days old, once for all servers", async () => {
    await db.query("delete from kernel.signing_key where state = 'previous'");
    await db.query(
      "update kernel.signing_key set current_from = now() - interval '30 days 1 minute' where state = 'current'",
    );
    const before = await stateOf();
    const servers = Array.from({ length: 6 }, anotherServer);
    await Promise.all(servers.map(({ ring }) => ring.keys()));
    const after = await stateOf();
    expect(Object.values(after)).toEqual(["previous", "current", "next"]);
    expect(Object.keys(after).slice(0, 2)).toEqual(Object.keys(before));
    await Promise.all(Array.from({ length: 3 }, anotherServer).map(({ ring }) => ring.keys()));
    expect(Object.keys(await stateOf())).toHaveLength(3);
  });

  test("come to a server that runs: it signs with the new one, and its own tokens before stay good", async () => {
    const { accessToken } = await tokensFor(server, acme.owner.token);
    await rotate();
    const other = anotherServer();
    const theirs = await other.access.mint({ ...subject, personId: acme.owner.personId });
    // Genuine by its signature, and unknown to the database.
    expect((await server.bearer(theirs).get("/auth/me")).status).toBe(401);
    expect((await server.bearer(accessToken).get("/auth/me")).status).toBe(200);
    const second = await testServer({}, server.database);
    try {
      const keys = createRemoteJWKSet(new URL(`${second.origin}/.well-known/jwks.json`));
      for (const token of [accessToken, theirs])
        await jwtVerify(token, keys, { issuer: publicUrl, audience: publicUrl });
      expect((await second.bearer(accessToken).get("/auth/me")).status).toBe(200);
    } finally {
      await second.stop();
    }
  });

  test("that the door's password could smuggle in sign nothing that counts", async () => {
    // Whoever holds the password of rf_auth may offer a key of his own: his tokens then look genuine, and open nothing.
    const thief = installationVault(trialSecret);
    await rotateSigningKey(poolOf("auth"), thief, true);
    await rotateSigningKey(poolOf("auth"), thief, true);
    const forged = await anotherServer().access.mint({ ...subject, personId: acme.owner.personId });
    expect((await server.bearer(forged).get("/o/acme/v1/contacts")).status).toBe(401);
  });
});
