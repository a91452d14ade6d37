import { describe, expect, test } from "vitest";
import { sha256 } from "../../foundation/ids/index.ts";
import { createPassBook, passFrom } from "./passes.ts";
import type { Caller, Entered } from "./scope.ts";

const caller: Caller = {
  tokenHash: sha256("a token"),
  organization: "acme",
  requestId: "0198c0de-0000-7000-8000-000000000001",
  ip: "203.0.113.7",
  device: "a test",
};
const entered: Entered = {
  tenantId: "t",
  organization: "acme",
  personId: "p",
  memberId: "m",
  credentialId: "c",
  email: "ada@example.com",
  locale: "en",
  timeZone: "UTC",
  currency: "EUR",
};
const reads = ["contact.read", "account.read"];
const handle = Buffer.from("a handle");

describe("the book of passes", () => {
  test("wants a pass at the second request, and has it from then on", () => {
    const book = createPassBook();
    expect([book.find(caller, reads), book.find(caller, reads)]).toEqual([null, "wanted"]);
    book.keep(caller, reads, handle, entered);
    const pass = book.find({ ...caller, requestId: "another", device: "another" }, reads);
    expect(pass).toEqual({
      present: { text: "select kernel.present($1, $2)", values: [caller.tokenHash, handle] },
      entered,
    });
  });

  test("has it for one credential, organization, address and choice of needs", () => {
    const book = createPassBook();
    book.keep(caller, reads, handle, entered);
    const others: readonly (readonly [Caller, readonly string[]])[] = [
      [{ ...caller, tokenHash: sha256("another token") }, reads],
      [{ ...caller, organization: "rival" }, reads],
      [{ ...caller, organization: null }, reads],
      [{ ...caller, organization: "acme|203.0.113.7" }, reads],
      [{ ...caller, ip: "203.0.113.70" }, reads],
      [caller, ["contact.read"]],
      [caller, ["account.read"]],
      [caller, [...reads, "member.read"]],
    ];
    for (const [who, needs] of others) expect(book.find(who, needs)).toBeNull();
    expect(book.find(caller, reads)).toMatchObject({ entered });
  });

  test("never wants one for needs that do more than read, nor for none", () => {
    const book = createPassBook();
    for (const needs of [
      [],
      ["contact.change"],
      ["contact.read", "contact.change"],
      ["contact.export"],
      ["outbox.reveal"],
      ["key.read:own"],
    ]) {
      for (let at = 0; at < 3; at += 1) expect(book.find(caller, needs)).toBeNull();
    }
  });

  test("forgets what was dropped, and begins anew", () => {
    const book = createPassBook();
    book.keep(caller, reads, handle, entered);
    book.drop(caller, reads);
    expect([book.find(caller, reads), book.find(caller, reads)]).toEqual([null, "wanted"]);
  });

  test("holds 20,000 at most; the oldest gives way", () => {
    const book = createPassBook();
    const number = (at: number): Caller => ({ ...caller, tokenHash: sha256(`token ${at}`) });
    book.keep(number(0), reads, handle, entered);
    for (let at = 1; at < 20_000; at += 1) book.find(number(at), reads);
    expect(book.find(number(0), reads)).toMatchObject({ entered });
    expect(book.find(number(20_000), reads)).toBeNull();
    expect(book.find(number(19_999), reads)).toBe("wanted");
    expect(book.find(number(0), reads)).toBeNull();
  });
});

describe("what kernel.mint_pass answered", () => {
  test("is a pass, or none was made", () => {
    expect(passFrom({ rows: [{ pass: handle }], count: 1 })).toBe(handle);
    expect(passFrom({ rows: [{ pass: null }], count: 1 })).toBeNull();
    expect(passFrom({ rows: [], count: 0 })).toBeNull();
    expect(passFrom(undefined)).toBeNull();
  });
});
