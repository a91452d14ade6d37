import { assert, constantFrom, noShrink, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { commonPasswords } from "./common-passwords.ts";
import { faultsOfPassword, lengthMinWithSecondFactor, type PasswordContext } from "./index.ts";

const bare: PasswordContext = { words: [] };
const withSecondFactor: PasswordContext = { words: [], lengthMin: lengthMinWithSecondFactor };
const acme: PasswordContext = {
  words: ["Acme Holdings GmbH", "Ringfence", "zoe.mueller@acme-holdings.example", "Zoë Müller"],
};

const rulesOf = (password: string, context = bare): string[] =>
  faultsOfPassword(password, context).map(({ rule }) => rule);

describe("length", () => {
  test("is 15 where the password stands alone, 8 under a second factor, and never less", () => {
    expect(rulesOf("vX3kq9Rw2mLpT7")).toEqual(["too-short"]);
    expect(rulesOf("vX3kq9Rw2mLpT7z")).toEqual([]);
    expect(rulesOf("vX3kq9Rw", withSecondFactor)).toEqual([]);
    expect(rulesOf("vX3kq9R", withSecondFactor)).toEqual(["too-short"]);
    expect(rulesOf("vX3kq9R", { words: [], lengthMin: 1 })).toEqual(["too-short"]);
  });

  test("counts characters, not code units, after normalising", () => {
    expect(rulesOf("🐎".repeat(14))).toEqual(["too-short"]);
    expect(rulesOf("e\u0301".repeat(14))).toEqual(["too-short"]);
  });

  test("is 256 at most, and long texts cost no more than short ones to refuse", () => {
    const sentence = "every good boy does fine when rain stays mainly on plains ".repeat(5).slice(0, 256);
    expect(rulesOf(sentence)).toEqual([]);
    expect(rulesOf(`${sentence}x`)).toEqual(["too-long"]);
    expect(rulesOf("x".repeat(10_000_000))).toEqual(["too-long"]);
    // U+FDFA becomes 18 characters under NFKC.
    expect(rulesOf("\ufdfa".repeat(256))).toEqual(["too-long"]);
  });

  test("is 72 bytes at most where bcrypt is selected", () => {
    const bytes72 = "quartz lantern of nine brisk wolves, jumping over a vexed fig pudding ab";
    expect(Buffer.byteLength(bytes72)).toBe(72);
    expect(rulesOf(bytes72, { words: [], scheme: "bcrypt" })).toEqual([]);
    expect(rulesOf(`${bytes72}c`, { words: [], scheme: "bcrypt" })).toEqual(["too-long-for-bcrypt"]);
    expect(rulesOf(`${bytes72}c`)).toEqual([]);
  });
});

describe("kinds of characters", () => {
  test.each([
    "lowercase words without anything",
    "38401957264810375",
    "ΚΑΛΗΜΕΡΑ ΦΙΛΕ ΜΟΥ ΚΩΣΤΑ",
    "密码短语由很多不同的汉字组成非常安全",
    "  spaces  at  both  ends  kept  ",
  ])("are free: %j", (password) => {
    expect(rulesOf(password)).toEqual([]);
  });

  test.each(["a lone \ud800 surrogate in it", "a NUL \0 character inside"])(
    "that cannot be stored are refused: %j",
    (password) => {
      expect(rulesOf(password)).toEqual(["unusable-character"]);
    },
  );
});

describe("the block list", () => {
  test("knows at least 3,000 passwords that the shortest policy would let pass, and refuses each", () => {
    const fitting = [...commonPasswords()].filter((password) => password.length >= 8);
    expect(fitting.length).toBeGreaterThan(3000);
    expect(fitting.filter((password) => rulesOf(password, withSecondFactor)[0] !== "common")).toEqual([]);
  });

  test.each([
    "passwordpassword",
    "Password1234567890",
    "P@ssw0rdP@ssw0rd",
    "qwertyuiopasdfgh",
    "1qaz2wsx3edc4rfv",
    "q1w2e3r4t5y6u7i8",
    "aaaaaaaaaaaaaaaaaaaa",
    "abcabcabcabcabcabc",
    "manchesterunited",
    "iloveyou19871987",
    "112233445566778899",
    "01020304050607080910",
    "ABCDEFGHIJKLMNOP",
    "\uff30\uff41\uff53\uff53\uff57\uff4f\uff52\uff44123456789",
  ])("refuses %j", (password) => {
    expect(rulesOf(password)).toEqual(["common"]);
  });

  test("refuses no password of 15 random letters or digits", () => {
    const random = string({
      unit: constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789"),
      minLength: 15,
      maxLength: 24,
    });
    // Chance may make a pattern; the seed is fixed so that the test does not depend on luck.
    assert(
      property(noShrink(random), (password) => new Set(password).size < 8 || rulesOf(password).length === 0),
      {
        seed: 20_261_122,
        numRuns: 2000,
      },
    );
  });

  test.each(["correct horse battery staple", "tiger piano cabbage window", "velvet-orbit-mango-47"])(
    "lets a passphrase pass: %j",
    (password) => {
      expect(rulesOf(password, acme)).toEqual([]);
    },
  );
});

describe("words of the surroundings", () => {
  test.each([
    "AcmeHoldings2026!",
    "ringfence-ringfence",
    "zoemueller123456789",
    "M\u00fcllerM\u00fcllerZo\u00eb",
    "acme-acme-acme-holdings",
  ])("do not make a password: %j", (password) => {
    const [fault] = rulesOf(password, acme);
    expect(["context", "common"]).toContain(fault);
  });

  test("are told from common ones", () => {
    expect(rulesOf("AcmeHoldingsZoe26", acme)).toEqual(["context"]);
    expect(rulesOf("AcmeHoldingsZoe26")).toEqual([]);
  });

  test("may be part of one that is long without them", () => {
    expect(rulesOf("acme vK4nTq8sWz2b", acme)).toEqual([]);
  });
});

test("no sentence to the person contains the password", () => {
  for (const password of ["short", "passwordpassword", "AcmeHoldingsZoe26", "a NUL \0 character inside"]) {
    for (const { detail } of faultsOfPassword(password, acme)) expect(detail).not.toContain(password);
  }
});
