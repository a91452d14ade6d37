import { expect, test } from "vitest";
import { hmacSha256, scramVerifier, sha256 } from "./index.ts";

// The exchange that RFC 7677 shows, section 3: user `user`, password `pencil`.
const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");
const authMessage =
  "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const proof = Buffer.from("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "base64");
const serverSignature = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

test("the verifier accepts the proof of RFC 7677 and gives its server signature", () => {
  const [, keys = ""] = scramVerifier("pencil", salt).split("==$");
  const [storedKey = "", serverKey = ""] = keys.split(":");
  const stored = Buffer.from(storedKey, "base64");
  const clientSignature = hmacSha256(stored, authMessage);
  const clientKey = proof.map((byte, at) => byte ^ (clientSignature[at] ?? 0));
  expect(sha256(Buffer.from(clientKey))).toEqual(stored);
  expect(hmacSha256(Buffer.from(serverKey, "base64"), authMessage).toString("base64")).toBe(serverSignature);
});

test("two verifiers of one password have nothing in common", () => {
  const parts = (verifier: string): string[] => verifier.split(/[$:]/).slice(2);
  const known = new Set(parts(scramVerifier("secret")));
  expect(parts(scramVerifier("secret")).filter((part) => known.has(part))).toEqual([]);
});
