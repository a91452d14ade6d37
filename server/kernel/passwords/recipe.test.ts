import { describe, expect, test } from "vitest";
import {
  bcryptByDefault,
  decoyRecipe,
  importedRecipe,
  needsRehash,
  newRecipe,
  recipeFromStored,
  storedRecipe,
  type HashingConfig,
  type StoredRecipe,
} from "./index.ts";

describe("new recipes", () => {
  test("have 16 random bytes of salt each", () => {
    const salts = new Set(Array.from({ length: 50 }, () => newRecipe().salt.toString("hex")));
    expect(salts.size).toBe(50);
    expect(newRecipe(bcryptByDefault).salt).toHaveLength(16);
  });

  test.each<HashingConfig>([
    { scheme: "argon2id", memoryKiB: 4_000_000, passes: 2, lanes: 1 },
    { scheme: "argon2id", memoryKiB: 19_456, passes: 0, lanes: 1 },
    { scheme: "argon2id", memoryKiB: 19_456, passes: 2.5, lanes: 1 },
    { scheme: "bcrypt", cost: 31 },
    { scheme: "bcrypt", cost: 3 },
  ])("refuse parameters outside the bounds: %j", (config) => {
    expect(() => newRecipe(config)).toThrow(RangeError);
  });
});

describe("needsRehash", () => {
  test("is false for what the configuration makes", () => {
    expect(needsRehash(newRecipe())).toBe(false);
    expect(needsRehash(newRecipe(bcryptByDefault), bcryptByDefault)).toBe(false);
  });

  test("is true for another scheme, other costs, and whatever was imported", () => {
    expect(needsRehash(newRecipe(bcryptByDefault))).toBe(true);
    expect(needsRehash(newRecipe(), bcryptByDefault)).toBe(true);
    expect(needsRehash(newRecipe({ scheme: "argon2id", memoryKiB: 12_288, passes: 3, lanes: 1 }))).toBe(true);
    expect(needsRehash({ ...newRecipe(), imported: true })).toBe(true);
    const imported = importedRecipe("$2y$12$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui");
    expect(imported && needsRehash(imported.recipe, bcryptByDefault)).toBe(true);
  });
});

describe("stored recipes", () => {
  const imported = importedRecipe("$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui")?.recipe;
  test.each([
    newRecipe(),
    newRecipe(bcryptByDefault),
    { ...newRecipe(), bytes: 24 },
    imported ?? newRecipe(),
  ])("come back through JSON as they were", (recipe) => {
    const { scheme, parameters, salt } = storedRecipe(recipe);
    const columns = { scheme, parameters: JSON.parse(JSON.stringify(parameters)), salt };
    expect(recipeFromStored(columns)).toEqual(recipe);
  });

  const salt = Buffer.alloc(16);
  test.each<StoredRecipe>([
    { scheme: "md5", parameters: {}, salt },
    { scheme: "argon2id", parameters: {}, salt },
    { scheme: "argon2id", parameters: { memoryKiB: 1e9, passes: 1, lanes: 1 }, salt },
    { scheme: "argon2id", parameters: { memoryKiB: "19456", passes: 2, lanes: 1 }, salt },
    { scheme: "argon2id", parameters: { memoryKiB: 19_456, passes: 2, lanes: 1, bytes: 4 }, salt },
    { scheme: "argon2id", parameters: { memoryKiB: 19_456, passes: 2, lanes: 1 }, salt: Buffer.alloc(0) },
    { scheme: "bcrypt", parameters: { cost: 20 }, salt },
    { scheme: "bcrypt", parameters: { cost: 12 }, salt: Buffer.alloc(15) },
  ])("are refused when they are not computable: %j", (stored) => {
    expect(() => recipeFromStored(stored)).toThrow(RangeError);
  });
});

describe("what is not imported", () => {
  test.each([
    "",
    "password",
    "$2x$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
    "$2a$16$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
    "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBu",
    "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui\n",
    "$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    "$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    "$argon2id$v=19$m=256,t=2,p=1$c2FsdA$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$",
    "$5$rounds=5000$toolongsaltstrin$Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGsh",
    "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
    "$argon2id$".padEnd(10_000, "A"),
  ])("%j", (phc) => {
    expect(importedRecipe(phc)).toBeNull();
  });
});

describe("decoys", () => {
  const key = Buffer.alloc(32, 7);

  test("are the same at each try, however the address is written, and differ between addresses and keys", () => {
    const one = decoyRecipe("nobody@example.com", key);
    expect(decoyRecipe(" Nobody@Example.COM ", key)).toEqual(one);
    expect(decoyRecipe("nobody2@example.com", key).salt).not.toEqual(one.salt);
    expect(decoyRecipe("nobody@example.com", Buffer.alloc(32, 8)).salt).not.toEqual(one.salt);
  });

  test("look and cost like real ones", () => {
    const decoy = decoyRecipe("nobody@example.com", key);
    expect(needsRehash(decoy)).toBe(false);
    expect(Object.keys(decoy).toSorted()).toEqual(Object.keys(newRecipe()).toSorted());
    expect(decoy.salt).toHaveLength(newRecipe().salt.length);
  });
});
