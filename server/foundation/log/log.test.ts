import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Problem } from "../problem/index.ts";
import { configureLog, describeError, type EventName, log, rememberSecrets } from "./index.ts";
import { events, type Kind } from "./events.ts";

const requestId = "018f2c3a-7b1c-7def-8123-456789abcdef";
let lines: string[] = [];

beforeEach(() => {
  lines = [];
  configureLog({ level: "debug", pretty: false, write: (line) => void lines.push(line) });
});

afterEach(() => {
  configureLog({ level: "info", pretty: false, write: () => undefined });
});

function last(): Record<string, unknown> {
  // A line of ours is an object; a test that reads something else fails by itself.
  return JSON.parse(lines.at(-1) ?? "{}") as Record<string, unknown>;
}

/** For values that the compiler would refuse: code that is not typed can pass them all the same. */
function untyped(name: EventName, fields: Record<string, unknown>): void {
  log.event(name, fields);
}

describe("an event", () => {
  test("is one line of JSON with its declared fields", () => {
    log.event("request-finished", {
      requestId,
      method: "GET",
      route: "/v1/contacts/:id",
      status: 200,
      milliseconds: 1.23456,
    });
    expect(lines.join("")).toMatch(/^[^\n]+\n$/);
    expect(last()).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/),
      level: "info",
      event: "request-finished",
      requestId,
      method: "GET",
      route: "/v1/contacts/:id",
      status: 200,
      milliseconds: 1.235,
    });
  });

  test("loses what is not declared, and what does not fit its kind", () => {
    untyped("request-finished", {
      requestId: "canary",
      status: "canary",
      body: "canary",
      headers: { a: "canary" },
      time: "x",
    });
    expect(last()).toEqual({
      time: expect.stringMatching(/Z$/),
      level: "info",
      event: "request-finished",
      requestId: "[unfit]",
      status: "[unfit]",
    });
  });

  test("below the level is not written", () => {
    configureLog({ level: "warn" });
    log.event("request-finished", { requestId });
    expect(lines).toEqual([]);
    log.event("limit-reached", { requestId });
    expect(lines).toHaveLength(1);
  });

  test("caps what is long", () => {
    log.event("start-refused", { reason: "no ".repeat(1000) });
    expect(String(last()["reason"])).toHaveLength(301);
  });

  test("cuts a URL down to its origin", () => {
    log.event("server-started", { origin: "https://u:canary@crm.example.com:8443/canary?canary#canary" });
    expect(last()["origin"]).toBe("https://crm.example.com:8443");
  });

  test("survives a field that throws", () => {
    const trap = Object.defineProperty({}, "reason", {
      get: () => {
        throw new Error("canary");
      },
    });
    untyped("start-refused", trap);
    expect(last()["reason"]).toBe("[unfit]");
  });

  test("unknown to the catalogue is dropped", () => {
    // What is tested is a name that the compiler would refuse.
    untyped("canary" as EventName, { error: new Error("canary") });
    untyped("constructor" as EventName, {});
    expect(lines).toEqual([]);
  });

  test("reads well at a terminal, errors below", () => {
    configureLog({ pretty: true });
    log.event("job-failed", { job: "send-mail", attempt: 2, final: false, error: new TypeError("canary") });
    expect(lines[0]).toContain("job-failed");
    expect(lines[0]).toContain("TypeError");
    expect(lines[0]).toContain("server/foundation/log/log.test.ts:");
    expect(lines[0]).not.toContain("canary");
  });
});

