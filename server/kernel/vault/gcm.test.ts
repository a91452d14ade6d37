import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { decrypt, encrypt, keyBytes, nonceBytes, tagBytes } from "./gcm.ts";
import { UnsealError } from "./unseal-error.ts";

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
  readonly result: "valid" | "invalid";
}

interface Vectors {
  readonly testGroups: readonly {
    keySize: number;
    ivSize: number;
    tagSize: number;
    tests: readonly Vector[];
  }[];
}

/** Wycheproof's vectors (C2SP, Apache-2.0) are not part of the product; they may lie beside its checkout. */
const vectorsFile = fileURLToPath(
  new URL("../../../../shared/data/wycheproof/aes_gcm_test.json", import.meta.url),
);
const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");

test("agrees with Wycheproof on every AES-GCM vector", (context) => {
  if (!existsSync(vectorsFile))
    return context.skip("passed over: the Wycheproof vectors are not beside the checkout");
  // Data of a known file, checked by what follows.
  const { testGroups } = JSON.parse(readFileSync(vectorsFile, "utf8")) as Vectors;
  let ours = 0;
  let others = 0;
  for (const { keySize, ivSize, tagSize, tests } of testGroups) {
    for (const vector of tests) {
      const fits = keySize === 8 * keyBytes && ivSize === 8 * nonceBytes && tagSize === 8 * tagBytes;
      if (fits) ours += 1;
      else others += 1;
      agrees(vector, fits);
    }
  }
  expect({ ours, others }).toEqual({ ours: 66, others: 250 });
});

function agrees(vector: Vector, fits: boolean): void {
  const [key, iv, aad] = [bytes(vector.key), bytes(vector.iv), bytes(vector.aad)];
  const sealed = bytes(vector.ct + vector.tag);
  const note = `vector ${vector.tcId}: ${vector.comment}`;
  if (!fits || vector.result === "invalid") {
    expect(() => decrypt(key, iv, aad, sealed), note).toThrow(UnsealError);
    return;
  }
  expect(decrypt(key, iv, aad, sealed).toString("hex"), note).toBe(vector.msg);
  expect(encrypt(key, iv, aad, bytes(vector.msg)).toString("hex"), note).toBe(vector.ct + vector.tag);
}

/** NIST's own examples for AES-256-GCM (The Galois/Counter Mode of Operation, test cases 13, 14 and 16). */
describe("the examples of the standard", () => {
  const key16 = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
  const msg16 =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
  const ct16 =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662";
  test.each([
    ["00".repeat(32), "00".repeat(12), "", "", "530f8afbc74536b9a963b4f1c4cb738b"],
    [
      "00".repeat(32),
      "00".repeat(12),
      "",
      "00".repeat(16),
      "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
    ],
    [
      key16,
      "cafebabefacedbaddecaf888",
      "feedfacedeadbeeffeedfacedeadbeefabaddad2",
      msg16,
      `${ct16}76fc6ece0f4e1768cddf8853bb2d551b`,
    ],
  ])("key %s", (key, iv, aad, msg, sealed) => {
    expect(encrypt(bytes(key), bytes(iv), bytes(aad), bytes(msg)).toString("hex")).toBe(sealed);
    expect(decrypt(bytes(key), bytes(iv), bytes(aad), bytes(sealed)).toString("hex")).toBe(msg);
  });
});

test("takes no shortened tag, though Node would take 4 bytes", () => {
  const [key, nonce, about] = [Buffer.alloc(32, 1), Buffer.alloc(12, 2), Buffer.from("about")];
  const sealed = encrypt(key, nonce, about, Buffer.alloc(0));
  for (let length = 0; length < 16; length += 1) {
    expect(() => decrypt(key, nonce, about, sealed.subarray(0, length))).toThrow(UnsealError);
  }
});

test("takes no key or nonce of another size", () => {
  expect(() => encrypt(Buffer.alloc(16), Buffer.alloc(12), Buffer.alloc(0), Buffer.alloc(0))).toThrow(
    RangeError,
  );
  expect(() => encrypt(Buffer.alloc(32), Buffer.alloc(16), Buffer.alloc(0), Buffer.alloc(0))).toThrow(
    RangeError,
  );
  expect(() => decrypt(Buffer.alloc(16), Buffer.alloc(12), Buffer.alloc(0), Buffer.alloc(16))).toThrow(
    UnsealError,
  );
});
