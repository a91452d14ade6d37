import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { installedBinaries } from "./binaries.ts";
import { explainFailure } from "./explain-failure.ts";
import { takeInstanceLock } from "./instance-lock.ts";
import { processIdentity } from "./process-identity.ts";
import { barrier, mayUse } from "./reachable.ts";
import { banner, postgresSecurity } from "./security-floor.ts";
import { serverAccount } from "./server-account.ts";
import { serverSettings } from "./settings.ts";

let room = "";
beforeEach(() => {
  room = mkdtempSync(path.join(tmpdir(), "ringfence-unit-"));
  chmodSync(room, 0o755);
});
afterEach(() => rmSync(room, { recursive: true, force: true }));

/** Some uid that is neither ours nor root's. */
const stranger = { uid: 54_321, gid: 54_321 };

describe("the security floor", () => {
  test.each([
    ["18.4", "18.7", true],
    ["18.7", "18.7", false],
    ["15.19", "15.20", true],
    ["16.100", "16.16", false],
    ["19.0", null, false],
    ["nonsense", null, false],
  ])("of %s is %s", (version, floor, below) => {
    expect(postgresSecurity(version)).toEqual({ floor, below });
  });

  test("shows in the banner", () => {
    const facts = { cluster: "/d/cluster", port: 5432, adopted: true };
    expect(banner({ ...facts, version: "18.7" })).toBe(
      "PostgreSQL 18.7 embedded (security floor 18.7 met), data /d/cluster, 127.0.0.1:5432, adopted, was still running",
    );
    expect(banner({ ...facts, version: "18.4", adopted: false })).toContain("BELOW the security floor 18.7");
  });
});

function passwd(text: string): string {
  const file = path.join(room, "passwd");
  writeFileSync(file, text);
  return file;
}

describe("the server's account", () => {
  const both = "root:x:0:0::/:/bin/sh\nnobody:x:65534:65533::/:\npostgres:x:70:71::/:\n";

  test("is ourselves unless we are root", () => {
    expect(serverAccount({ ownUid: 1000, cluster: null, passwd: passwd(both) })).toBeNull();
    expect(serverAccount({ ownUid: undefined, cluster: null })).toBeNull();
  });

  test("is postgres for root, else nobody, never root under another name", () => {
    expect(serverAccount({ ownUid: 0, cluster: null, passwd: passwd(both) })).toEqual({ uid: 70, gid: 71 });
    const onlyNobody = both.replace("postgres:", "pg:");
    expect(serverAccount({ ownUid: 0, cluster: null, passwd: passwd(onlyNobody) })).toEqual({
      uid: 65534,
      gid: 65533,
    });
    const disguised = "postgres:x:0:0::/:\n";
    expect(() => serverAccount({ ownUid: 0, cluster: null, passwd: passwd(disguised) })).toThrow(
      /refuses to run as root/,
    );
  });

  test("of another user's data is refused", () => {
    expect(() => serverAccount({ ownUid: 54_321, cluster: room })).toThrow(/belongs to user/);
  });
});

test("a platform without its package is told what to do", () => {
  expect(() => installedBinaries("plan9-mips")).toThrow(
    /plan9-mips.* is not installed[^]*or set DATABASE_URL/,
  );
});

describe("the way to a directory", () => {
  test("is barred by the first parent that lets no stranger through", () => {
    const deep = path.join(room, "closed", "inner");
    mkdirSync(deep, { recursive: true });
    expect(barrier(deep, stranger)).toBeNull();
    chmodSync(path.join(room, "closed"), 0o700);
    expect(barrier(deep, stranger)).toBe(path.join(room, "closed"));
    expect(barrier(deep, null)).toBeNull();
  });

  test("does not pass on others' rights to a member of the group", () => {
    const file = path.join(room, "file");
    writeFileSync(file, "");
    chmodSync(file, 0o705);
    expect(mayUse(file, stranger)).toBe(true);
    expect(mayUse(file, { uid: stranger.uid, gid: process.getgid?.() ?? 0 })).toBe(false);
  });
});

describe("the instance lock", () => {
  test("is held by one, named to the next, and free again after its release", async () => {
    const file = path.join(room, "lock");
    const first = await takeInstanceLock(file, "/data");
    await expect(takeInstanceLock(file, "/data")).rejects.toThrow(
      `Another Ringfence (process ${process.pid}) is running`,
    );
    first.release();
    (await takeInstanceLock(file, "/data")).release();
    expect(readdirSync(room)).toEqual([]);
  });

  test("of a process that is gone, or whose pid is another's by now, is taken over", async () => {
    const file = path.join(room, "lock");
    const gone = spawnSync("true").pid;
    const impostor = processIdentity(process.pid)?.replace(/^(\d+) \d+/, "$1 1") ?? "";
    for (const stale of [`${gone} 1 boot token`, `${impostor} token`, "", "garbage"]) {
      writeFileSync(file, stale);
      (await takeInstanceLock(file, "/data")).release();
    }
    expect(readdirSync(room)).toEqual([]);
  });

  test("that is stale goes to one of many rivals", async () => {
    const file = path.join(room, "lock");
    writeFileSync(file, "garbage");
    const rivals = Array.from({ length: 20 }, () => takeInstanceLock(file, "/data"));
    const outcomes = await Promise.allSettled(rivals);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("is not released by one who lost it", async () => {
    const file = path.join(room, "lock");
    const first = await takeInstanceLock(file, "/data");
    writeFileSync(file, "another's");
    first.release();
    expect(readFileSync(file, "utf8")).toBe("another's");
  });
});

describe("the settings", () => {
  const gigabyte = 1024 ** 3;

  test.each([
    [0.25, "64MB"],
    [4, "1024MB"],
    [24, "4096MB"],
  ])("give %s GB of memory %s of shared buffers", (gigabytes, buffers) => {
    const machine = { memoryBytes: gigabytes * gigabyte, cores: 2 };
    expect(serverSettings(5432, machine)["shared_buffers"]).toBe(buffers);
  });

  test("use no helpers in parallel on a single core", () => {
    const machine = { memoryBytes: gigabyte, cores: 1 };
    expect(serverSettings(5432, machine)["max_parallel_workers_per_gather"]).toBe("0");
  });
});

test("a failure keeps PostgreSQL's words and adds a remedy where one is known", () => {
  const known = explainFailure("It failed", 'could not write to file "x": No space left on device');
  expect(known.message).toMatch(/^It failed: could not write[^]*Free disk space/);
  expect(explainFailure("It failed", "PANIC: unheard of").message).toContain("PANIC: unheard of");
});
