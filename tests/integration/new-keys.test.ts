import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { promisedRates } from "../../server/http/index.ts";
import { client, type Answer } from "../client.ts";
import {
  installedDatabase,
  type InstalledDatabase,
  type Member,
  type Organization,
} from "../installed-database.ts";
import { proves } from "../proves.ts";
import { redisProgram, redisServer } from "../redis-server.ts";
import { testServer, type TestServer } from "../server.ts";
import { tokensFor } from "../tokens.ts";

// A person has one bucket, and an organization too, from the first request of each key on: many new ones at once are no way round it.

proves("LIM-1");

const hour = 3_600_000;
const plenty = { limit: 1_000_000, periodMs: hour };
const rates = {
  ...promisedRates,
  address: plenty,
  secretKey: plenty,
  bursts: { ...promisedRates.bursts, "sign-in": plenty },
  tenant: { limit: 30, periodMs: hour },
  person: { limit: 20, periodMs: hour },
};

let database: InstalledDatabase;
let server: TestServer;

beforeAll(async () => {
  database = await installedDatabase();
  server = await testServer({ RINGFENCE_BLOCK_POINTS: "0" }, database, rates);
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});

/** So many keys of these people, in turns, none of which any server has seen. */
async function newKeys(organization: Organization, people: number, count: number): Promise<string[]> {
  const members: Member[] = [];
  for (let made = 0; made < people; made += 1) members.push(await database.member(organization, "member"));
  return Promise.all(
    Array.from({ length: count }, (_, at) =>
      database.key(organization, members[at % people] ?? organization.owner),
    ),
  );
}

const create = (origin: string, key: string): Promise<Answer> =>
  client({ origin, key }).post("/v1/contacts", { firstName: "Ada" });

/** How many were taken, refused, and what is there afterwards. */
async function summed(organization: Organization, answers: readonly Answer[]): Promise<unknown> {
  const db = await database.connectAsSuperuser();
  const { rows } = await db.query("select count(*)::integer as kept from app.contact where tenant_id = $1", [
    organization.id,
  ]);
  const having = (wanted: number): number => answers.filter(({ status }) => status === wanted).length;
  return { created: having(201), refused: having(429), kept: rows[0].kept };
}

describe("64 new keys, used for the first time at once", () => {
  test("of one person, are 20 requests, and nothing of the others is done", async () => {
    const acme = await database.organization({ slug: "acme" });
    const keys = await newKeys(acme, 1, 64);
    const answers = await Promise.all(keys.map((key) => create(server.origin, key)));
    expect(await summed(acme, answers)).toEqual({ created: 20, refused: 44, kept: 20 });
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers["ratelimit"]).toMatch(/^"person";r=0;/);
    expect(refused?.headers["ratelimit-policy"]).toContain('"person";q=20;w=3600');
  });

  test("of eight people, are the 30 of their organization, and take nothing from another", async () => {
    const bolt = await database.organization({ slug: "bolt" });
    const keys = await newKeys(bolt, 8, 64);
    const answers = await Promise.all(keys.map((key) => create(server.origin, key)));
    expect(await summed(bolt, answers)).toEqual({ created: 30, refused: 34, kept: 30 });
    const other = await database.organization({ slug: "other" });
    const [key = ""] = await newKeys(other, 1, 1);
    expect((await create(server.origin, key)).status).toBe(201);
  });

  test("of one person at an organization that is not theirs, empty its bucket of nothing", async () => {
    const [cargo, drift] = [
      await database.organization({ slug: "cargo" }),
      await database.organization({ slug: "drift" }),
    ];
    const keys = await newKeys(cargo, 4, 64);
    const elsewhere = await Promise.all(
      keys.map((key) => client({ origin: server.origin, key }).get("/o/drift/v1/contacts")),
    );
    expect(elsewhere.filter(({ status }) => status === 404)).toHaveLength(64);
    const own = await newKeys(drift, 2, 32);
    const answers = await Promise.all(own.map((key) => create(server.origin, key)));
    expect(await summed(drift, answers)).toEqual({ created: 30, refused: 2, kept: 30 });
  });

  test("or access tokens, asking about the person and not in an organization, are no more", async () => {
    const { owner } = await database.organization({ slug: "flint" });
    // As many as there are of one session; each twice.
    const pairs = await Promise.all(Array.from({ length: 20 }, () => tokensFor(server, owner.token)));
    const answers = await Promise.all(
      [...pairs, ...pairs].map(({ accessToken }) =>
        client({ origin: server.origin, key: accessToken }).get("/auth/me"),
      ),
    );
    const having = (wanted: number): number => answers.filter(({ status }) => status === wanted).length;
    expect([having(200), having(429)]).toEqual([20, 20]);
  });

  test.skipIf(redisProgram === null)("at two servers that share a Redis, each at both", async () => {
    const redis = await redisServer();
    // A Redis that a busy machine lets come late refuses, in place of counting twice: never more than 20, and 20 unless it did.
    const settings = {
      REDIS_URL: redis.url,
      RINGFENCE_LIMIT_WHEN_REDIS_IS_DOWN: "refuse",
      RINGFENCE_BLOCK_POINTS: "0",
    };
    const nodes = [await testServer(settings, database, rates), await testServer(settings, database, rates)];
    const ember = await database.organization({ slug: "ember" });
    const keys = await newKeys(ember, 1, 32);
    const answers = await Promise.all(nodes.flatMap(({ origin }) => keys.map((key) => create(origin, key))));
    const late = answers.filter(({ status }) => status === 503).length;
    const created = answers.filter(({ status }) => status === 201).length;
    expect(created).toBeLessThanOrEqual(20);
    if (late === 0) expect(created).toBe(20);
    expect(await summed(ember, answers)).toEqual({ created, refused: 64 - late - created, kept: created });
    for (const node of nodes) await node.stop();
    await redis.stop();
  });
});
