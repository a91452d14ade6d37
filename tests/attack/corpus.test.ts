import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { promisedRates } from "../../server/http/index.ts";
import { client } from "../client.ts";
import { proves } from "../proves.ts";
import { type Person, testServer, type TestServer } from "../server.ts";
import type { Organization } from "../installed-database.ts";
import { canary, type Probe } from "./probe.ts";
import { corpus } from "./probes.ts";

// What scanners and fuzzers send to every server, byte by byte as they send it.

let server: TestServer;
let acme: Organization;
let owner: Person["browser"];
let csrf: string;

beforeAll(async () => {
  server = await testServer({ RINGFENCE_BLOCK_SECONDS: "2" });
  const organization = await server.organization("acme");
  acme = organization;
  owner = organization.browser;
  csrf = await owner.csrf();
});
afterAll(() => server.stop());

interface Heard {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

function bytesOf({ method, target, headers = [], body, as }: Probe, from: string | null): Buffer {
  const payload = typeof body === "string" ? Buffer.from(body) : body;
  const lines = [
    `${method} ${target} HTTP/1.1`,
    "Host: ringfence.example",
    ...(from === null ? [] : [`X-Forwarded-For: ${from}`]),
    ...(as === "owner"
      ? [`Cookie: __Host-sid=${acme.owner.token}`, `X-CSRF-Token: ${csrf}`, "Sec-Fetch-Site: same-origin"]
      : []),
    ...headers,
    ...(payload === undefined ? [] : [`Content-Length: ${payload.length}`]),
    "Connection: close",
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), payload ?? Buffer.alloc(0)]);
}

/** Sends the bytes and hears everything until the server hangs up. */
function send(probe: Probe, from: string | null = null): Promise<Heard> {
  return new Promise((resolve) => {
    const socket = connect(server.running.port, "127.0.0.1");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      const [head = "", ...body] = Buffer.concat(chunks).toString("latin1").split("\r\n\r\n");
      resolve({ status: Number(head.slice(9, 12)), head, body: body.join("\r\n\r\n") });
    });
    socket.write(bytesOf(probe, from));
  });
}

/** What an answer that came from the machinery would hold. */
const telltale =
  /\bat \S+ \(|node_modules|\.(?:ts|js|mjs):\d+|\/work\/|\bError:|SQLSTATE|syntax error|pg_|kernel\.|fastify/i;

describe.each(corpus)("%s", (_, probes) => {
  proves("LIM-6");

  test.each(probes.map((probe) => [probe.name, probe] as const))("%s", async (_name, probe) => {
    const { status, head, body } = await send(probe);
    expect([status, body]).toEqual([probe.status, expect.stringContaining(`"status":${probe.status}`)]);
    expect(head).toMatch(/^content-type: application\/problem\+json/im);
    expect(head).toMatch(/^x-content-type-options: nosniff/im);
    expect(head).not.toMatch(/^(?:server|x-powered-by|access-control-[a-z-]+):/im);
    expect(head + body).not.toContain(canary);
    expect(head + body).not.toMatch(telltale);
  });
});

describe("what only looks like another request", () => {
  proves("LIM-6");

  test.each(["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])(
    "%s does not change the method",
    async (name) => {
      const { json } = await owner.post("/o/acme/v1/contacts", { firstName: "Ada" });
      const target = `/o/acme/v1/contacts/${json.id}`;
      for (const method of ["DELETE", "PATCH", "TRACE"]) {
        const asked = await send({
          name,
          method: "GET",
          target,
          headers: [`${name}: ${method}`],
          as: "owner",
          status: 200,
        });
        expect(asked.status).toBe(200);
      }
      expect((await owner.get(target)).json.firstName).toBe("Ada");
    },
  );

  test("a CONNECT is not answered at all, and the next request is", async () => {
    const heard = await send({ name: "", method: "CONNECT", target: `${canary}.example:443`, status: 0 });
    expect(heard.head + heard.body).not.toContain(canary);
    expect([0, 400, 404, 405]).toContain(heard.status);
    expect((await server.stranger().get("/livez")).status).toBe(200);
  });
});

describe("an address that sends the corpus", () => {
  proves("LIM-6");
  const attacker = "198.51.100.66";
  const probes = corpus.flatMap(([, all]) => all).filter(({ as }) => as === undefined);

  test("is soon refused whatever it sends; a colleague who is signed in behind it goes on; then it ends", async () => {
    const ip = { ip: attacker, origin: server.origin };
    const colleague = client({ ...ip, session: acme.owner.token });
    expect((await colleague.get("/o/acme/v1/contacts")).status).toBe(200);
    const statuses: number[] = [];
    for (const probe of probes) statuses.push((await send(probe, attacker)).status);
    expect(statuses.indexOf(429)).toBeGreaterThan(0);
    expect(statuses.indexOf(429)).toBeLessThanOrEqual(promisedRates.address.limit);
    const stranger = client(ip);
    const refused = await stranger.get("/auth/csrf");
    expect([refused.status, refused.json.type]).toEqual([
      429,
      "https://ringfence.example/problems/address-blocked",
    ]);
    expect((await colleague.get("/o/acme/v1/contacts")).status).toBe(200);
    expect((await client({ ...ip, ip: "198.51.100.67" }).get("/auth/csrf")).status).toBe(200);
    await expect
      .poll(async () => (await stranger.get("/auth/csrf")).status, { timeout: 10_000, interval: 250 })
      .toBe(200);
  });
});
