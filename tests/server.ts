import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { readConfig } from "../server/foundation/config/index.ts";
import { configureLog } from "../server/foundation/log/index.ts";
import { promisedRates, type Rates } from "../server/http/index.ts";
import type { Base } from "../server/base.ts";
import { type Running, serve } from "../server/main.ts";
import { client, type Client } from "./client.ts";
import {
  installedDatabase,
  type InstalledDatabase,
  type Member,
  type Organization,
  type RoleName,
} from "./installed-database.ts";
import { trialSecret } from "./seed.ts";

/** The origin that the test servers take themselves to be at; links in mail begin with it. */
export const publicUrl = "https://ringfence.example";

/** A person of an organization with a browser of their own, signed in. */
export interface Person extends Member {
  readonly browser: Client;
}

/** The whole product over a clone of the installed database, on a port of loopback. */
export interface TestServer {
  readonly origin: string;
  readonly database: InstalledDatabase;
  readonly running: Running;
  /** Somebody who has shown no credential yet. */
  stranger(): Client;
  browserOf(token: string): Client;
  bearer(key: string): Client;
  organization(slug: string): Promise<Organization & { readonly browser: Client }>;
  person(organization: Organization, role: RoleName): Promise<Person>;
  stop(): Promise<void>;
}

/** Limits that no test reaches by accident. */
const plenty = { limit: 10_000_000, periodMs: 60_000 };
const generousRates: Rates = {
  ...promisedRates,
  address: plenty,
  console: plenty,
  person: plenty,
  secretKey: plenty,
  publicKey: plenty,
  provisioningKey: plenty,
  tenant: plenty,
  bursts: { "sign-in": plenty, import: plenty, export: plenty, bulk: plenty, send: plenty },
};

/**
 * Starts the real server in this process, as `ringfence start` does after it has installed and proven the database.
 *
 * `settings` are environment variables. Limits are such that no test reaches them unless `rates` says otherwise (null: those of the settings);
 * X-Forwarded-For is believed, so that a test can come from many addresses. The worker runs only when RINGFENCE_DOORS asks for it.
 */
export async function testServer(
  settings: Readonly<Record<string, string>> = {},
  database?: InstalledDatabase,
  rates: Rates | null = generousRates,
): Promise<TestServer> {
  configureLog({ level: "error" });
  const own = database ?? (await installedDatabase());
  const folder = await mkdtemp(path.join(tmpdir(), "ringfence-test-server-"));
  const running = await serve(baseOf(own, folder, settings), "0.0.0-test", rates ?? undefined);
  const origin = `http://127.0.0.1:${running.port}`;
  const browserOf = (token: string): Client => client({ origin, session: token });
  return {
    origin,
    database: own,
    running,
    stranger: () => client({ origin }),
    browserOf,
    bearer: (key) => client({ origin, key }),
    organization: async (slug) => {
      const organization = await own.organization({ slug });
      return { ...organization, browser: browserOf(organization.owner.token) };
    },
    person: async (organization, role) => {
      const member = await own.member(organization, role);
      return { ...member, browser: browserOf(member.token) };
    },
    stop: async () => {
      await running.stop();
      if (database === undefined) await own.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function baseOf(
  database: InstalledDatabase,
  folder: string,
  settings: Readonly<Record<string, string>>,
): Base {
  const config = readConfig({
    PORT: "0",
    RINGFENCE_DATA: folder,
    DATABASE_URL: database.dsn,
    RINGFENCE_PUBLIC_URL: publicUrl,
    RINGFENCE_REGION: "eu",
    RINGFENCE_TRUSTED_PROXIES: "127.0.0.1",
    RINGFENCE_DOORS: "api",
    RINGFENCE_LOG_LEVEL: "error",
    RINGFENCE_SHUTDOWN_SECONDS: "5",
    ...settings,
  });
  return {
    config,
    secret: trialSecret,
    installerDsn: database.dsn,
    installed: { applied: [], refused: [] },
    provenAt: new Date("2026-03-01T09:30:00Z"),
    embedded: null,
    dsnOf: database.dsnFor,
    close: async () => undefined,
  };
}
