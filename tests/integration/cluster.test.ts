import { Client } from "pg";
import { afterAll, expect, test } from "vitest";
import { clonedDatabase, emptyDatabase, superuserDsn, type TestDatabase } from "../cluster.ts";

const made: TestDatabase[] = [];
afterAll(async () => {
  for (const database of made) await database.drop();
});

async function ask(dsn: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function keep(database: Promise<TestDatabase>): Promise<TestDatabase> {
  made.push(await database);
  return database;
}

test("the run's cluster answers to its superuser on loopback only", async () => {
  expect(new URL(superuserDsn()).hostname).toBe("127.0.0.1");
  const rows = await ask(superuserDsn(), "select rolsuper from pg_roles where rolname = current_user");
  expect(rows).toEqual([{ rolsuper: true }]);
  expect(await ask(superuserDsn(), "show listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
});

test("an empty database is UTF-8, sorts by code point, and goes when dropped", async () => {
  const database = await emptyDatabase();
  expect(await ask(database.dsn, "show server_encoding")).toEqual([{ server_encoding: "UTF8" }]);
  expect(await ask(database.dsn, "select 'a' > 'B' as by_code_point")).toEqual([{ by_code_point: true }]);
  await database.drop();
  await expect(ask(database.dsn, "select 1")).rejects.toThrow(/does not exist/);
});

test("clones are built once, and what one changes another does not see", async () => {
  let builds = 0;
  const build = async (dsn: string): Promise<void> => {
    builds += 1;
    await ask(dsn, "create table thing (id int)");
  };
  const [one, other] = await Promise.all([
    keep(clonedDatabase("cloned", build)),
    keep(clonedDatabase("cloned", build)),
  ]);
  await ask(one.dsn, "insert into thing values (1)");
  expect(builds).toBe(1);
  expect(await ask(other.dsn, "select * from thing")).toEqual([]);
});

test("a template whose build failed is not kept", async () => {
  const failing = clonedDatabase("never", () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  const rows = await ask(superuserDsn(), "select datname from pg_database where datname like 'never%'");
  expect(rows).toEqual([]);
});
