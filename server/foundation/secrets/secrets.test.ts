import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { Misconfigured } from "../config/index.ts";
import { randomBytes } from "../ids/index.ts";
import { configureLog, scrub } from "../log/index.ts";
import { installationSecret, keyFor, rolePassword } from "./index.ts";
import { createSecret } from "./secret-file.ts";

const root = mkdtempSync(join(tmpdir(), "secrets-"));
let dataFolder = "";
let round = 0;

beforeEach(() => {
  configureLog({ pretty: false, write: () => undefined });
  dataFolder = join(root, String((round += 1)));
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

function refusalOf(): string {
  try {
    installationSecret({ secret: null, dataFolder });
  } catch (error) {
    if (error instanceof Misconfigured) return error.message;
    throw error;
  }
  return "";
}

function laid(text: string, mode = 0o600): string {
  mkdirSync(dataFolder);
  const path = join(dataFolder, "secret");
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe("the installation secret", () => {
  test("is made at the first start, for its owner only, and stays", () => {
    const before = process.umask(0);
    const secret = installationSecret({ secret: null, dataFolder });
    process.umask(before);
    expect(secret).toHaveLength(32);
    expect(statSync(join(dataFolder, "secret")).mode & 0o777).toBe(0o600);
    expect(statSync(dataFolder).mode & 0o777).toBe(0o700);
    expect(installationSecret({ secret: null, dataFolder }).equals(secret)).toBe(true);
    expect(readdirSync(dataFolder)).toEqual(["secret"]);
  });

  test("from the configuration counts before the file, and makes none", () => {
    const secret = randomBytes(32);
    expect(installationSecret({ secret, dataFolder }).equals(secret)).toBe(true);
    expect(() => readdirSync(dataFolder)).toThrow("ENOENT");
  });

  test("is never overwritten by one who comes second", () => {
    createSecret(join(root, "race", "secret"));
    const first = readFileSync(join(root, "race", "secret"), "utf8");
    for (let late = 0; late < 10; late += 1) createSecret(join(root, "race", "secret"));
    expect(readFileSync(join(root, "race", "secret"), "utf8")).toBe(first);
    expect(readdirSync(join(root, "race"))).toEqual(["secret"]);
  });

  test.each([0o640, 0o604, 0o620, 0o666, 0o610])("in a file of mode %o is refused", (mode) => {
    laid(`${randomBytes(32).toString("base64")}\n`, mode);
    expect(refusalOf()).toContain("can be read by others");
  });

  test("in a file that holds something else is refused, without showing it, and kept", () => {
    const path = laid("canary");
    expect(refusalOf()).toContain("does not hold 32 bytes");
    expect(refusalOf()).not.toContain("canary");
    expect(readFileSync(path, "utf8")).toBe("canary");
  });

  test("behind a link or in a folder is refused", () => {
    mkdirSync(dataFolder);
    writeFileSync(join(dataFolder, "elsewhere"), randomBytes(32).toString("base64"), { mode: 0o600 });
    symlinkSync(join(dataFolder, "elsewhere"), join(dataFolder, "secret"));
    expect(refusalOf()).toContain("cannot be read (ELOOP)");
    rmSync(join(dataFolder, "secret"));
    mkdirSync(join(dataFolder, "secret"), { mode: 0o700 });
    expect(refusalOf()).toContain("is not a file");
  });

  test("and what is derived from it is struck out of the log", () => {
    const secret = installationSecret({ secret: null, dataFolder });
    const password = rolePassword(secret, "rf_api");
    const key = keyFor(secret, "csrf").toString("hex");
    expect(scrub(`(${secret.toString("base64")}) (${password}) (${key})`)).toBe(
      "([hidden]) ([hidden]) ([hidden])",
    );
  });
});

describe("derived secrets", () => {
  const secret = Buffer.alloc(32, 9);

  test("differ by role, by purpose and by installation, and stay the same over time", () => {
    expect(rolePassword(secret, "rf_api")).toMatch(/^[\w-]{43}$/);
    expect(rolePassword(secret, "rf_api")).toBe(rolePassword(secret, "rf_api"));
    expect(rolePassword(secret, "rf_auth")).not.toBe(rolePassword(secret, "rf_api"));
    expect(rolePassword(Buffer.alloc(32, 8), "rf_api")).not.toBe(rolePassword(secret, "rf_api"));
    expect(keyFor(secret, "csrf").equals(keyFor(secret, "links"))).toBe(false);
  });

  test("a role that no role could be named is refused", () => {
    expect(() => rolePassword(secret, "rf_api; drop")).toThrow(RangeError);
  });
});
