import { connect, type Socket } from "node:net";
import { Type } from "@sinclair/typebox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRoute, route } from "../../server/http/index.ts";
import { proves } from "../proves.ts";
import { bearer, contactId, generous, readContact, type Trial, trialServer } from "../trial-server.ts";

// What only real bytes on a real connection can show: everything that an HTTP client would tidy up first.

let release: () => void = () => undefined;
const slow = openRoute({
  method: "GET",
  path: "/slow",
  openBecause: "a test of closing",
  answer: Type.Object({ done: Type.Boolean() }),
  handle: () =>
    new Promise<{ done: boolean }>((resolve) => {
      release = () => resolve({ done: true });
    }),
});
let aborted = false;
const patient = openRoute({
  method: "GET",
  path: "/patient",
  openBecause: "a test of clients that leave",
  answer: Type.Object({}),
  handle: ({ request }) =>
    new Promise<object>((_, reject) => {
      request.signal.addEventListener("abort", () => {
        aborted = true;
        reject(new Error("gone"));
      });
    }),
});
const take = route({
  method: "POST",
  path: "/contacts",
  needs: ["contact.read"],
  body: Type.Object({ name: Type.String() }),
  answer: Type.Object({ name: Type.String() }),
  handle: async ({ scope, body }) => {
    await scope.run({ text: "select", values: [] });
    return body;
  },
});

let trial: Trial;
let port: number;
beforeAll(async () => {
  trial = await trialServer([readContact, slow, patient, take], { trustedProxies: ["127.0.0.1"] });
  ({ port } = await trial.server.listen({ host: "127.0.0.1", port: 0 }));
});
afterAll(() => trial.server.close(100));

function dial(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.once("error", reject);
  });
}

/** Sends bytes and reads until the server hangs up, or has been quiet for a moment. */
async function say(bytes: string | Buffer, quietMs = 250): Promise<string> {
  const socket = await dial();
  socket.on("error", () => undefined);
  socket.write(bytes);
  let heard = "";
  return new Promise((resolve) => {
    const finish = (): void => {
      socket.destroy();
      resolve(heard);
    };
    let quiet = setTimeout(finish, quietMs * 4);
    socket.on("close", finish);
    socket.on("data", (chunk) => {
      heard += chunk.toString("latin1");
      clearTimeout(quiet);
      quiet = setTimeout(finish, quietMs);
    });
  });
}

