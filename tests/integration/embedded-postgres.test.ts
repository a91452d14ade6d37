import {
  appendFileSync,
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "../../server/foundation/postgres/index.ts";
import { ask, asRoot, clearWorld, endAfterwards, room } from "./embedded-postgres-world.ts";

afterEach(clearWorld);

interface Started extends EmbeddedPostgres {
  readonly lines: string[];
}

async function start(dataDirectory: string, port?: number): Promise<Started> {
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  const wish = port === undefined ? {} : { port };
  const running = await startEmbeddedPostgres({
    dataDirectory,
    log,
    elsewhere: path.join(room(), "var"),
    ...wish,
  });
  endAfterwards(running.cluster);
  return { ...running, lines };
}

function modeOf(file: string): string {
  return (statSync(file).mode & 0o777).toString(8);
}

function serverLog(cluster: string): string {
  const directory = path.join(cluster, "log");
  const files = readdirSync(directory).map((name) => readFileSync(path.join(directory, name), "utf8"));
  return files.join("");
}

test("makes a durable, deterministic cluster on loopback, says so in one line, and stops it cleanly", async () => {
  const home = path.join(room(), "data", "postgres");
  const first = await start(home);
  const wanted = `select current_setting('fsync') fsync, current_setting('full_page_writes') pages,
    current_setting('listen_addresses') listens, current_setting('unix_socket_directories') sockets,
    current_setting('log_parameter_max_length_on_error') parameters, current_setting('wal_compression') wal,
    datlocprovider provider, datlocale locale, pg_encoding_to_char(encoding) encoding
    from pg_database where datname = 'postgres'`;
  expect(await ask(first.connectionString, wanted)).toEqual([
    {
      fsync: "on",
      pages: "on",
      listens: "127.0.0.1",
      sockets: "",
      parameters: "0",
      wal: "off",
      provider: "b",
      locale: "C.UTF-8",
      encoding: "UTF8",
    },
  ]);
  expect(first.lines).toEqual([
    `PostgreSQL 18.4 embedded (BELOW the security floor 18.7: for evaluation and development only), ` +
      `data ${home}/cluster, 127.0.0.1:${first.port}, started`,
  ]);
  await Promise.all([first.stop(), first.stop()]);
  const second = await start(home);
  expect({ port: second.port, adopted: second.adopted }).toEqual({ port: first.port, adopted: false });
  await second.stop();
  expect(serverLog(first.cluster)).toContain("received fast shutdown request");
  expect(serverLog(first.cluster)).not.toMatch(/not properly shut down|recovery/);
});

test("keeps the password where only we read it, and takes no other way in", async () => {
  const home = path.join(room(), "data");
  const running = await start(home);
  expect(modeOf(path.join(home, "superuser.password"))).toBe("600");
  expect(modeOf(running.cluster)).toBe("700");
  const url = new URL(running.connectionString);
  expect(url.password).toHaveLength(43);
  url.password = "postgres";
  await expect(ask(url.href, "select 1")).rejects.toThrow(/password authentication failed/);
  const rules = await ask(
    running.connectionString,
    "select type, address, auth_method from pg_hba_file_rules",
  );
  expect(rules).toEqual([{ type: "host", address: "127.0.0.1", auth_method: "scram-sha-256" }]);
  if (process.platform === "linux") expect(listeners(running.port)).toEqual(["0100007F"]);
  await running.stop();
});

/** Addresses in the kernel's spelling; proc(5), state 0A is LISTEN. */
function listeners(port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const lines = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => readFileSync(file, "utf8").split("\n"));
  const rows = lines.map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([, local = "", , state]) =>
    state === "0A" && local.endsWith(`:${hex}`) ? [local.slice(0, -5)] : [],
  );
}

