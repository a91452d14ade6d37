import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "../../server/foundation/postgres/index.ts";
import { ask, clearWorld, endAfterwards, pause, postmasterPid } from "./embedded-postgres-world.ts";
import { productProcess, room } from "./embedded-postgres-world.ts";

afterEach(clearWorld);

function start(
  dataDirectory: string,
  log: (line: string) => void = () => undefined,
): Promise<EmbeddedPostgres> {
  endAfterwards(path.join(dataDirectory, "cluster"));
  return startEmbeddedPostgres({ dataDirectory, log });
}

async function killedParent(dataDirectory: string): Promise<number | null> {
  endAfterwards(path.join(dataDirectory, "cluster"));
  const first = productProcess({ dataDirectory });
  expect(await first.outcome()).toMatchObject({ event: "started", adopted: false });
  await first.kill();
  return postmasterPid(path.join(dataDirectory, "cluster"));
}

test("adopts the server that outlived kill -9 of the process that had started it", async () => {
  const home = path.join(room(), "data");
  const pid = await killedParent(home);
  const lines: string[] = [];
  const second = await start(home, (line) => lines.push(line));
  expect(second.adopted).toBe(true);
  expect(postmasterPid(second.cluster)).toBe(pid);
  expect(lines).toEqual([expect.stringContaining("adopted, was still running")]);
  expect(await ask(second.connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
  await second.stop();
  expect(postmasterPid(second.cluster)).toBeNull();
});

test("restarts a server that runs with settings or options of somebody else", async () => {
  const home = path.join(room(), "data");
  const pid = await killedParent(home);
  const options = path.join(home, "cluster", "postmaster.opts");
  writeFileSync(options, `${readFileSync(options, "utf8").trim()} "-F"\n`);
  const second = await start(home);
  expect(second.adopted).toBe(false);
  expect(postmasterPid(second.cluster)).not.toBe(pid);
  await second.stop();
});

test("recovers when the server was killed too, and when its pid is another program's by now", async () => {
  const home = path.join(room(), "data");
  const pid = await killedParent(home);
  process.kill(pid ?? 0, "SIGKILL");
  await pause(200);
  const file = path.join(home, "cluster", "postmaster.pid");
  const stale = readFileSync(file, "utf8").replace(String(pid), String(process.pid));
  writeFileSync(file, stale);
  const second = await start(home);
  expect(second.adopted).toBe(false);
  expect(await ask(second.connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
  await second.stop();
});

test("of two starts at once one serves, and the other names it", async () => {
  const home = path.join(room(), "data");
  endAfterwards(path.join(home, "cluster"));
  const both = [productProcess({ dataDirectory: home }), productProcess({ dataDirectory: home })];
  const outcomes = await Promise.all(both.map((one) => one.outcome()));
  expect(outcomes.map(({ event }) => event).toSorted()).toEqual(["refused", "started"]);
  const serving = both[outcomes.findIndex(({ event }) => event === "started")];
  const refused = outcomes.find((one) => one.event === "refused");
  expect(refused?.message).toContain(`Another Ringfence (process ${serving?.child.pid}) is running`);
  await expect(start(home)).rejects.toThrow(/Another Ringfence/);
  for (const one of both) await one.stop();
});

test("a start that is killed while it creates the database leaves nothing in the way of the next", async () => {
  const home = path.join(room(), "data");
  endAfterwards(path.join(home, "cluster"));
  const first = productProcess({ dataDirectory: home });
  while (!entries(home).some((name) => name.startsWith("initdb-"))) await pause(2);
  await pause(100);
  await first.kill();
  expect(entries(home)).not.toContain("cluster");
  const second = await start(home);
  expect(await ask(second.connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
  await second.stop();
  await pause(1_500);
  await (await start(home)).stop();
  expect(entries(home).filter((name) => name.startsWith("initdb-"))).toEqual([]);
});

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

test("tells when the server ends without being asked to", async () => {
  const lines: string[] = [];
  const running = await start(path.join(room(), "data"), (line) => lines.push(line));
  process.kill(postmasterPid(running.cluster) ?? 0, "SIGINT");
  for (let tries = 0; tries < 200 && lines.length < 2; tries++) await pause(20);
  expect(lines[1]).toContain("ended without being asked to");
  await running.stop();
});
