import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rememberSecrets, scrub } from "./index.ts";

const struckOut: [what: string, text: string, canary: string][] = [
  ["an e-mail address", "for alice.canary@example.com now", "canary"],
  ["a percent-encoded address", "for canary%40example.com", "canary"],
  ["a full-width address", "for canary\uff20example\uff0ecom", "canary"],
  ["an address with an invisible character", "for cana\u200bry@example.com", "ry@"],
  ["an escaped address", String.raw`for canary\u0040example.com`, "canary"],
  ["an address without a dot", "for canary@localhost", "canary"],
  ["an address in another script", "for \u0107anary@\u043f\u0440.\u0440\u0444", "anary"],
  ["an international number", "called +49 151 23456789", "234567"],
  ["an American number", "called (415) 555-0132", "555"],
  ["a number with dots", "called 415.555.0132", "555"],
  ["a bare number", "called 4155550132", "555"],
  ["a number inside a word", "lead4155550132x", "555"],
  ["a social security number", "ssn 078-05-1120", "1120"],
  ["a card", "paid with 4111 1111 1111 1111", "1111"],
  ["a bare card", "paid with 4111111111111111", "1111"],
  ["a bearer token", "Authorization failed: Bearer abcdef.canary-123", "canary"],
  ["a header", 'headers {"Authorization":"Custom canary"}', "canary"],
  ["a cookie", "cookie: __Host-sid=canary; a=canary", "canary"],
  ["basic credentials", "Basic dXNlcjpjYW5hcnk=", "dXNlcjpj"],
  ["a JWT", "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl", "eyJzdWIi"],
  ["an API key", "key rf_live_cAnArYcAnArYcAnArY0", "cAnArY"],
  ["a session token", "sid Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZmdoaW0", "Zm9v"],
  ["a hash", `hash ${"0123456789abcdef".repeat(4)}`, "0123456789abcdef"],
  ["a key in base64", "key q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=", "q83v"],
  ["a password", "password=canary", "canary"],
  ["a password with spaces", "password: canary battery canary", "canary"],
  ["a quoted password", "userPassword='a canary', x", "canary"],
  ["a password in JSON", '{"password":"a \\"canary\\" b"}', "canary"],
  ["a password in JSON in JSON", String.raw`{\"password\":\"canary\"}`, "canary"],
  ["a one-time code", "otp=123456", "123456"],
  ["a code in a sentence", "your verification code is 123456", "123456"],
  ["a card's check digits", "cvv: 987", "987"],
  ["a client secret", "client_secret=canary&x=1", "canary"],
  ["a URL's query", "GET https://x.example/a?name=canary&b=canary", "canary"],
  ["a path's query", "GET /v1/contacts?name=canary", "canary"],
  ["a URL's fragment", "https://x.example/setup#canary", "canary"],
  ["a URL's credentials", "postgres://user:canary@db/crm", "canary"],
  ["a certificate", "-----BEGIN CERTIFICATE-----\nMIIcanary\n-----END CERTIFICATE-----", "canary"],
  ["half a private key", "-----BEGIN EC PRIVATE KEY-----\nMIIcanary", "canary"],
  ["an IPv4 address", "from 203.0.113.77", "113"],
  ["an IPv6 address", "from 2001:db8::8a2e:370:7334", "8a2e"],
];

describe("the scrubber strikes out", () => {
  test.each(struckOut)("%s", (_, text, canary) => {
    expect(scrub(text)).not.toContain(canary);
    expect(scrub(`{"a":${JSON.stringify(text)},"b":"${text}"}`)).not.toContain(canary);
    expect(scrub(`x\n${text}\ny`)).not.toContain(canary);
  });

  test("known secrets in every common spelling", () => {
    const secret = `cañ"ary\\%41 secret`;
    rememberSecrets([secret, "short"]);
    const bytes = Buffer.from(secret);
    const spellings = [secret, JSON.stringify(secret), encodeURIComponent(secret), bytes.toString("base64")];
    for (const text of [
      ...spellings,
      bytes.toString("base64url"),
      bytes.toString("hex"),
      secret.toUpperCase(),
    ]) {
      expect(scrub(`it is ${text}, yes`)).toMatch(/^it is "?\[hidden\]={0,2}"?, yes$/);
    }
    expect(scrub("a short word")).toBe("a short word");
  });

  test("a text too long to judge, whole", () => {
    expect(scrub("a".repeat(20_000))).toBe("[20000 characters]");
  });
});

describe("the scrubber leaves", () => {
  test.each([
    "018f2c3a-7b1c-7def-8123-456789abcdef",
    "2026-11-21T10:11:12.123Z",
    "2026-11-21",
    "/o/:organization/v1/contacts/:id",
    "PostgreSQL 15.12 (Debian 15.12-0+deb12u2)",
    "node_modules/@sinclair/typebox/build/esm/value/index.mjs:12:34",
    "server/foundation/database/executor.ts:120:33",
    "listens on 127.0.0.1:5432",
    "0001-kernel.sql took 12.5 ms for 1048576 rows",
    "RINGFENCE_SECRET must be 32 bytes in base64",
    "contacts_tenant_id_fkey",
  ])("%s", (text) => {
    expect(scrub(text)).toBe(text);
  });
});

test("no text takes long, however hostile", () => {
  for (const part of [
    "a",
    "1",
    "1 ",
    "a@",
    "-----BEGIN ",
    "password",
    "eyJ.",
    "/",
    "?",
    "a:",
    "'",
    '"',
    "%41",
    "\\",
    "x-",
    "a://",
  ]) {
    const before = process.cpuUsage();
    scrub(part.repeat(Math.floor(16_000 / part.length)));
    expect(process.cpuUsage(before).user / 1000, JSON.stringify(part)).toBeLessThan(300);
  }
});

test("an address is struck out wherever it stands", () => {
  const word = fc.string({ maxLength: 40 });
  fc.assert(
    fc.property(word, word, (before, after) => {
      expect(scrub(`${before} canary.one@example.com ${after}`)).not.toContain("canary");
    }),
  );
});