test("writes neither SQL, nor bind values, nor rows named by an error into the server's log", async () => {
  const running = await start(path.join(room(), "data"));
  await ask(running.connectionString, "create table person (email text primary key)");
  await ask(running.connectionString, "insert into person values ('canary@example.org')");
  const again = ask(running.connectionString, "insert into person values ('canary@example.org')");
  await expect(again).rejects.toThrow(/duplicate key/);
  await expect(ask(running.connectionString, "select 'canary'::int")).rejects.toThrow(/invalid input syntax/);
  await running.stop();
  expect(serverLog(running.cluster)).not.toMatch(/canary|insert into/);
});

test.each(["fsync = off", "full_page_writes = off", "listen_addresses = '*'"])(
  "refuses to start with %s",
  async (line) => {
    const home = path.join(room(), "data");
    const { cluster, stop } = await start(home);
    await stop();
    appendFileSync(path.join(cluster, "postgresql.auto.conf"), `${line}\n`);
    await expect(start(home)).rejects.toThrow(/and Ringfence starts with .* only[^]*postgresql.auto.conf/);
    expect(existsSync(path.join(cluster, "postmaster.pid"))).toBe(false);
  },
);

test("keeps an operator's own settings, however quoted, below its own", async () => {
  const home = path.join(room(), "data");
  const first = await start(home);
  await first.stop();
  const command = `cp "%p" "/x y/%f" && echo 'it''s kept'`;
  const own = [`restore_command = '${command.replaceAll("'", "''")}'`, "fsync = off", "max_connections = 7"];
  appendFileSync(path.join(first.cluster, "postgresql.conf"), `${own.join("\n")}\n`);
  const second = await start(home);
  const shown = await ask(
    second.connectionString,
    "select name, setting from pg_settings where name in ('restore_command', 'fsync', 'max_connections') order by name desc",
  );
  expect(shown.map(({ setting }) => setting)).toEqual([command, "60", "on"]);
  await second.stop();
});

test("takes another port when the remembered one is taken, and refuses a demanded one that is", async () => {
  const home = path.join(room(), "data");
  const first = await start(home);
  await first.stop();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(first.port, "127.0.0.1", resolve));
  await expect(start(home, first.port)).rejects.toThrow(/is taken by another program/);
  const second = await start(home);
  expect(second.port).not.toBe(first.port);
  await second.stop();
  await new Promise((resolve) => other.close(resolve));
  const third = await start(home);
  expect(third.port).toBe(second.port);
  await third.stop();
});

test("refuses data of another major with its own words, and changes nothing", async () => {
  const home = path.join(room(), "data");
  const { cluster, stop } = await start(home);
  await stop();
  writeFileSync(path.join(cluster, "PG_VERSION"), "17\n");
  await expect(start(home)).rejects.toThrow(/is PostgreSQL 17's, and the installed programs are 18\.4/);
  writeFileSync(path.join(cluster, "PG_VERSION"), "18\n");
  await (await start(home)).stop();
});

test("never puts an empty database where there was one before", async () => {
  const home = path.join(room(), "data");
  const { cluster, stop } = await start(home);
  await stop();
  renameSync(cluster, `${cluster}.moved`);
  await expect(start(home)).rejects.toThrow(/there is none \(any more\)[^]*Bring the data back/);
  renameSync(`${cluster}.moved`, cluster);
  rmSync(path.join(home, "superuser.password"));
  await expect(start(home)).rejects.toThrow(/The password of the database .* is missing/);
});

test("follows its directory when that is moved, and finds a cluster whose note was lost", async () => {
  const base = room();
  const first = await start(path.join(base, "data"));
  await ask(first.connectionString, "create table kept ()");
  await first.stop();
  renameSync(path.join(base, "data"), path.join(base, "moved"));
  rmSync(path.join(base, "moved", "cluster.json"));
  const second = await start(path.join(base, "moved"));
  expect(await ask(second.connectionString, "select * from kept")).toEqual([]);
  await second.stop();
});

test.runIf(asRoot)("says what to do when the data belongs to another user", async () => {
  const home = path.join(room(), "data");
  const { cluster, stop } = await start(home);
  await stop();
  chownSync(cluster, 0, 0);
  await expect(start(home)).rejects.toThrow(/belongs to user 0[^]*chown -R nobody/);
});
