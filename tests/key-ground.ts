import type { Answer, Client } from "./client.ts";
import { testServer, type TestServer } from "./server.ts";

/** A server with an organization whose owner makes keys. */
export interface KeyGround {
  readonly server: TestServer;
  readonly acme: Awaited<ReturnType<TestServer["organization"]>>;
  /** Makes a key, as the owner or in another browser. */
  readonly make: (body: object, browser?: Client) => Promise<Answer>;
}

export async function keyGround(): Promise<KeyGround> {
  const server = await testServer();
  const acme = await server.organization("acme");
  return {
    server,
    acme,
    make: (body, browser = acme.browser) => browser.post(at("/keys"), { name: "A key", ...body }),
  };
}

/** A door of the organization, for its people. */
export const at = (path: string): string => `/o/acme/v1${path}`;

/** The status and the problem, in a word. */
export const problemOf = ({
  json,
  status,
}: {
  readonly json: { type?: string };
  readonly status: number;
}): [number, string] => [status, (json?.type ?? "").replace(/^.*\//, "")];

/** In how many days from now that is. */
export const days = (iso: string): number => Math.round((Date.parse(iso) - Date.now()) / 86_400_000);
