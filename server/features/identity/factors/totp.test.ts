import { describe, expect, test } from "vitest";
import { backupCodeHash, newBackupCodes } from "./backup-codes.ts";
import { keptKeysOf, vouchFor } from "./factor-proof.ts";
import { newTotpSecret, shownTotp, stepOf } from "./totp.ts";

const secret = Buffer.from("12345678901234567890");

describe("the codes of RFC 6238 (appendix B, the last six digits)", () => {
  test.each([
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_111_111_111, "050471"],
    [1_234_567_890, "005924"],
    [2_000_000_000, "279037"],
    [20_000_000_000, "353130"],
  ])("at %i", (seconds, code) => {
    const step = Math.floor(seconds / 30);
    expect(stepOf(secret, code, seconds, 0)).toBe(step);
    expect(stepOf(secret, code, seconds + 30, 0)).toBe(step);
    expect(stepOf(secret, code, seconds + 60, 0)).toBeNull();
    expect(stepOf(secret, code, seconds, step - 1)).toBe(step);
    expect(stepOf(secret, code, seconds, step)).toBeNull();
  });
});

test("what is no code, or comes before one that was taken, stands for no step", () => {
  for (const code of [
    "",
    "28708",
    "2870822",
    "28708x",
    "\uff12\uff18\uff17\uff10\uff18\uff12",
    " 287082",
    "-28708",
    "1e5000",
  ])
    expect(stepOf(secret, code, 59, 0)).toBeNull();
  // The clock was set back: everything near now is past.
  expect(stepOf(secret, "287082", 59, 1000)).toBeNull();
});

test("a secret has 160 bits, is shown in base32, and never comes twice", () => {
  const { secret: shown, uri } = shownTotp(newTotpSecret(), "Ringfence", "ada+x@example.com");
  expect(shown).toMatch(/^[A-Z2-7]{32}$/);
  expect(uri).toContain(`secret=${shown}`);
  expect(shownTotp(newTotpSecret(), "Ringfence", "x").secret).not.toBe(shown);
});

test("backup codes are ten of 120 bits, and typing them otherwise changes nothing", () => {
  const { shown, hashes } = newBackupCodes();
  expect(new Set(shown).size).toBe(10);
  const [code = "", hash] = [shown[0], hashes[0]];
  expect(code.replaceAll("-", "")).toMatch(/^[A-Z2-7]{24}$/);
  for (const typed of [code.toLowerCase(), code.replaceAll("-", ""), ` ${code.replaceAll("-", " ")}\n`])
    expect(backupCodeHash(typed)).toEqual(hash);
});

test("a word for one use, sign-in, factor, person or number is none for another", () => {
  const key = Buffer.alloc(32, 1);
  const base = {
    person: "p",
    use: "proof",
    method: "totp",
    anchor: Buffer.from("a"),
    factor: "f",
    number: 1,
  } as const;
  const words = [
    base,
    { ...base, person: "q" },
    { ...base, use: "second-factor" as const },
    { ...base, method: "passkey" as const },
    { ...base, anchor: Buffer.from("b") },
    { ...base, factor: "g" },
    { ...base, number: 2 },
  ].map((vouched) => vouchFor(key, vouched).toString("hex"));
  words.push(vouchFor(Buffer.alloc(32, 2), base).toString("hex"));
  expect(new Set(words).size).toBe(words.length);
  const { inner, outerDigest } = keptKeysOf(key, "p", "f");
  const kept = Buffer.concat([inner, outerDigest]).toString("hex");
  expect([inner.length, outerDigest.length]).toEqual([64, 32]);
  // What is sent is not what is kept.
  expect(vouchFor(key, { ...base, person: "p" }).length).toBe(96);
  expect(kept).not.toContain(vouchFor(key, base).subarray(32).toString("hex"));
});
