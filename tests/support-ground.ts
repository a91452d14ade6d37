import type { Client as Database } from "pg";
import { expect } from "vitest";
import { sha256 } from "../server/foundation/ids/index.ts";
import type { Answer, Client } from "./client.ts";
import type { Member } from "./installed-database.ts";
import { testServer, type TestServer } from "./server.ts";

/** One of the platform's staff, with a browser. */
export type Staff = Member & { readonly browser: Client };

/** An organization, the platform's own one, and people of its staff. */
export interface SupportGround {
  readonly server: TestServer;
  readonly acme: Awaited<ReturnType<TestServer["organization"]>>;
  readonly platform: Awaited<ReturnType<TestServer["organization"]>>;
  readonly superuser: Database;
  readonly ops: Database;
  /** An operator with a second factor behind the session, unless told otherwise. */
  operator(secondFactor?: boolean): Promise<Staff>;
  /** Makes it as if this session had been proven by a second factor so many minutes ago; null for never. */
  provedByFactor(token: string, minutesAgo: number | null): Promise<void>;
  /** A grant of acme to this address. */
  granted(email: string, more?: object): Promise<{ readonly id: string; readonly until: string }>;
  /** What a look at acme's contacts comes to. */
  looks(client: Client): Promise<[number, string]>;
}

export const at = (path: string): string => `/o/acme/v1${path}`;
export const why = { reason: "The import of Monday", hours: 4, reference: "CASE-7" };
/** The status and the problem's key. */
export const keyOf = ({ status, json }: Answer): [number, string] => [
  status,
  String(json?.type ?? "").replace(/^.*\//, ""),
];

export async function supportGround(): Promise<SupportGround> {
  const server = await testServer();
  const acme = await server.organization("acme");
  const platform = await server.organization("platform");
  const superuser = await server.database.connectAsSuperuser();
  const ops = await server.database.connectAs("ops");
  await acme.browser.post(at("/contacts"), { firstName: "Ada" });
  const provedByFactor: SupportGround["provedByFactor"] = async (token, minutesAgo) => {
    await superuser.query(
      "update kernel.credential set proved_at = coalesce(now() - make_interval(mins => $2), proved_at), second_factor_at = now() - make_interval(mins => $2) where digest = $1",
      [sha256(sha256(token)), minutesAgo],
    );
  };
  return {
    server,
    acme,
    platform,
    superuser,
    ops,
    provedByFactor,
    operator: async (secondFactor = true) => {
      const person = await server.person(platform, "viewer");
      await ops.query("select kernel.add_operator($1)", [person.email]);
      if (secondFactor) await provedByFactor(person.token, 0);
      return person;
    },
    granted: async (email, more = {}) => {
      const { status, json } = await acme.browser.post(at("/support-grants"), {
        operator: email,
        ...why,
        ...more,
      });
      expect([status, json.type]).toEqual([201, undefined]);
      return json;
    },
    looks: async (client) => keyOf(await client.get(at("/contacts"))),
  };
}
