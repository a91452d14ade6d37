import { beforeAll, describe, expect, test } from "vitest";
import { caddyRules } from "../server/cli/edge/caddy.ts";
import { haproxyRules } from "../server/cli/edge/haproxy.ts";
import { nginxRules } from "../server/cli/edge/nginx.ts";
import { edgeOf } from "../server/cli/edge/paper-house.ts";
import { readConfig } from "../server/foundation/config/index.ts";
import { type EdgeRules, type Method, plainDoors } from "../server/http/index.ts";
import { requestFor } from "./attack/door-requests.ts";
import { contorted, lookedFor } from "./attack/undeclared-probes.ts";
import { declaredRoutes } from "./declared-routes.ts";
import { proves } from "./proves.ts";

let edge: EdgeRules;
beforeAll(async () => {
  edge = await edgeOf(readConfig({ RINGFENCE_LIMIT_PER_IP_PER_MINUTE: "77" }));
});

/** What an edge that follows the rules does: 200 stands for "let through". */
function judged(method: string, target: string, bodyBytes = 0): number {
  const [path = ""] = target.split("?");
  if (new RegExp(edge.contorted, "i").test(path) || !new RegExp(edge.wellFormed).test(target)) return 400;
  const rule = edge.rules.find(({ pattern }) => new RegExp(pattern).test(path));
  if (rule === undefined || rule.methods.length === 0) return 404;
  if (!rule.methods.includes(method)) return 405;
  return bodyBytes > rule.bodyBytesMax ? 413 : 200;
}

const methods: readonly Method[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const addressed = declaredRoutes().flatMap((route) => {
  const prefixes = route.kind === "tenant" ? ["/v1", "/o/acme/v1"] : [""];
  return prefixes.map((prefix) => [`${route.method} ${prefix}${route.path}`, route, prefix] as const);
});

describe("the rules for an edge", () => {
  proves("LIM-6");

  test.each(addressed)(
    "let %s through, with as large a body as it takes and no larger",
    (_, route, prefix) => {
      const { method, path } = requestFor(route, prefix);
      const most = route.method === "GET" ? 0 : (route.bodyMaxBytes ?? 64 * 1024);
      expect(judged(method, path, most)).toBe(200);
      expect(judged(method, path.split("?")[0] ?? "", 2 ** 40)).toBe(413);
    },
  );

  test("let no method through that an address does not take", () => {
    for (const [, route, prefix] of addressed) {
      const { path } = requestFor(route, prefix);
      const taken = addressed.filter(([, other, its]) => its === prefix && other.path === route.path);
      for (const method of methods.filter((one) => !taken.some(([, { method: its }]) => its === one))) {
        expect([method, path, judged(method, path)]).toEqual([method, path, 405]);
      }
      expect([path, judged("TRACE", path)]).toEqual([path, 405]);
    }
  });

  test.each([
    "/",
    "/sign-in",
    "/o/acme/contacts",
    "/livez",
    "/readyz",
    "/openapi.json",
    "/problems/not-found",
  ])("let the page %s through", (path) => expect(judged("GET", path)).toBe(200));

  test("know no door that is neither declared nor in the list of plain ones, and each of these", () => {
    const declared = new Set(
      declaredRoutes().flatMap(({ kind, path }) =>
        kind === "tenant" ? [`/v1${path}`, `/o/:organization/v1${path}`] : [path],
      ),
    );
    const served = edge.rules.filter(({ methods: taken }) => taken.length > 0).map(({ path }) => path);
    const fits = (path: string, plain: string): boolean =>
      plain.endsWith("*") ? path.startsWith(plain.slice(0, -1)) : path === plain;
    const beside = served.filter((path) => !declared.has(path));
    expect(beside.filter((path) => !plainDoors.some((plain) => fits(path, plain.path)))).toEqual([]);
    expect(plainDoors.filter((plain) => !beside.some((path) => fits(path, plain.path)))).toEqual([]);
  });

  // Names of assets change with each build, so rules of one version let those of the next through.
  const left = new Set(["/assets/undeclared.js"]);
  test.each(lookedFor.filter(({ target }) => !left.has(target)).map(({ target }) => target))(
    "refuse %s, which is declared nowhere",
    (target) => expect(judged("GET", target)).toBe(404),
  );

  // Broken escapes and encodings within a parameter are left to the server, which decodes them.
  test.each(contorted.map(({ target }) => target))("refuse %s, which is contorted", (target) => {
    expect([400, 404]).toContain(judged("GET", target));
  });

  test("carry the limits that are set", () => {
    expect(edge.addressRate).toEqual({ limit: 77, periodMs: 60_000 });
    const guessable = edge.rules.filter((rule) => rule.guessable).map(({ path }) => path);
    expect(guessable).toEqual(expect.arrayContaining(["/auth/sign-in", "/auth/setup"]));
  });

  test.each([
    ["nginx", nginxRules],
    ["Caddy", caddyRules],
    ["HAProxy", haproxyRules],
  ])("stand in the file for %s, all of them", (_, write) => {
    const file = write(edge, { listen: ":8080", upstream: "127.0.0.1:7460", version: "1.2.3" });
    for (const { pattern } of edge.rules) expect(file).toContain(pattern);
    expect(file).toContain("127.0.0.1:7460");
    expect(file).toContain("Ringfence 1.2.3");
  });
});
