import { Agent, request } from "node:http";
import { afterAll, beforeAll, expect } from "vitest";
import { newToken } from "../../server/foundation/ids/index.ts";
import type { Route } from "../../server/http/index.ts";
import { declaredRoutes } from "../declared-routes.ts";
import type { Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { publicUrl, testServer, type TestServer } from "../server.ts";
import { attack } from "./attack.ts";
import { requestFor } from "./door-requests.ts";

// What guards a door hangs on the door and not on how its address is written, and what is not quite a credential is none. Sent as
// bytes, since clients tidy addresses up. Nothing here names a door.

proves("ISO-5", "LIM-6");

const routes = declaredRoutes();
const guarded = routes.filter(({ kind }) => kind !== "open");
let server: TestServer;
let acme: Organization;
let port: number;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  port = Number(new URL(server.origin).port);
});
afterAll(() => server.stop());

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

interface Heard {
  readonly status: number;
  readonly policy: string;
  readonly text: string;
}

/** Sends an address as it is written. */
function say(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, method, path, headers, agent }, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => (text += chunk));
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({
          status: incoming.statusCode ?? 0,
          policy: String(incoming.headers["ratelimit-policy"] ?? ""),
          text,
        }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** The same address, otherwise. */
function spellings(path: string): string[] {
  const [address = "", query = ""] = path.split("?");
  const rest = query === "" ? "" : `?${query}`;
  const at = address.lastIndexOf("/");
  const [front, last] = [address.slice(0, at), address.slice(at + 1)];
  const first = address.slice(1, 2);
  const coded = (letter: string): string => `%${letter.charCodeAt(0).toString(16)}`;
  return [
    `${front}//${last}`,
    `/${address}`,
    `${address}/`,
    `${address}//`,
    `${address}/.`,
    `${address}/x/..`,
    `/x/..${address}`,
    `/./${address.slice(1)}`,
    `${front}/%2e/${last}`,
    `${front}%2f${last}`,
    `${front}\\${last}`,
    `${front}/${coded(last.slice(0, 1))}${last.slice(1)}`,
    `/${coded(first)}${address.slice(2)}`,
    `/%25${coded(first).slice(1)}${address.slice(2)}`,
    `${front}/${last.toUpperCase()}`,
    `${address};x=1`,
    `${address}%00`,
    `${address}%20`,
    `${address}%3f`,
    `${address}..;/`,
  ].map((spelled) => spelled + rest);
}

/** What is sent along to a door, as text. */
function sent(route: Route, prefix: string): { path: string; body: string; headers: Record<string, string> } {
  const { path, sending } = requestFor(route, prefix);
  const body = sending.raw ?? (sending.body === undefined ? "" : JSON.stringify(sending.body));
  const type =
    body === ""
      ? {}
      : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
  return { path, body, headers: { ...type, ...sending.headers } };
}

attack(
  {
    id: "K-spelled",
    title:
      "reach a guarded door by another spelling of its address, with no credential and with another organization's key (Keycloak CVE-2026-15573, CVE-2026-9800; hono CVE-2026-47676)",
    expected: "400, 401, 404, 405",
  },
  async () => {
    const rival = await server.organization("rival");
    const key = await server.database.key(rival, rival.owner);
    const withKey = { authorization: `Bearer ${key}` };
    const seen = new Set<number>();
    for (const route of guarded) {
      const { path, body, headers } = sent(route, route.kind === "tenant" ? "/o/acme/v1" : "");
      const ask = (spelled: string, credential: Readonly<Record<string, string>>) =>
        say(route.method, spelled, { ...headers, ...credential }, body);
      let plainly: Promise<Heard> | undefined;
      // To sign out is done where there is nothing to end.
      const done = route.path === "/auth/sign-out" ? [204] : [];
      await Promise.all(
        spellings(path).map(async (spelled) => {
          const { status } = await ask(spelled, {});
          seen.add(status);
          expect([spelled, [400, 401, 404, 405, ...done].includes(status)]).toEqual([spelled, true]);
          if ([400, 404, 405].includes(status)) return;
          plainly ??= ask(path, withKey);
          const [keyed, plain] = [await ask(spelled, withKey), await plainly];
          expect([spelled, [404, plain.status].includes(keyed.status)]).toEqual([spelled, true]);
          if (route.kind === "tenant") expect([spelled, keyed.status]).toEqual([spelled, 404]);
        }),
      );
    }
    seen.delete(204);
    return [...seen].toSorted().join(", ");
  },
  180_000,
);

attack(
  {
    id: "K-spelled-limit",
    title:
      "sign in past the limit of sign-ins, by another spelling of the door's address (better-auth #10004)",
    expected: "no such door, or counted with the others",
  },
  async () => {
    const limited = routes.filter(({ kind, limit }) => kind === "open" && limit !== undefined);
    expect(limited.length).toBeGreaterThan(15);
    const browser = server.stranger();
    const token = await browser.csrf();
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    let counted = 0;
    for (const route of limited) {
      const { path, body, headers } = sent(route, "");
      const asking = { ...headers, cookie, origin: publicUrl, "x-csrf-token": token };
      await Promise.all(
        spellings(path).map(async (spelled) => {
          const { status, policy } = await say(route.method, spelled, asking, body);
          if ([400, 404, 405, 415].includes(status)) return;
          expect([spelled, policy]).toEqual([spelled, expect.stringContaining(`"${String(route.limit)}"`)]);
          counted += 1;
        }),
      );
    }
    expect(counted).toBeGreaterThanOrEqual(limited.length);
    return "no such door, or counted with the others";
  },
  180_000,
);

attack(
  {
    id: "K-cookie",
    title:
      "come in with a session cookie that cannot be read: cut, longer, quoted, coded, binary, huge, of another name (authentik CVE-2026-25748)",
    expected: "400, 401",
  },
  async () => {
    const { token } = acme.owner;
    const cookies = [
      "__Host-sid",
      "__Host-sid=",
      "__Host-sid=;",
      "=;;=",
      `__Host-sid=${token.slice(0, -1)}`,
      `__Host-sid=${token}A`,
      `__Host-sid="${token}"`,
      `__Host-sid=${token}%00`,
      `__Host-sid=%${token}`,
      `__Host-sid=${token}=`,
      `__Host-sid=${token} x`,
      `__Host-sid=${token}\u00ff\u00fe`,
      `__Host-sid=${token},__Host-sid=${token}`,
      `__Host-sid=${token}; __Host-sid=`,
      `__Host-sid[]=${token}`,
      `__Host-sid.sig=${token}`,
      `__HOST-SID=${token}`,
      `sid=${token}`,
      `"__Host-sid=${token}`,
      "__Host-sid=undefined",
      "__Host-sid=null",
      `__Host-sid={"token":"${token}"}`,
      `__Host-sid=${newToken()}`,
      `__Host-sid=${"A".repeat(8000)}`,
      "\u0001\u00ff=\u00ff",
    ];
    const seen = new Set<number>();
    for (const route of guarded.filter(({ kind }) => kind !== "protocol")) {
      const { path, body, headers } = sent(route, route.kind === "tenant" ? "/o/acme/v1" : "");
      await Promise.all(
        cookies.map(async (cookie) => {
          // Bytes that HTTP itself does not allow never arrive.
          const heard = await say(route.method, path, { ...headers, cookie }, body).catch(() => null);
          if (heard === null) return;
          const { status, text } = heard;
          const csrf = status === 403 && text.includes("csrf-refused");
          expect([path, cookie, csrf || [400, 401].includes(status)]).toEqual([path, cookie, true]);
          if (!csrf) seen.add(status);
        }),
      );
    }
    return [...seen].toSorted().join(", ");
  },
  180_000,
);

attack(
  {
    id: "K-no-type",
    title:
      "change something with somebody's cookie from a page elsewhere, by a request without a type of content or with that of a form (hono GHSA-2234-fmw7-43wr)",
    expected: "403",
  },
  async () => {
    const unsafe = routes.filter(
      (route) =>
        route.method !== "GET" &&
        route.kind !== "protocol" &&
        !(route.kind === "open" && route.crossSiteBecause !== undefined),
    );
    expect(unsafe.length).toBeGreaterThan(90);
    const seen = new Set<number>();
    for (const route of unsafe) {
      const { path, body } = sent(route, route.kind === "tenant" ? "/o/acme/v1" : "");
      for (const type of [
        {},
        { "content-type": "text/plain" },
        { "content-type": "application/x-www-form-urlencoded" },
      ]) {
        const headers = {
          ...type,
          cookie: `__Host-sid=${acme.owner.token}`,
          origin: "https://evil.example",
          "content-length": String(Buffer.byteLength(body)),
        };
        const { status, text } = await say(route.method, path, headers, body);
        expect([path, text]).toEqual([path, expect.stringContaining("csrf-refused")]);
        seen.add(status);
      }
    }
    expect((await server.browserOf(acme.owner.token).get("/auth/me")).status).toBe(200);
    return [...seen].join(", ");
  },
  120_000,
);
