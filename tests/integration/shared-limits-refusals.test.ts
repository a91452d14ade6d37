import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../server/foundation/config/index.ts";
import { configureLog } from "../../server/foundation/log/index.ts";
import { openLimiter, sharingFault } from "../../server/kernel/limits/index.ts";
import { proves } from "../proves.ts";
import { freePort, redisProgram, redisServer, type RedisServer } from "../redis-server.ts";
import { surroundings } from "../running-product.ts";

// What an operator is told about a Redis that cannot be used, and that no password is told with it.

const password = "canary-of-redis";

describe("a Redis that cannot be used is explained without its password", () => {
  if (redisProgram === null || !existsSync("/usr/bin/openssl")) {
    test.skip("it is tested: redis-server or openssl is not installed here", () => undefined);
    return;
  }
  proves("LIM-2");

  let server: RedisServer;
  let folder: string;
  let tlsPort: number;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "ringfence-redis-tls-"));
    const [certificate, privateKey] = [path.join(folder, "cert.pem"), path.join(folder, "key.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const files = ["-keyout", privateKey, "-out", certificate];
    spawnSync("/usr/bin/openssl", [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      ...subject,
      ...files,
    ]);
    tlsPort = await freePort();
    const tls = `--tls-port ${tlsPort} --tls-cert-file ${certificate} --tls-key-file ${privateKey} --tls-auth-clients no`;
    const narrow = `--user narrow on >${password} ~ringfence:* +evalsha +eval +mget +set +time`;
    const reader = `--user reader on >${password} ~* +@read`;
    server = await redisServer(`${tls} --requirepass ${password} ${narrow} ${reader}`.split(" "));
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (credential: string, port = server.port, scheme = "redis", host = "127.0.0.1"): string =>
    `${scheme}://${credential}${host}:${port}`;

  test("what is needed is no more than five commands on names of ours", async () => {
    expect(await sharingFault(at(`narrow:${password}@`))).toBeNull();
  });

  test.each([
    [
      "a wrong password",
      () => at("default:canary-wrong@"),
      "refuses the user name or password of REDIS_URL.",
    ],
    ["no password", () => at(""), "demands a password, and REDIS_URL has none."],
    [
      "a user of too few rights",
      () => at(`reader:${password}@`),
      "does not allow this user what limits need",
    ],
    [
      "TLS where there is none",
      () => at(`:${password}@`, server.port, "rediss"),
      "speaks no TLS there, which is redis://",
    ],
    [
      "no TLS where it is demanded",
      () => at(`:${password}@`, tlsPort),
      "speaks TLS there, which is rediss://",
    ],
    [
      "a certificate of nobody we know",
      () => at(`:${password}@`, tlsPort, "rediss", "localhost"),
      "SELF_SIGNED",
    ],
    ["a port where nothing listens", () => at(`:${password}@`, 1), "nothing listens there."],
    [
      "a name that is none",
      () => at(`:${password}@`, 6379, "redis", "redis.invalid"),
      "is a name that cannot be",
    ],
  ])("%s", async (_, url, told) => {
    const fault = await sharingFault(url());
    expect(fault).toMatch(
      new RegExp(`^Redis at [\\w.]+:\\d+ .*(?:${told.replaceAll(".", "\\.").replaceAll("/", "\\/")})`),
    );
    expect(fault).not.toContain("canary");
  });

  test("the log says when limits stop being shared and when they are again, and no more", async () => {
    const lines: string[] = [];
    configureLog({ level: "info", pretty: false, write: (line) => void lines.push(line) });
    const settings = readConfig({
      REDIS_URL: at(`:${password}@`),
      RINGFENCE_LIMIT_WHEN_REDIS_IS_DOWN: "refuse",
    });
    const node = await openLimiter(settings, Buffer.alloc(32, 3));
    await expect(node.probes[0]?.check()).resolves.toBeUndefined();
    await server.kill();
    await expect.poll(() => lines.length, { timeout: 5000 }).toBeGreaterThan(1);
    await expect(node.probes[0]?.check()).rejects.toThrow("Redis at");
    await server.start();
    await expect.poll(() => lines.at(-1), { timeout: 10_000 }).toContain("limits-shared");
    node.close();
    configureLog({ level: "error" });
    expect(lines.map((line) => JSON.parse(line).event)).toEqual([
      "limits-shared",
      ...lines.slice(1, -1).map(() => "limits-not-shared"),
      "limits-shared",
    ]);
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({ level: "warn", meanwhile: "refuse" });
    expect(JSON.parse(lines[1] ?? "").reason).toContain(`:${server.port} `);
    expect(lines.join()).not.toContain(password);
  });

  test("doctor reaches it by TLS when its authority is known, and says so", async () => {
    const environment = {
      ...surroundings(),
      RINGFENCE_DATA: path.join(folder, "data"),
      // Nothing listens there: what doctor says of the database is no matter here.
      DATABASE_URL: "postgres://nobody@127.0.0.1:1/nothing",
      REDIS_URL: at(`:${password}@`, tlsPort, "rediss", "localhost"),
    };
    const trusted = await doctor({ ...environment, NODE_EXTRA_CA_CERTS: path.join(folder, "cert.pem") });
    expect(trusted).toMatchObject({
      state: "ok",
      detail: "Shared through Redis; while it is down, each node counts alone.",
    });
    const unknown = await doctor({ ...environment, RINGFENCE_LIMIT_WHEN_REDIS_IS_DOWN: "refuse" });
    expect(unknown).toMatchObject({ state: "fail", fix: "Mend Redis or REDIS_URL." });
    expect(JSON.stringify(unknown)).not.toContain(password);
  });
});

/** What doctor finds about limits, run as operators do. */
async function doctor(env: Readonly<Record<string, string>>): Promise<unknown> {
  const child = spawn(process.execPath, ["server/cli/ringfence.mjs", "doctor", "--json"], {
    cwd: path.join(import.meta.dirname, "../.."),
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let said = "";
  for await (const chunk of child.stdout) said += String(chunk);
  const { findings } = JSON.parse(said) as { findings: { check: string }[] }; // as: its own output, looked into by tests
  return findings.find(({ check }) => check === "limits");
}
