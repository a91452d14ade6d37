import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { installedBinaries, startEmbeddedPostgres } from "../../server/foundation/postgres/index.ts";
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from "../../server/foundation/postgres/index.ts";
import { ask, asRoot, clearWorld, endAfterwards, pause } from "./embedded-postgres-world.ts";
import { productProcess, room } from "./embedded-postgres-world.ts";

afterEach(clearWorld);

const nobody = 65_534;

interface Started extends EmbeddedPostgres {
  readonly lines: string[];
}

async function start(options: Omit<EmbeddedPostgresOptions, "log">): Promise<Started> {
  const lines: string[] = [];
  const running = await startEmbeddedPostgres({ log: (line) => void lines.push(line), ...options });
  endAfterwards(running.cluster);
  return { ...running, lines };
}

async function answers({ connectionString }: { connectionString: string }): Promise<void> {
  expect(await ask(connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
}

/** The programs as `npm ci --ignore-scripts` leaves them: no links. */
function unscriptedInstall(into: string): string {
  const native = path.join(into, "package", "native");
  cpSync(path.dirname(installedBinaries()), path.dirname(native), {
    recursive: true,
    verbatimSymlinks: true,
  });
  execFileSync("find", [native, "-type", "l", "-delete"]);
  return native;
}

test("makes the links between the libraries that an install without scripts left out", async () => {
  const native = unscriptedInstall(room());
  expect(existsSync(path.join(native, "lib", "libpq.so.5"))).toBe(false);
  const running = await start({ dataDirectory: path.join(room(), "data"), native });
  await answers(running);
  expect(existsSync(path.join(native, "lib", "libpq.so.5"))).toBe(true);
  await running.stop();
});

test("says what to do when the programs cannot run", async () => {
  const native = room();
  mkdirSync(path.join(native, "bin"));
  writeFileSync(path.join(native, "bin", "postgres"), "not a program", { mode: 0o755 });
  const home = path.join(room(), "data");
  await expect(start({ dataDirectory: home, native })).rejects.toThrow(
    /does not run here[^]*set DATABASE_URL/,
  );
  expect(readdirSync(home)).toEqual([]);
});

describe.runIf(asRoot && process.platform === "linux")("as root", () => {
  test("the server runs as postgres where there is one, else as nobody, and no user is made", async () => {
    const users = readFileSync("/etc/passwd", "utf8");
    const passwd = path.join(room(), "passwd");
    writeFileSync(passwd, "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n");
    const running = await start({ dataDirectory: path.join(room(), "data"), passwd });
    await answers(running);
    expect(statSync(running.cluster).uid).toBe(nobody);
    await running.stop();
    writeFileSync(passwd, "root:x:0:0:root:/root:/bin/sh\n");
    const without = start({ dataDirectory: path.join(room(), "data"), passwd });
    await expect(without).rejects.toThrow(/neither a user postgres nor nobody/);
    expect(readFileSync("/etc/passwd", "utf8")).toBe(users);
  });

  test("the server keeps none of root's groups and none of our environment", async () => {
    const running = await start({ dataDirectory: path.join(room(), "data") });
    const [row] = await ask(running.connectionString, "select pg_backend_pid() as pid");
    const pid = Number(readFileSync(path.join(running.cluster, "postmaster.pid"), "utf8").split("\n")[0]);
    expect(Number(row?.["pid"])).toBeGreaterThan(0);
    expect(readFileSync(`/proc/${pid}/status`, "utf8")).toMatch(/^Groups:\s*$/m);
    expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toContain("VITEST");
    await running.stop();
  });

  test("data under a closed parent goes elsewhere, is said so, and is found again", async () => {
    const closed = room(0o700);
    const elsewhere = path.join(room(), "var");
    const options = { dataDirectory: path.join(closed, "data"), elsewhere };
    const first = await start(options);
    await answers(first);
    expect(first.cluster.startsWith(elsewhere)).toBe(true);
    expect(first.lines[0]).toMatch(new RegExp(`goes to ${elsewhere}.* may not pass ${closed}`));
    await first.stop();
    const second = await start(options);
    expect(second.cluster).toBe(first.cluster);
    expect(second.lines).toHaveLength(1);
    await second.stop();
    rmSync(elsewhere, { recursive: true });
    await expect(start(options)).rejects.toThrow(/there is none \(any more\)/);
  });

  test.each([
    ["under a closed parent", (native: string) => chmodSync(path.dirname(path.dirname(native)), 0o700)],
    [
      "unreadable, as installed under umask 077",
      (native: string) => execFileSync("chmod", ["-R", "go=", native]),
    ],
  ])("programs that are %s are copied once", async (_, close) => {
    const native = unscriptedInstall(room());
    close(native);
    const elsewhere = path.join(room(), "var");
    const options = { dataDirectory: path.join(room(), "data"), elsewhere, native };
    const first = await start(options);
    await answers(first);
    expect(first.lines[0]).toContain(`programs were copied to ${elsewhere}`);
    await first.stop();
    const second = await start(options);
    expect(second.lines).toHaveLength(1);
    await second.stop();
  });

  test("an ordinary user may start it too, and root continues that as the same user", async () => {
    const base = room();
    chownSync(base, nobody, nobody);
    const home = path.join(base, "data");
    endAfterwards(path.join(home, "cluster"));
    const own = productProcess({ dataDirectory: home }, nobody);
    const outcome = await own.outcome();
    expect(outcome).toMatchObject({ event: "started", adopted: false });
    if (outcome.event === "started") await answers(outcome);
    expect(statSync(home).mode & 0o777).toBe(0o700);
    await own.stop();
    const asRootNow = await start({ dataDirectory: home, elsewhere: path.join(room(), "var") });
    expect(statSync(asRootNow.cluster).uid).toBe(nobody);
    await answers(asRootNow);
    await asRootNow.stop();
  });

  test("an ordinary user is told that the data is root's", async () => {
    const home = path.join(room(), "data");
    await (await start({ dataDirectory: home })).stop();
    const outcome = await productProcess({ dataDirectory: home }, nobody).outcome();
    expect(outcome).toMatchObject({ event: "refused", message: expect.stringContaining("cannot be used") });
  });

  test.each([0o022, 0o077])(
    "works under umask %o and shows no password to others while it begins",
    async (umask) => {
      const home = path.join(room(), "data");
      endAfterwards(path.join(home, "cluster"));
      const product = productProcess({ dataDirectory: home, umask });
      const seen = new Set<string>();
      while (!product.told.some(({ event }) => event !== "log")) {
        for (const found of readableByOthers(home)) seen.add(found);
        await pause(3);
      }
      expect(await product.outcome()).toMatchObject({ event: "started" });
      expect([...seen].toSorted()).toEqual(["pg_hba.conf", "postgresql.conf"]);
      await product.stop();
    },
  );

  test("a full disk leaves nothing half made, and the start succeeds when there is space", async ({
    skip,
  }) => {
    const disk = room();
    const mount = (options: string): unknown =>
      execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk]);
    try {
      mount("size=16m,mode=755");
    } catch {
      skip("this sandbox does not let root mount a file system");
    }
    try {
      const home = path.join(disk, "data");
      await expect(start({ dataDirectory: home })).rejects.toThrow(/No space left[^]*Free disk space/);
      expect(readdirSync(home)).toEqual(["superuser.password"]);
      mount("remount,size=512m,mode=755");
      const running = await start({ dataDirectory: home });
      await answers(running);
      await running.stop();
    } finally {
      execFileSync("umount", [disk]);
    }
  });
});

/** Files that anybody may read and reach; what lies in a private directory is not listed. */
function readableByOthers(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(directory, entry.name);
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
    if (entry.isDirectory()) return (mode & 0o1) === 0 ? [] : readableByOthers(file);
    return (mode & 0o4) === 0 ? [] : [entry.name];
  });
}