describe("an error", () => {
  test("is described with its causes, codes and frames, never with its message", () => {
    const database = Object.assign(new Error("Key (email)=(canary@example.com) already exists."), {
      code: "23505",
      constraint: "contacts_email_key",
      detail: "canary",
    });
    const described = describeError(new Problem("already-exists", { detail: "canary", cause: database }));
    expect(described).toMatchObject({
      name: "Problem",
      problem: "already-exists",
      cause: { name: "Error", code: "23505", constraint: "contacts_email_key" },
    });
    expect(described.frames?.[0]).toMatch(/^(?:.* )?server\/foundation\/log\/log\.test\.ts:\d+:\d+$/);
    expect(JSON.stringify(described)).not.toContain("canary");
  });

  test("whose message imitates frames shows only the true ones", () => {
    const imitation = `x\n    at canary (${import.meta.filename}:1:1)\n    at canary (/canary/server/a.ts:1:1)`;
    const described = describeError(new Error(imitation));
    expect(described.frames?.length).toBeGreaterThan(0);
    expect(JSON.stringify(described)).not.toContain("canary");
    const changed = Object.assign(new Error(imitation), { message: "other" });
    expect(JSON.stringify(describeError(changed))).not.toContain("canary");
  });

  test("with a hostile name, code or class is cut down", () => {
    const hostile = Object.assign(new Error("x"), {
      name: "canary@example.com",
      code: "canary = 1",
      table: "4111111111111111",
    });
    expect(describeError(hostile)).toMatchObject({ name: "Error" });
    expect(JSON.stringify(describeError(hostile))).not.toMatch(/canary|4111/);
  });

  test("that is no error, circular or an aggregate is described too", () => {
    expect(describeError("canary")).toEqual({ name: "string" });
    expect(describeError(null)).toEqual({ name: "null" });
    const circular = new Error("x");
    circular.cause = circular;
    expect(JSON.stringify(describeError(circular)).length).toBeLessThan(20_000);
    const aggregate = new AggregateError([new TypeError("canary"), "canary"], "canary");
    expect(describeError(aggregate)).toMatchObject({ errors: [{ name: "TypeError" }, { name: "string" }] });
  });
});

describe("canaries", () => {
  const canaries = [
    "canary.person@example.com",
    "+49 151 99887766",
    "078-05-1120",
    "4111 1111 1111 1111",
    "Bearer cAnArY.token-0123456789",
    "rf_live_cAnArY0123456789cAnArY",
    "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.c2lnbmF0dXJl",
    "password=canary-password",
    "otp: 918273",
    "cvv=917",
    "-----BEGIN CERTIFICATE-----\nMIIcanary\n-----END CERTIFICATE-----",
    "https://canary:canary@example.com/path?email=canary#canary",
    "the canary known secret",
  ];
  const traces = /canary(?!\.test)|99887766|1120|1111 1111|cAnArY|eyJj|c2ln|918273|917(?!\d*Z)|MII/i;

  test("planted in every field of every event, and in undeclared ones, reach no line", () => {
    rememberSecrets(["the canary known secret"]);
    for (const pretty of [false, true]) {
      configureLog({ pretty });
      for (const [name, { fields }] of Object.entries(events)) {
        for (const canary of canaries) {
          for (const [field, kind] of Object.entries(fields)) {
            // The names come from the catalogue itself.
            for (const value of planted(canary, kind))
              untyped(name as EventName, { [field]: value, body: value, url: canary });
          }
        }
      }
    }
    expect(lines.length).toBeGreaterThan(10_000);
    const leaking = lines.filter((line) =>
      traces.test(line.replace(/"time":"[^"]*"|\u001b\[90m[\d:.]{12}/, "")),
    );
    expect(leaking.slice(0, 3)).toEqual([]);
  });
});

function planted(canary: string, kind: Kind): unknown[] {
  const nested = { body: { password: canary, list: [{ deep: canary }] }, headers: { cookie: canary } };
  const error = Object.assign(new Error(canary, { cause: new TypeError(canary, { cause: nested }) }), {
    name: canary,
    code: canary,
    detail: canary,
    where: canary,
    table: canary,
    request: nested,
  });
  const values: unknown[] = [canary, nested, [canary], error, new AggregateError([error, canary], canary)];
  return kind === "error" ? values : [...values, { toString: () => canary, toJSON: () => canary }];
}
