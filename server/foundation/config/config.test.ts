import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Environment, explain, Misconfigured, readConfig, warningsOf } from "./index.ts";
import { settingEntries } from "./settings.ts";

const folder = mkdtempSync(join(tmpdir(), "config-"));
const key = Buffer.from(Array.from({ length: 32 }, (_, at) => at * 7)).toString("base64");

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function faultsOf(env: Environment): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof Misconfigured) return error.faults.map(({ name, fault }) => `${name} ${fault}`);
    throw error;
  }
  return [];
}

describe("what is read", () => {
  test("nothing set gives the defaults", () => {
    const config = readConfig({ PATH: "/bin", HOME: "/root" });
    expect({ ...config }).toEqual({
      port: 7460,
      host: "127.0.0.1",
      dataFolder: "./data",
      databaseUrl: null,
      secret: null,
      publicUrl: null,
      rolePrefix: "rf",
      doors: ["api", "worker"],
      trustedProxies: [],
      smtpUrl: null,
      mailFrom: null,
      passwordHash: "argon2id",
      breachedPasswords: null,
      magicLinkMinutes: 10,
      refreshGraceSeconds: 10,
      geoIpFile: null,
      asnFile: null,
      logLevel: "info",
      importBytesMax: 1_073_741_824,
      limitPerIpPerMinute: 1000,
      limitPerPersonPerMinute: 100,
      limitConsolePerMinute: 600,
      limitPublicPerHour: 10_000,
      limitSecretPerHour: 1000,
      limitProvisioningPerMinute: 1800,
      limitPerTenantPerMinute: 10_000,
      limitSignInPerMinute: 30,
      limitImportPerHour: 30,
      limitExportPerHour: 30,
      limitBulkPerMinute: 60,
      limitSendPerMinute: 60,
      limitFailureCost: 10,
      redisUrl: null,
      limitWhenRedisIsDown: "local",
      blockPoints: 100,
      blockWindowSeconds: 600,
      blockSeconds: 60,
      blockSecondsMax: 3600,
      blockAddressesMax: 50_000,
      blockNever: [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
      ],
      egressNetworks: [],
      dnsServers: [],
      region: "local",
      shutdownSeconds: 20,
    });
    expect(warningsOf(config)).toEqual([]);
  });

  const good: [name: string, env: Environment, expected: Record<string, unknown>][] = [
    ["any free port", { PORT: "0" }, { port: 0 }],
    ["an empty variable as not set", { PORT: "", RINGFENCE_REGION: " " }, { port: 7460, region: "local" }],
    ["IPv6", { RINGFENCE_HOST: "::1" }, { host: "::1" }],
    ["one door", { RINGFENCE_DOORS: "worker" }, { doors: ["worker"] }],
    ["doors with spaces", { RINGFENCE_DOORS: "worker, api" }, { doors: ["worker", "api"] }],
    ["proxies", { RINGFENCE_TRUSTED_PROXIES: "10.0.0.0/8,::1" }, { trustedProxies: ["10.0.0.0/8", "::1"] }],
    [
      "a public address",
      { RINGFENCE_PUBLIC_URL: "https://CRM.example.com/" },
      { publicUrl: "https://crm.example.com" },
    ],
    [
      "http on this machine",
      { RINGFENCE_PUBLIC_URL: "http://localhost:80" },
      { publicUrl: "http://localhost" },
    ],
    ["bytes with a unit", { RINGFENCE_IMPORT_BYTES_MAX: "512MiB" }, { importBytesMax: 536_870_912 }],
    ["plain bytes", { RINGFENCE_IMPORT_BYTES_MAX: "2048" }, { importBytesMax: 2048 }],
    ["a key", { RINGFENCE_SECRET: key }, { secret: Buffer.from(key, "base64") }],
    ["bcrypt", { RINGFENCE_PASSWORD_HASH: "bcrypt" }, { passwordHash: "bcrypt" }],
    [
      "a mail relay",
      { RINGFENCE_SMTP_URL: "smtp://a:b@mx.example.com:587", RINGFENCE_MAIL_FROM: "Acme <a@example.com>" },
      { smtpUrl: "smtp://a:b@mx.example.com:587", mailFrom: "Acme <a@example.com>" },
    ],
    ["a Redis", { REDIS_URL: "rediss://u:p@[::1]:6380/2" }, { redisUrl: "rediss://u:p@[::1]:6380/2" }],
    [
      "a socket",
      { DATABASE_URL: "postgres:///crm?host=/run/pg" },
      { databaseUrl: "postgres:///crm?host=/run/pg" },
    ],
  ];
  test.each(good)("takes %s", (_, env, expected) => {
    expect(readConfig(env)).toMatchObject(expected);
  });

  test("the example of every setting that is no secret passes", () => {
    for (const [, { env, is, example, secret }] of settingEntries) {
      if (!secret) expect("value" in is(example), env).toBe(true);
    }
  });

  test("the result cannot be changed", () => {
    const config = readConfig({ RINGFENCE_DOORS: "api" });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.doors)).toBe(true);
  });
});

