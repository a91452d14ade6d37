import { describe, expect, test } from "vitest";
import { toBcryptBase64 } from "./bcrypt-base64.ts";
import { bcryptByDefault, derive, importedRecipe, newRecipe, verifierOf, type Recipe } from "./index.ts";

const salt = Buffer.from("0123456789abcdef");
const cheap: Recipe = { scheme: "argon2id", memoryKiB: 256, passes: 1, lanes: 1, salt };
const cheapBcrypt: Recipe = { scheme: "bcrypt", cost: 4, salt };

/** From the tests of the Argon2 reference implementation (CC0): password "password", salt "somesalt". */
const argon2Vectors = [
  ["argon2id", 256, 2, 1, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"],
  ["argon2id", 256, 2, 2, "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"],
  ["argon2id", 65_536, 2, 1, "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"],
  ["argon2i", 256, 2, 1, "89e9029f4637b295beb027056a7336c414fadd43f6b208645281cb214a56452f"],
] as const;

describe("argon2", () => {
  test.each(argon2Vectors)(
    "%s m=%i t=%i p=%i gives the reference's bytes",
    async (scheme, memoryKiB, passes, lanes, hex) => {
      const recipe: Recipe = { scheme, memoryKiB, passes, lanes, salt: Buffer.from("somesalt") };
      expect((await derive("password", recipe)).toString("hex")).toBe(hex);
    },
  );

  test("derives the same from the same, and other bytes from another salt or password", async () => {
    const one = await derive("correct horse", cheap);
    expect(await derive("correct horse", cheap)).toEqual(one);
    expect(await derive("correct horse ", cheap)).not.toEqual(one);
    expect(await derive("correct horse", { ...cheap, salt: Buffer.from("fedcba9876543210") })).not.toEqual(
      one,
    );
  });

  test("reads NFKC spellings as one password, and nothing else", async () => {
    const composed = await derive("caf\u00e9 \ufb01ne", cheap);
    expect(await derive("cafe\u0301 fine", cheap)).toEqual(composed);
    expect(await derive("cafe fine", cheap)).not.toEqual(composed);
    expect(await derive("CAF\u00c9 fine", cheap)).not.toEqual(composed);
  });

  test("hashes what other systems hashed as it is typed", async () => {
    const imported: Recipe = { ...cheap, imported: true };
    expect(await derive("x\u00b2", imported)).not.toEqual(await derive("x2", imported));
    expect(await derive("x\u00b2", cheap)).toEqual(await derive("x2", cheap));
    expect(await derive("x2", imported)).toEqual(await derive("x2", cheap));
  });

  test("tells apart what follows a NUL, and passwords of 256 characters", async () => {
    expect(await derive("a\0b", cheap)).not.toEqual(await derive("a\0c", cheap));
    const long = "x".repeat(255);
    expect(await derive(`${long}1`, cheap)).not.toEqual(await derive(`${long}2`, cheap));
  });

  test("gives no usable bytes for what is too long to read: not twice the same", async () => {
    const huge = "x".repeat(1_000_000);
    expect(await derive(huge, cheap)).not.toEqual(await derive(huge, cheap));
  });
});

describe("bcrypt", () => {
  test("agrees with a published hash when given its salt", async () => {
    const derived = await derive("U*U", {
      scheme: "bcrypt",
      cost: 5,
      salt: Buffer.from("10410410410410410410410410410410", "hex"),
    });
    expect(toBcryptBase64(derived)).toBe("E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");
  });

  test("does not let two passwords pass for each other that are alike in 72 bytes", async () => {
    const long = "y".repeat(72);
    const derived = await derive(`${long}1`, cheapBcrypt);
    expect(derived).not.toEqual(await derive(`${long}2`, cheapBcrypt));
    expect(derived).not.toEqual(await derive(long, cheapBcrypt));
    expect(derived).toEqual(await derive(`${long}1`, cheapBcrypt));
  });

  test("ignores what follows 72 bytes only for hashes of systems that did", async () => {
    const imported: Recipe = { ...cheapBcrypt, imported: true };
    const long = "y".repeat(72);
    expect(await derive(`${long}1`, imported)).toEqual(await derive(long, imported));
  });

  test("tells apart what follows a NUL", async () => {
    expect(await derive("a\0b", cheapBcrypt)).not.toEqual(await derive("a\0c", cheapBcrypt));
  });
});

/** Openwall's crypt_blowfish tests (public domain), PHP's manual, and the Argon2 reference. */
const foreignHashes = [
  ["U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
  ["U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"],
  ["U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"],
  ["", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"],
  [
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
    "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
  ],
  ["rasmuslerdorf", "$2y$07$usesomesillystringfore2uDLvp1Ii2e./U9C8sBjqp8I90dH6hi"],
  ["password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"],
  ["password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"],
  ["password", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8"],
] as const;

describe("imported hashes", () => {
  test.each(foreignHashes)("of %j verify: %s", async (password, phc) => {
    const imported = importedRecipe(phc);
    expect(imported).not.toBeNull();
    if (imported === null) return;
    expect(verifierOf(await derive(password, imported.recipe))).toEqual(imported.verifier);
    expect(verifierOf(await derive(`!${password}`, imported.recipe))).not.toEqual(imported.verifier);
  });
});

test("the costs chosen by default are those of the standard", () => {
  expect(newRecipe()).toMatchObject({ scheme: "argon2id", memoryKiB: 19_456, passes: 2, lanes: 1 });
  expect(newRecipe(bcryptByDefault)).toMatchObject({ scheme: "bcrypt", cost: 12 });
});
