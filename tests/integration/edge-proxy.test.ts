import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caddyRules } from "../../server/cli/edge/caddy.ts";
import type { EdgePlace } from "../../server/cli/edge/edge-place.ts";
import { haproxyRules } from "../../server/cli/edge/haproxy.ts";
import { nginxRules } from "../../server/cli/edge/nginx.ts";
import { edgeOf } from "../../server/cli/edge/paper-house.ts";
import { readConfig } from "../../server/foundation/config/index.ts";
import type { EdgeRules } from "../../server/http/index.ts";
import { requestFor } from "../attack/door-requests.ts";
import { contorted, lookedFor } from "../attack/undeclared-probes.ts";
import { client } from "../client.ts";
import { declaredRoutes } from "../declared-routes.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";

// The printed rules in the real proxy, in front of the real server. The CI installs nginx; the others are
// tested where they are.

interface Edge {
  readonly name: string;
  readonly program: string;
  write(rules: EdgeRules, place: EdgePlace): string;
  /** The file that includes the printed one, and how the program is started with both. */
  frame(folder: string): string;
  args(folder: string): readonly string[];
  /** Whether it refuses a body by its stated length; otherwise it breaks the body off once it is too long. */
  readonly weighs: boolean;
}

const edges: readonly Edge[] = [
  {
    name: "nginx",
    program: "/usr/sbin/nginx",
    write: nginxRules,
    frame: (folder) =>
      `daemon off; worker_processes 1; error_log ${folder}/error.log; pid ${folder}/pid; events {}
http { access_log off; ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ")}
include ${folder}/rules; }`,
    args: (folder) => ["-p", folder, "-c", `${folder}/frame`, "-e", `${folder}/error.log`],
    weighs: true,
  },
  {
    name: "HAProxy",
    program: "/usr/sbin/haproxy",
    write: haproxyRules,
    frame: () =>
      "global\n  stats timeout 1s\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n",
    args: (folder) => ["-db", "-f", `${folder}/frame`, "-f", `${folder}/rules`],
    weighs: true,
  },
  {
    name: "Caddy",
    program: "/usr/bin/caddy",
    write: caddyRules,
    frame: (folder) => `{\n  admin off\n  auto_https off\n}\nimport ${folder}/rules\n`,
    args: (folder) => ["run", "--adapter", "caddyfile", "--config", `${folder}/frame`],
    weighs: false,
  },
];

const port = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const at = probe.address();
      probe.close(() => resolve(typeof at === "object" && at !== null ? at.port : 0));
    });
  });

/** Resolves once the proxy passes requests on. */
async function heardFrom(origin: string): Promise<void> {
  for (let turn = 0; turn < 150; turn += 1) {
    const answer = await client({ origin })
      .get("/livez")
      .catch(() => null);
    if (answer?.status === 200) return;
    await new Promise((go) => setTimeout(go, 100));
  }
  throw new Error("the proxy does not pass requests on");
}

const tested = edges.filter(({ name, program }) => name === "nginx" || existsSync(program));

describe.each(tested.map((edge) => [edge.name, edge] as const))("behind %s", (name, edge) => {
  if (!existsSync(edge.program)) {
    test.skip(`${name} is tested: ${edge.program} is not installed here`, () => undefined);
    return;
  }
  proves("LIM-6");

  let server: TestServer;
  let folder: string;
  let proxy: ChildProcess;
  let origin: string;
  let at: number;

  beforeAll(async () => {
    server = await testServer();
    await server.organization("acme");
    folder = await mkdtemp(path.join(tmpdir(), "ringfence-edge-"));
    at = await port();
    origin = `http://127.0.0.1:${at}`;
    const rules = await edgeOf(readConfig({ RINGFENCE_LIMIT_PER_IP_PER_MINUTE: "1000000" }));
    const listen = edge.name === "Caddy" ? origin : `127.0.0.1:${at}`;
    const upstream = `127.0.0.1:${server.running.port}`;
    await writeFile(path.join(folder, "rules"), `${edge.write(rules, { listen, upstream, version: "0" })}\n`);
    await writeFile(path.join(folder, "frame"), edge.frame(folder));
    proxy = spawn(edge.program, edge.args(folder), {
      stdio: "ignore",
      env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    });
    await heardFrom(origin);
  });
  afterAll(async () => {
    const gone = new Promise((resolve) => proxy.once("exit", resolve));
    proxy.kill("SIGTERM");
    await gone;
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("every declared address reaches the server", async () => {
    for (const route of declaredRoutes().filter((one) => !one.path.startsWith("/auth/"))) {
      for (const prefix of route.kind === "tenant" ? ["/v1", "/o/acme/v1"] : [""]) {
        const { method, path: target, sending } = requestFor(route, prefix);
        const answer = await client({ origin }).send(method, target, sending);
        expect([method, target, answer.headers["x-request-id"] === undefined]).toEqual([
          method,
          target,
          false,
        ]);
      }
    }
    expect((await client({ origin }).get("/auth/me")).headers["x-request-id"]).toBeDefined();
  });

  test("whoever signs in behind it works as without it", async () => {
    const acme = await server.organization("through-the-edge");
    const browser = client({ origin, session: acme.owner.token });
    const made = await browser.post("/o/through-the-edge/v1/contacts", { firstName: "Ada" });
    expect(made.status).toBe(201);
    expect((await browser.get(`/o/through-the-edge/v1/contacts/${made.json.id}`)).json.firstName).toBe("Ada");
  });

  test("undeclared and contorted addresses do not, nor undeclared methods and large bodies", async () => {
    for (const { target } of lookedFor.filter((probe) => !probe.target.startsWith("/assets/undeclared"))) {
      expect([target, await answerTo("GET", target)]).toEqual([target, [404, false]]);
    }
    // Proxies make an absolute address plain before they look at their rules.
    for (const { target } of contorted.filter((probe) => !probe.target.startsWith("http:"))) {
      const [status] = await answerTo("GET", target);
      expect([target, status === 400 || status === 404]).toEqual([target, true]);
    }
    for (const method of ["DELETE", "TRACE", "OPTIONS", "PROPFIND"]) {
      expect([method, await answerTo(method, "/v1/contacts")]).toEqual([method, [405, false]]);
    }
    if (!edge.weighs) return;
    const large = await answerTo("POST", "/v1/contacts", "Content-Length: 70000\r\n");
    expect(large).toEqual([413, false]);
  });

  /** The status, and whether it was the server that answered. */
  function answerTo(method: string, target: string, headers = ""): Promise<readonly [number, boolean]> {
    return new Promise((resolve) => {
      const socket = connect(at, "127.0.0.1");
      let heard = "";
      socket.on("data", (chunk) => {
        heard += chunk.toString("latin1");
        // A proxy may go on reading a body that it has refused.
        if (heard.includes("\r\n\r\n")) socket.destroy();
      });
      socket.on("error", () => undefined);
      socket.on("close", () => resolve([Number(heard.slice(9, 12)), /x-request-id/i.test(heard)]));
      socket.write(
        Buffer.from(
          `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1:${at}\r\n${headers}Connection: close\r\n\r\n`,
          "latin1",
        ),
      );
    });
  }
});
