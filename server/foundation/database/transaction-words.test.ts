import { describe, expect, test } from "vitest";
import { controlsTransaction, rollsBackToSavepoint } from "./transaction-words.ts";

describe("words that begin or end a transaction", () => {
  test.each([
    "begin",
    "BEGIN",
    "start transaction",
    "Start\nTransaction",
    "commit",
    "commit and chain",
    "end",
    "end;",
    "abort",
    "rollback",
    "rollback and chain",
    "rollback work",
    "prepare transaction 'x'",
    "commit prepared 'x'",
    " \t;;commit",
    "--x\n--y\r\nrollback",
    "/**/commit",
    "/* /* */ -- */ ; /* x */commit",
  ])("%j", (text) => {
    expect(controlsTransaction(text)).toBe(true);
  });

  test.each([
    "select 1",
    "savepoint a",
    "release a",
    "rollback to a",
    "rollback  transaction to savepoint a",
    "rollback work\nto a",
    "prepare x as select 1",
    "update x set a = 'commit'",
    "-- commit",
    "/* commit",
    "endless()",
    "beginning",
    "",
  ])("but not %j", (text) => {
    expect(controlsTransaction(text)).toBe(false);
  });

  test("only a rollback to a savepoint may answer ROLLBACK", () => {
    expect(rollsBackToSavepoint("/* */ rollback to a")).toBe(true);
    expect(rollsBackToSavepoint("select 1")).toBe(false);
    expect(rollsBackToSavepoint("rollback")).toBe(false);
  });
});
