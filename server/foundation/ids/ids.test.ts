import { afterEach, describe, expect, test, vi } from "vitest";
import { deriveKey, equalInConstantTime, hmacSha256, newToken, sha256, uuidv7 } from "./index.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe("uuidv7", () => {
  test("has the version and variant of RFC 9562 and carries the millisecond", () => {
    vi.useFakeTimers({ now: Date.UTC(2100, 1, 3) });
    const id = uuidv7();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(Date.UTC(2100, 1, 3));
  });

  test("rises strictly, within a millisecond too", () => {
    const ids = Array.from({ length: 100_000 }, uuidv7);
    expect(ids.every((id, at) => at === 0 || id > (ids[at - 1] ?? ""))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("rises when the clock is set back", () => {
    vi.useFakeTimers({ now: Date.UTC(2200, 0, 2) });
    const before = uuidv7();
    vi.setSystemTime(Date.UTC(2200, 0, 1));
    expect(uuidv7() > before).toBe(true);
  });

  test("starts each millisecond at a random place", () => {
    vi.useFakeTimers({ now: Date.UTC(2300, 0, 1) });
    const starts = new Set<string>();
    for (let ms = 1; ms <= 64; ms += 1) {
      vi.setSystemTime(Date.UTC(2300, 0, 1) + ms);
      starts.add(uuidv7().slice(14, 23));
    }
    expect(starts.size).toBeGreaterThan(60);
  });
});

describe("digests", () => {
  test("sha256 and hmac agree with published vectors", () => {
    expect(sha256("abc").toString("hex")).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", // FIPS 180-4
    );
    expect(hmacSha256("Jefe", "what do ya want for nothing?").toString("hex")).toBe(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", // RFC 4231, case 2
    );
  });

  test("constant-time comparison takes strings and bytes of any length", () => {
    expect(equalInConstantTime("a", Buffer.from("a"))).toBe(true);
    expect(equalInConstantTime("a", "ab")).toBe(false);
    expect(equalInConstantTime("", "")).toBe(true);
  });

  test("derived keys differ by label and by master, and stay the same over time", () => {
    const master = Buffer.alloc(32, 7);
    const key = deriveKey(master, "csrf");
    expect(key.toString("hex")).toBe("bbd6d90bb4d2b7f8004efab7d8f1e4c2751f87693f090856a20ac8614e391166");
    expect(deriveKey(master, "csrf").equals(key)).toBe(true);
    expect(deriveKey(master, "vault").equals(key)).toBe(false);
    expect(deriveKey(Buffer.alloc(32, 8), "csrf").equals(key)).toBe(false);
    expect(deriveKey(master, "csrf", 64)).toHaveLength(64);
  });

  test("a short master or an empty label is refused", () => {
    expect(() => deriveKey(Buffer.alloc(31), "csrf")).toThrow(RangeError);
    expect(() => deriveKey(Buffer.alloc(32), "")).toThrow(RangeError);
  });
});

test("tokens are 256 bits in base64url and never repeat", () => {
  const tokens = new Set(Array.from({ length: 1000 }, newToken));
  expect(tokens.size).toBe(1000);
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