describe("what is refused", () => {
  const bad: [name: string, value: string][] = [
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["PORT", "80a"],
    ["PORT", "0x50"],
    ["RINGFENCE_HOST", "http://canary"],
    ["RINGFENCE_DATA", "canary\0"],
    ["DATABASE_URL", "mysql://u:canary@h/d"],
    ["DATABASE_URL", "postgres://u:canary@h"],
    ["DATABASE_URL", "postgres://u:can#ary@h:x/d"],
    ["RINGFENCE_SECRET", "canary"],
    ["RINGFENCE_SECRET", Buffer.alloc(32).toString("base64")],
    ["RINGFENCE_SECRET", `${key}canary`],
    ["RINGFENCE_PUBLIC_URL", "http://canary.example.com"],
    ["RINGFENCE_PUBLIC_URL", "https://u:canary@example.com"],
    ["RINGFENCE_PUBLIC_URL", "https://example.com/canary"],
    ["RINGFENCE_PUBLIC_URL", "javascript:canary"],
    ["RINGFENCE_ROLE_PREFIX", "Canary"],
    ["RINGFENCE_ROLE_PREFIX", "a123456789012345"],
    ["RINGFENCE_DOORS", "api,canary"],
    ["RINGFENCE_DOORS", "api,api"],
    ["RINGFENCE_TRUSTED_PROXIES", "0.0.0.0/0"],
    ["RINGFENCE_TRUSTED_PROXIES", "::/0"],
    ["RINGFENCE_TRUSTED_PROXIES", "10.0.0.0/33"],
    ["RINGFENCE_TRUSTED_PROXIES", "canary"],
    ["REDIS_URL", "canary:6379"],
    ["REDIS_URL", "http://u:canary@h"],
    ["REDIS_URL", "redis://u:canary%zz@h"],
    ["REDIS_URL", "redis://h/canary"],
    ["REDIS_URL", "redis://h/0?canary=1"],
    ["RINGFENCE_LIMIT_WHEN_REDIS_IS_DOWN", "canary"],
    ["RINGFENCE_SMTP_URL", "https://canary"],
    ["RINGFENCE_SMTP_URL", "smtp://u:canary@mx.example.com?tls=off"],
    ["RINGFENCE_SMTP_URL", "smtp://mx.example.com?tls.rejectUnauthorized=canary"],
    ["RINGFENCE_MAIL_FROM", "canary"],
    ["RINGFENCE_MAIL_FROM", "A <a@example.com>\r\nBcc: canary@example.com"],
    ["RINGFENCE_PASSWORD_HASH", "md5"],
    ["RINGFENCE_MAGIC_LINK_MINUTES", "16"],
    ["RINGFENCE_LOG_LEVEL", "canary"],
    ["RINGFENCE_IMPORT_BYTES_MAX", "1GB"],
    ["RINGFENCE_BLOCK_SECONDS", "3601"],
    ["RINGFENCE_BLOCK_NEVER", "0.0.0.0/0"],
    ["RINGFENCE_REGION", "EU"],
    ["RINGFENCE_SHUTDOWN_SECONDS", "1.5"],
  ];
  test.each(bad)("%s = %j, by name and never by value", (name, value) => {
    const faults = faultsOf({
      [name]: value,
      RINGFENCE_MAIL_FROM: "a@b.c",
      ...(name === "RINGFENCE_MAIL_FROM" ? { [name]: value } : {}),
    });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${name} `));
    expect(faults.join()).not.toMatch(/canary/);
  });

  test("all faults are told at once", () => {
    expect(faultsOf({ PORT: "x", RINGFENCE_SECRET: "x", RINGFENCE_PROT: "1", RINGFENCE_DOORS: "x" })).toEqual(
      [
        "PORT must be a whole number from 0 to 65535",
        "RINGFENCE_SECRET must be 32 bytes in base64",
        "RINGFENCE_DOORS each item, set apart by commas, must be one of api, worker",
        "RINGFENCE_PROT is not a setting; did you mean PORT?",
      ],
    );
  });

  test("an unknown name is refused, with a guess at what was meant", () => {
    expect(faultsOf({ RINGFENCE_SERCET: "x" })).toEqual([
      "RINGFENCE_SERCET is not a setting; did you mean RINGFENCE_SECRET?",
    ]);
    expect(faultsOf({ ringfence_data: "x" })).toEqual([
      "ringfence_data is not a setting; did you mean RINGFENCE_DATA?",
    ]);
    expect(faultsOf({ RINGFENCE_REGION_FILE: "x" })).toEqual([
      "RINGFENCE_REGION_FILE is not read: only secrets come from files; set RINGFENCE_REGION itself",
    ]);
  });

  test("a relay without a sender is refused", () => {
    expect(faultsOf({ RINGFENCE_SMTP_URL: "smtp://localhost:25" })).toEqual([
      "RINGFENCE_MAIL_FROM is needed, since RINGFENCE_SMTP_URL is set",
    ]);
  });
});

describe("secrets from files", () => {
  test("the file's text counts, without the line break at its end", () => {
    const config = readConfig({ RINGFENCE_SECRET_FILE: file("key", `${key}\n`) });
    expect(config.secret?.toString("base64")).toBe(key);
    expect(explain(config).find(({ setting }) => setting === "RINGFENCE_SECRET")).toMatchObject({
      source: "file",
    });
  });

  test("a variable and its file together are refused, as is an empty secret", () => {
    expect(faultsOf({ RINGFENCE_SECRET: key, RINGFENCE_SECRET_FILE: file("both", key) })).toEqual([
      "RINGFENCE_SECRET and RINGFENCE_SECRET_FILE are both set; keep one",
    ]);
    expect(faultsOf({ DATABASE_URL: "" })).toEqual(["DATABASE_URL is empty; give it a value or remove it"]);
    expect(faultsOf({ DATABASE_URL_FILE: "" })).toEqual([
      "DATABASE_URL_FILE is empty; give it a path or remove it",
    ]);
  });

  test("a file that others may write is refused, one that others may read is warned about", () => {
    expect(faultsOf({ RINGFENCE_SECRET_FILE: file("written", key, 0o602) })).toEqual([
      "RINGFENCE_SECRET_FILE names a file that everybody may write; run chmod o-w on it",
    ]);
    expect(warningsOf(readConfig({ RINGFENCE_SECRET_FILE: file("read", key, 0o644) }))).toEqual([
      { name: "RINGFENCE_SECRET_FILE", fault: "names a file that everybody on this machine may read" },
    ]);
  });

  test("missing, empty, oversized files and folders are refused, and a bad value is not shown", () => {
    const path = (name: string): string => join(folder, name);
    expect(faultsOf({ RINGFENCE_SECRET_FILE: path("none") })[0]).toContain("cannot be read (ENOENT)");
    expect(faultsOf({ RINGFENCE_SECRET_FILE: folder })[0]).toContain("names a folder");
    expect(faultsOf({ RINGFENCE_SECRET_FILE: file("empty", "\n") })[0]).toContain("names an empty file");
    expect(faultsOf({ RINGFENCE_SECRET_FILE: file("big", "x".repeat(70_000)) })[0]).toContain("more than");
    expect(faultsOf({ RINGFENCE_SECRET_FILE: file("bad", "canary") })).toEqual([
      "RINGFENCE_SECRET_FILE must be 32 bytes in base64",
    ]);
  });
});
