import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  checksumFits,
  checksumOf,
  claimsToBeKey,
  inBase62,
  type KeyClass,
  keyPattern,
  keyPrefixes,
  readKey,
} from "../../../contract/api-key.ts";
import { newApiKey } from "./index.ts";

// Object.keys widens; they come from `keyPrefixes` itself.
const classes = Object.keys(keyPrefixes) as KeyClass[];

describe("an API key", () => {
  test("of each class is read back, whole and offline", () => {
    for (const keyClass of classes) {
      for (const environment of ["live", "test"] as const) {
        const { token, id } = newApiKey(keyClass, environment);
        expect(readKey(token)).toEqual({ keyClass, environment, id });
        expect(token).toMatch(new RegExp(`^${keyPattern}$`));
        expect(claimsToBeKey(token)).toBe(true);
      }
    }
  });

  test("shows every slip of one character, every swap of neighbours and every cut", () => {
    const { token } = newApiKey("secret");
    for (let at = 0; at < token.length; at += 1) {
      const slipped = `${token.slice(0, at)}${token[at] === "x" ? "y" : "x"}${token.slice(at + 1)}`;
      expect(typeof readKey(slipped)).toBe("string");
      expect(typeof readKey(token.slice(0, at))).toBe("string");
      const swapped = `${token.slice(0, at)}${token[at + 1] ?? ""}${token[at] ?? ""}${token.slice(at + 2)}`;
      if (swapped !== token) expect(typeof readKey(swapped)).toBe("string");
    }
    expect(typeof readKey(`${token}x`)).toBe("string");
    expect(typeof readKey(` ${token}`)).toBe("string");
    expect(typeof readKey(token.replace("sec_", "pub_"))).toBe("string");
    expect(typeof readKey(token.replace("_live_", "_test_"))).toBe("string");
  });

  test("has the checksum that ZIP and PNG have", () => {
    for (const text of ["", "123456789", newApiKey("personal").token])
      expect(checksumOf(text)).toBe(inBase62(crc32(text), 6));
    expect(checksumFits("nonsense")).toBe(false);
  });

  test("is found in text by the pattern for scanners", () => {
    const { token } = newApiKey("service", "test");
    const found = `KEY="${token}"\n# rf_svc_is_a_word`.match(new RegExp(keyPattern, "g"));
    expect(found).toEqual([token]);
  });

  test("never repeats, neither in its id nor in its secret", () => {
    const keys = Array.from({ length: 1000 }, () => newApiKey("publishable"));
    expect(new Set(keys.map(({ id }) => id)).size).toBe(1000);
    expect(new Set(keys.map(({ token }) => token.slice(-49))).size).toBe(1000);
  });

  test("is told from other credentials by its prefix", () => {
    for (const other of ["s".repeat(43), "eyJhbGciOiJFZERTQSJ9.e30.x", "secret", "rf_other_x"])
      expect(claimsToBeKey(other)).toBe(false);
  });
});
