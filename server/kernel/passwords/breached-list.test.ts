import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { sha1Hex } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { openBreachedList } from "./breached-list.ts";

const folder = mkdtempSync(join(tmpdir(), "breached-"));
afterAll(() => rmSync(folder, { recursive: true }));

function listOf(
  name: string,
  passwords: readonly string[],
  lineOf = (digest: string, at: number): string => `${digest}:${at * 37}\r\n`,
): string {
  const path = join(folder, name);
  writeFileSync(path, passwords.map(sha1Hex).toSorted().map(lineOf).join(""));
  return path;
}

describe("a list of leaked passwords", () => {
  test.each([1, 2, 50, 200, 5000])("of %i finds each that is in it, and none else", async (count) => {
    const known = Array.from({ length: count }, (_, at) => `leaked ${at}`);
    const list = await openBreachedList(listOf(`list-${count}`, known));
    for (const password of known.slice(0, 300)) expect(await list.has(password)).toBe(true);
    expect(await list.has(known.at(-1) ?? "")).toBe(true);
    for (let at = 0; at < 300; at += 1) expect(await list.has(`never leaked ${at}`)).toBe(false);
    await list.close();
  });

  test("may be without counts and without an end of the last line", async () => {
    const path = listOf("bare", ["one", "two", "three"], (digest, at) => `${digest}${at < 2 ? "\n" : ""}`);
    const list = await openBreachedList(path);
    for (const password of ["one", "two", "three"]) expect(await list.has(password)).toBe(true);
    expect(await list.has("four")).toBe(false);
    await list.close();
  });

  test("is looked into for the password as typed and in the form that is hashed", async () => {
    const list = await openBreachedList(listOf("forms", ["caf\u00e9 society"]));
    expect(await list.has("cafe\u0301 society")).toBe(true);
    await list.close();
  });

  test("that is none is refused by name of the setting", async () => {
    writeFileSync(join(folder, "words"), "password\n123456\n");
    for (const path of [join(folder, "words"), join(folder, "missing"), folder])
      await expect(openBreachedList(path)).rejects.toBeInstanceOf(Problem);
  });
});
