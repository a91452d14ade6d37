import type { Client as Database } from "pg";
import type { Answer, Client } from "./client.ts";
import type { Organization } from "./installed-database.ts";
import { type NameServer, nameServer } from "./name-server.ts";
import { testServer, type TestServer } from "./server.ts";

export type Org = Organization & { readonly browser: Client };

/** A server that may call loopback, with a name server of the test's own. */
export interface SsoWorld {
  readonly server: TestServer;
  readonly names: NameServer;
  readonly db: Database;
  /** Adds a domain and has DNS show that it is the organization's. */
  verifyDomain(organization: Org, name: string): Promise<string>;
  /** An enabled connection to this provider. */
  connect(organization: Org, issuer: string, change?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Begins at the connection: where the provider is. */
  begin(browser: Client, connection: string, query?: string): Promise<string>;
  /** Comes back from the provider. */
  arrive(browser: Client, connection: string, answer: URLSearchParams | string): Promise<Answer>;
  /** The reasons in the organization's trail, the newest first. */
  reasons(organization: Organization): Promise<string[]>;
  stop(): Promise<void>;
}

export const own = { headers: { "sec-fetch-site": "none" } } as const;

export async function ssoWorld(settings: Readonly<Record<string, string>> = {}): Promise<SsoWorld> {
  const names = await nameServer();
  const server = await testServer({
    RINGFENCE_EGRESS_NETWORKS: "127.0.0.1",
    RINGFENCE_DNS_SERVERS: names.address,
    ...settings,
  });
  const db = await server.database.connectAsSuperuser();
  return {
    server,
    names,
    db,
    verifyDomain: async ({ slug, browser }, name) => {
      const added = await browser.post(`/o/${slug}/v1/domains`, { name });
      const { id, record } = added.json;
      names.records.set(record.name, [record.value]);
      const { json } = await browser.post(`/o/${slug}/v1/domains/${id}/check`);
      if (json.verifiedAt === null) throw new Error(`${name} was not verified`);
      return String(id);
    },
    connect: async ({ slug, browser }, issuer, change = {}) => {
      const made = await browser.post(`/o/${slug}/v1/sso-connections`, {
        kind: "oidc",
        name: "Our provider",
      });
      const { id } = made.json;
      const body = {
        settings: { issuer, clientId: "ringfence", tokenAuth: "client_secret_basic" },
        secret: "a secret of the client",
        provisions: true,
        defaultRoles: ["member"],
        ...change,
      };
      const changed = await browser.patch(`/o/${slug}/v1/sso-connections/${id}`, body, {
        version: made.json.version,
      });
      if (changed.status !== 200) throw new Error(changed.text);
      const enabled = await browser.post(`/o/${slug}/v1/sso-connections/${id}/enable`);
      if (enabled.status !== 204) throw new Error(enabled.text);
      return String(id);
    },
    begin: async (browser, connection, query = "") => {
      const { status, headers, text } = await browser.get(`/auth/sso/${connection}${query}`, own);
      if (status !== 303) throw new Error(`${status} ${text}`);
      return String(headers["location"]);
    },
    arrive: (browser, connection, answer) =>
      browser.get(`/auth/oidc/${connection}/callback?${String(answer)}`, {
        headers: { "sec-fetch-site": "cross-site" },
      }),
    reasons: async ({ id }) => {
      const { rows } = await db.query<{ reason: string }>(
        "select after ->> 'reason' as reason from kernel.audit_event where tenant_id = $1 and action = 'sign-in-refused' order by id desc limit 20",
        [id],
      );
      return rows.map(({ reason }) => reason);
    },
    stop: async () => {
      await server.stop();
      await names.stop();
    },
  };
}

/** What an answer of the callback says: in, or back to the sign-in page with nothing but the request's id. */
export function cameIn({ status, headers }: Answer): boolean {
  const location = String(headers["location"] ?? "");
  if (status === 303 && location.startsWith("/o/")) return true;
  if (status === 303 && /^\/sign-in\?refused=single-sign-on&request=[0-9a-f-]{36}$/.test(location))
    return false;
  throw new Error(`neither in nor refused: ${status} ${location}`);
}
