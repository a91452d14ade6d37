import { afterAll, beforeAll, expect } from "vitest";
import type { Organization } from "../installed-database.ts";
import { declaredRoutes } from "../declared-routes.ts";
import { connectDirectory } from "../scim-ground.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";
import { tokensFor } from "../tokens.ts";
import { attack } from "./attack.ts";
import { requestFor } from "./door-requests.ts";

// `Authorization: Bearer <credential>`, with one space and nothing else (RFC 6750 section 2.1), at every door: a proxy in front
// that reads the header another way would judge another credential than the one that counts.

proves("ISO-5");

let server: TestServer;
let acme: Organization;
/** Good ones, with a door that each opens. */
let good: readonly (readonly [credential: string, path: string])[];

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  const { accessToken } = await tokensFor(server, acme.owner.token);
  const { token } = await connectDirectory(server, acme);
  good = [
    [accessToken, "/o/acme/v1/contacts"],
    [await server.database.key(acme, acme.owner), "/v1/contacts"],
    [token, "/scim/v2/Users"],
  ];
});
afterAll(() => server.stop());

const asked = async (path: string, authorization: string): Promise<number> =>
  (await server.stranger().send("GET", path, { headers: { authorization } })).status;

attack(
  {
    id: "E-authorization-scheme",
    title:
      "a good token, key or directory's token under another scheme, or under none (hono CVE-2026-47673: any was taken)",
    expected: "401",
  },
  async () => {
    for (const [credential, path] of good) {
      expect(await asked(path, `Bearer ${credential}`)).toBe(200);
      const basic = Buffer.from(`${credential}:`).toString("base64");
      for (const header of [
        credential,
        `Basic ${credential}`,
        `Basic ${basic}`,
        `Digest ${credential}`,
        `DPoP ${credential}`,
        `Token ${credential}`,
        `token=${credential}`,
        `ApiKey ${credential}`,
        `Bearer2 ${credential}`,
        `XBearer ${credential}`,
        `Foo Bearer ${credential}`,
        `Negotiate Bearer ${credential}`,
        `Bearer=${credential}`,
        `Bearer:${credential}`,
      ]) {
        const scheme = header.replace(credential, "…").replace(basic, "…");
        expect([scheme, path, await asked(path, header)]).toEqual([scheme, path, 401]);
      }
    }
    return "401";
  },
);

attack(
  {
    id: "E-authorization-spelling",
    title:
      "the same with blanks, tabs, quotes and commas where none belong (Keycloak CVE-2026-0707: proxies and the server read another token)",
    expected: "401",
  },
  async () => {
    for (const [credential, path] of good) {
      // A scheme's capitals do not count (RFC 9110 section 11.1); all else does.
      expect(await asked(path, `bearer ${credential}`)).toBe(200);
      for (const [name, header] of Object.entries({
        "two blanks": `Bearer  ${credential}`,
        "a tab": `Bearer\t${credential}`,
        "a tab and a blank": `Bearer \t${credential}`,
        "no blank": `Bearer${credential}`,
        "a no-break space": `Bearer\u00a0${credential}`,
        "a comma before": `, Bearer ${credential}`,
        "a comma behind": `Bearer ${credential},`,
        "two of them": `Bearer ${credential}, Bearer ${credential}`,
        "another scheme before": `Basic eDp5, Bearer ${credential}`,
        "a parameter": `Bearer ${credential}; x=y`,
        quotes: `Bearer "${credential}"`,
        "a percent sign": `Bearer%20${credential}`,
        "a blank within": `Bearer ${credential.slice(0, 20)} ${credential.slice(20)}`,
      })) {
        expect([name, path, await asked(path, header)]).toEqual([name, path, 401]);
      }
    }
    return "401";
  },
);

const malformed = [
  "Bearer",
  "Bearer ",
  "bearer",
  "Bearer =",
  "Bearer .",
  "Bearer ..",
  "Bearer ....",
  "Basic",
  "Basic ",
  "Basic :",
  "Digest username=",
  " ",
  ",",
  "=",
  "\t",
  `Bearer ${"a".repeat(5000)}`,
  `Bearer ${"a.".repeat(500)}`,
  "Bearer \u00ff\u00fe\u00fd".padEnd(40, "\u00ff"),
  "null",
  "undefined",
];

attack(
  {
    id: "E-authorization-malformed",
    title: `${malformed.length} malformed headers at every door of the product (Keycloak CVE-2026-9803: a fault for a scheme without a token)`,
    expected: "401 where somebody must be signed in, a fault of ours nowhere",
  },
  async () => {
    const doors = declaredRoutes();
    expect(doors.length).toBeGreaterThan(100);
    for (const door of doors) {
      const { method, path, sending } = requestFor(door, door.kind === "tenant" ? "/o/acme/v1" : "");
      const answers = malformed.map((authorization) =>
        server.stranger().send(method, path, { ...sending, headers: { ...sending.headers, authorization } }),
      );
      const seen = (await Promise.all(answers)).map(({ status }) => status);
      // Of the open doors, only those of directories look at it.
      const demanded = door.kind !== "open" || door.path.startsWith("/scim/");
      const wrong = seen.filter((status) => (demanded ? status !== 401 : status >= 500));
      expect([`${method} ${path}`, wrong]).toEqual([`${method} ${path}`, []]);
    }
    return "401 where somebody must be signed in, a fault of ours nowhere";
  },
  120_000,
);
