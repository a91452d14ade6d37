import { expect, test } from "vitest";
import { readJwk } from "./read-jwk.ts";

const key = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };

test.each([
  ["one key", JSON.stringify(key)],
  ["a set with one key", JSON.stringify({ keys: [key] })],
  ["what else a set says of a key is left out", JSON.stringify({ ...key, key_ops: ["verify"], x5c: ["…"] })],
])("reads %s", (_name, text) => {
  expect(readJwk(text)).toEqual({ jwk: key });
});

test("refuses a private key before it leaves the browser", () => {
  expect(readJwk(JSON.stringify({ ...key, d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" }))).toEqual({
    fault: expect.stringContaining("private"),
  });
});

test.each([
  "",
  "{",
  "[]",
  "null",
  '"kty"',
  "{}",
  JSON.stringify({ keys: [key, key] }),
  "-----BEGIN PUBLIC KEY-----",
])("refuses %j, which is no key", (text) => {
  expect(readJwk(text)).toEqual({ fault: expect.stringContaining("JWK") });
});
