import { expect, test } from "vitest";
import { explainFailure } from "./explain-failure.ts";
import { Late } from "./within.ts";

const open = "redis://user:canary@redis.example.com:6380/0";
const secured = "rediss://user:canary@[::1]/0";
const coded = (code: string): Error => Object.assign(new Error("canary"), { code });

test.each<[Error, string]>([
  [
    new Error("WRONGPASS invalid username-password pair or user is disabled."),
    "refuses the user name or password",
  ],
  [
    new Error("ERR AUTH <password> called without any password configured"),
    "refuses the user name or password",
  ],
  [new Error("NOAUTH Authentication required."), "demands a password"],
  [
    new Error("NOPERM this user has no permissions to run the 'evalsha' command"),
    "+evalsha +eval +mget +set +time",
  ],
  [new Error("MOVED 866 10.0.0.7:6379"), "part of a cluster"],
  [new Error("READONLY You can't write against a read only replica."), "is a replica"],
  [new Error("OOM command not allowed when used memory > 'maxmemory'."), "is out of memory"],
  [new Error("UNHEARDOF canary"), "answers with an error (UNHEARDOF)"],
  [
    new Error("Socket closed unexpectedly"),
    "ended the connection; perhaps it speaks TLS there, which is rediss://",
  ],
  [new Error("The queue is full"), "is too slow for so many requests"],
  [coded("ECONNREFUSED"), "nothing listens there"],
  [coded("ERR_TLS_CERT_ALTNAME_INVALID"), "not trusted here (ERR_TLS_CERT_ALTNAME_INVALID)"],
  [coded("EUNHEARDOF"), "cannot be used (EUNHEARDOF)"],
  [new Late(2000), "gave no answer within 2000 ms"],
])("%s is explained", (error, told) => {
  const said = explainFailure(error, open, true);
  expect(said).toContain(told);
  expect(said).toMatch(/^Redis at redis\.example\.com:6380 .*\.$/);
  expect(said).not.toContain("canary");
});

test("a server that answered before is not suspected of the wrong kind of connection", () => {
  expect(explainFailure(new Late(50), secured, false)).toBe(
    "Redis at [::1]:6379 gave no answer within 50 ms.",
  );
  expect(explainFailure(new Late(50), secured, true)).toContain("perhaps it speaks no TLS there");
});