const statusesIn = (heard: string): number[] =>
  [...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
const get = (target: string, headers = ""): string =>
  `GET ${target} HTTP/1.1\r\nHost: crm\r\n${headers}Connection: close\r\n\r\n`;

describe("requests that two readers could read differently", () => {
  proves("LIM-6");
  const post = (headers: string, body: string): string =>
    `POST /v1/contacts HTTP/1.1\r\nHost: crm\r\nAuthorization: ${bearer}\r\nContent-Type: application/json\r\n${headers}\r\n${body}`;
  const smuggled = "GET /smuggled HTTP/1.1\r\nHost: crm\r\n\r\n";

  test.each([
    ["both lengths", post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${smuggled}`)],
    [
      "chunked twice over",
      post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", `0\r\n\r\n${smuggled}`),
    ],
    ["a hidden encoding", post("Transfer-Encoding: xchunked\r\n", `0\r\n\r\n${smuggled}`)],
    ["a blank before the colon", post("Content-Length : 6\r\n", smuggled)],
    ["two lengths", post("Content-Length: 2\r\nContent-Length: 60\r\n", `{}${smuggled}`)],
    ["a list of lengths", post("Content-Length: 2, 60\r\n", `{}${smuggled}`)],
    ["a signed length", post("Content-Length: +2\r\n", `{}${smuggled}`)],
    ["a folded header", post("X: a\r\n\tContent-Length: 60\r\nContent-Length: 2\r\n", `{}${smuggled}`)],
    ["bare line feeds", `GET /smuggled HTTP/1.1\nHost: crm\n\n`],
    ["a bad chunk", post("Transfer-Encoding: chunked\r\n", `zz\r\n{}\r\n0\r\n\r\n${smuggled}`)],
    ["a NUL in a header", get("/livez", "X: a\u0000b\r\n")],
    ["a line break in a header's name", get("/livez", "X\rY: a\r\n")],
    ["no host", "GET /livez HTTP/1.1\r\n\r\n"],
    ["two hosts", get("/livez", "Host: evil\r\n")],
    ["an unknown method", "BREW /livez HTTP/1.1\r\nHost: crm\r\n\r\n"],
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n\r\n"],
    ["HTTP/2 at once", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ])("%s: refused, and the second request is never served", async (_name, bytes) => {
    const statuses = statusesIn(await say(bytes));
    expect(statuses.length).toBeLessThanOrEqual(1);
    for (const status of statuses) expect([400, 405, 415, 422]).toContain(status);
    expect(JSON.stringify(trial.logged)).not.toContain("smuggled");
  });

  test("what is no HTTP is answered as a problem all the same", async () => {
    const heard = await say("nonsense\r\n\r\n");
    expect(heard).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(heard).toContain("content-type: application/problem+json");
    expect(heard).toContain("x-content-type-options: nosniff");
    expect(heard).toContain('"type":"https://crm.example.com/problems/bad-request"');
  });

  test.each([
    "Authorization",
    "Content-Type",
    "X-CSRF-Token",
    "Origin",
    "If-Match",
    "Sec-Fetch-Site",
    "Idempotency-Key",
  ])("%s sent twice is refused", async (name) => {
    const heard = await say(get("/livez", `${name}: a\r\n${name}: b\r\n`));
    expect(statusesIn(heard)).toEqual([400]);
  });

  test("too many headers, and too large ones", async () => {
    expect(statusesIn(await say(get("/livez", "X-Y: 1\r\n".repeat(150))))).toEqual([413]);
    expect(statusesIn(await say(get("/livez", `X-Y: ${"1".repeat(20_000)}\r\n`)))).toEqual([413]);
  });
});

describe("addresses as they are written", () => {
  test.each([
    "http://evil.example/livez",
    "//livez",
    "/./livez",
    "/x/../livez",
    "/%2e%2e/livez",
    "/%2e/livez",
    "/o/acme/../../livez",
    "/o/acme/%2e%2e/x",
    "/o/acme/..",
    "/assets/..%2f..%2fpackage.json",
    "/assets/..%5c..%5cpackage.json",
    "/livez%00",
    "/livez;jsessionid=1",
    "\\livez",
    "/livez\\",
    "/livez#fragment",
    "/\u00ff",
    "*",
    "livez",
  ])("%j is refused", async (target) => {
    const statuses = statusesIn(await say(Buffer.from(get(target), "latin1")));
    expect(statuses).toEqual([400]);
  });

  test("the plain form is served", async () => {
    expect(statusesIn(await say(get("/livez")))).toEqual([200]);
    expect(statusesIn(await say(get("/LIVEZ")))).toEqual([404]);
  });
});

describe("where a request comes from", () => {
  proves("LIM-7");
  const ask = (forwarded: string): string =>
    get(`/v1/contacts/${contactId}`, `Authorization: Bearer ${"w".repeat(20)}\r\n${forwarded}`);
  const recordedIp = async (forwarded: string): Promise<string | undefined> => {
    await say(ask(forwarded));
    return trial.refusals.at(-1)?.ip;
  };

  test("the rightmost stranger in X-Forwarded-For counts; other headers do not (better-auth #10203)", async () => {
    expect(await recordedIp("X-Forwarded-For: 1.1.1.1, 203.0.113.1\r\n")).toBe("203.0.113.1");
    expect(await recordedIp("X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 203.0.113.2\r\n")).toBe(
      "203.0.113.2",
    );
    expect(await recordedIp("X-Forwarded-For: 203.0.113.3, 127.0.0.1\r\n")).toBe("203.0.113.3");
    const others = [
      "X-Real-IP",
      "X-Client-IP",
      "CF-Connecting-IP",
      "True-Client-IP",
      "Forwarded",
      "X_Forwarded_For",
    ];
    for (const name of others) expect(await recordedIp(`${name}: 203.0.113.9\r\n`)).toBe("127.0.0.1");
  });

  test("turning addresses on the left does not escape the limit", async () => {
    const rates = { ...generous, address: { limit: 3, periodMs: 60_000 } };
    const limited = await trialServer([readContact], { rates });
    const at = await limited.server.listen({ host: "127.0.0.1", port: 0 });
    const kept = port;
    port = at.port;
    const statuses = [];
    for (let turn = 0; turn < 4; turn += 1) {
      statuses.push(
        ...statusesIn(await say(get("/auth/csrf", `X-Forwarded-For: 198.51.100.${turn}\r\n`), 50)),
      );
    }
    port = kept;
    expect(statuses).toEqual([200, 200, 200, 429]);
    await limited.server.close();
  });
});

test("an address that the router cannot read is refused, limited and logged like any other", async () => {
  expect(await say(get("/x/%c0%af"))).toContain("ratelimit: ");
  const { name, fields } = trial.logged.at(-1) ?? {};
  expect([name, fields?.["problem"], fields?.["status"]]).toEqual(["request-refused", "bad-request", 400]);
});

test("a client that leaves aborts its work", async () => {
  const socket = await dial();
  socket.write(get("/patient"));
  await new Promise((wait) => setTimeout(wait, 100));
  socket.destroy();
  await expect.poll(() => aborted).toBe(true);
  await expect.poll(() => trial.logged.some(({ name }) => name === "request-abandoned")).toBe(true);
});

test("a body that breaks off or lies about its length ends in a refusal, not in a wait", async () => {
  const head = `POST /v1/contacts HTTP/1.1\r\nHost: crm\r\nAuthorization: ${bearer}\r\nContent-Type: application/json\r\n`;
  expect(statusesIn(await say(`${head}Content-Length: 70000\r\n\r\n{`))).toEqual([413]);
  const chunk = `2000\r\n${" ".repeat(0x2000)}\r\n`;
  expect(statusesIn(await say(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(10)}`))).toEqual([
    413,
  ]);
});

test("closing lets what is under way finish, says Connection: close, and accepts nothing more", async () => {
  const closing = await trialServer([slow, readContact]);
  const at = await closing.server.listen({ host: "127.0.0.1", port: 0 });
  const kept = port;
  port = at.port;
  const idle = await dial();
  const underWay = say("GET /slow HTTP/1.1\r\nHost: crm\r\n\r\n", 2000);
  await new Promise((wait) => setTimeout(wait, 150));
  const closed = closing.server.close(5000);
  await new Promise((wait) => setTimeout(wait, 100));
  await expect(dial()).rejects.toThrow(/ECONNREFUSED/);
  port = kept;
  release();
  const heard = await underWay;
  expect(heard).toContain('{"done":true}');
  expect(heard.toLowerCase()).toContain("connection: close");
  await closed;
  idle.destroy();
});

test("closing does not wait for ever", async () => {
  const stuck = await trialServer([slow]);
  const at = await stuck.server.listen({ host: "127.0.0.1", port: 0 });
  const kept = port;
  port = at.port;
  const underWay = say("GET /slow HTTP/1.1\r\nHost: crm\r\n\r\n", 2000);
  await new Promise((wait) => setTimeout(wait, 150));
  const before = performance.now();
  await stuck.server.close(200);
  port = kept;
  expect(performance.now() - before).toBeLessThan(2000);
  await underWay;
});
