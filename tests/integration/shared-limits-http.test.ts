import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { promisedRates } from "../../server/http/index.ts";
import { client, type Answer } from "../client.ts";
import { installedDatabase, type InstalledDatabase } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { redisProgram, redisServer, type RedisServer } from "../redis-server.ts";
import { testServer, type TestServer } from "../server.ts";

describe("two servers with one Redis", () => {
  if (redisProgram === null) {
    test.skip("they are tested: redis-server is not installed here", () => undefined);
    return;
  }
  proves("LIM-2");

  let redis: RedisServer;
  let database: InstalledDatabase;
  let nodes: readonly TestServer[];
  const minute = 60_000;
  const rates = {
    ...promisedRates,
    address: { limit: 40, periodMs: 60 * minute },
    bursts: { ...promisedRates.bursts, "sign-in": { limit: 4, periodMs: 60 * minute } },
    failureCost: 1,
  };

  beforeAll(async () => {
    [redis, database] = await Promise.all([redisServer(), installedDatabase()]);
    const strict = {
      REDIS_URL: redis.url,
      RINGFENCE_LIMIT_WHEN_REDIS_IS_DOWN: "refuse",
      RINGFENCE_BLOCK_POINTS: "0",
    };
    await database.organization({ slug: "acme" });
    nodes = [
      await testServer({ REDIS_URL: redis.url, RINGFENCE_BLOCK_POINTS: "0" }, database, rates),
      await testServer(strict, database, rates),
    ];
  });
  afterAll(async () => {
    for (const node of nodes) await node.stop();
    await database.drop();
    await redis.stop();
  });

  const originAt = (turn: number): string => nodes[turn % 2]?.origin ?? "";
  const asks = async (ip: string, times: number, path: string): Promise<Answer[]> => {
    const answers: Answer[] = [];
    for (let turn = 0; turn < times; turn += 1)
      answers.push(await client({ origin: originAt(turn), ip }).get(path));
    return answers;
  };

  test("hold one address to one limit, and say so in the headers", async () => {
    const answers = await asks("203.0.113.1", 44, "/auth/csrf");
    expect(answers.map(({ status }) => status)).toEqual([...Array(40).fill(200), ...Array(4).fill(429)]);
    expect(answers[39]?.headers["ratelimit"]).toMatch(/^"address";r=0;t=\d+$/);
    expect(answers[43]?.headers).toMatchObject({ "ratelimit-policy": '"address";q=40;w=3600' });
    expect(answers[43]?.headers["retry-after"]).toMatch(/^(?:[1-9]|[1-8]\d|90)$/);
    expect(answers[43]?.json).toMatchObject({ status: 429, retryAfterSeconds: expect.any(Number) });
    expect((await asks("203.0.113.2", 1, "/auth/csrf"))[0]?.status).toBe(200);
  });

  test("hold guesses at passwords to one limit, wherever they are sent", async () => {
    const guesses: Answer[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const guess = await client({ origin: originAt(turn), ip: "203.0.113.3" }).post("/auth/sign-in", {
        email: "nobody@example.com",
        password: `guess number ${turn}`,
      });
      guesses.push(guess);
    }
    expect(guesses.map(({ status }) => status)).toEqual([401, 401, 401, 401, 429, 429]);
    expect(guesses[5]?.headers["ratelimit"]).toMatch(/^"sign-in";r=0;/);
  });

  test("without Redis one goes on alone and one refuses, and each says so; both share again when it is back", async () => {
    await redis.kill();
    const [lenient = "", strict = ""] = nodes.map(({ origin }) => origin);
    const ready = (origin: string): Promise<Answer> => client({ origin }).get("/readyz");
    await expect.poll(async () => (await ready(strict)).status).toBe(503);
    await expect.poll(async () => (await ready(lenient)).json.checks.redis).toBe("degraded");
    expect(await ready(lenient)).toMatchObject({
      status: 200,
      json: { status: "ok", checks: { database: "ok", redis: "degraded" } },
    });
    expect((await ready(strict)).json).toEqual({
      status: "not-ready",
      checks: { database: "ok", redis: "failed" },
    });
    const ip = "203.0.113.4";
    const alone = [];
    for (let turn = 0; turn < 42; turn += 1)
      alone.push((await client({ origin: lenient, ip }).get("/auth/csrf")).status);
    expect(alone.filter((status) => status === 200)).toHaveLength(40);
    const refused = await client({ origin: strict, ip }).get("/auth/csrf");
    expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "2"]);
    expect((await client({ origin: strict, ip }).get("/livez")).status).toBe(200);
    await redis.start();
    await expect.poll(async () => (await ready(strict)).status, { timeout: 15_000 }).toBe(200);
    await expect.poll(async () => (await ready(lenient)).json.checks.redis, { timeout: 15_000 }).toBe("ok");
    const statuses = (await asks("203.0.113.5", 42, "/auth/csrf")).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(40);
  });
});
