import type { Config } from "../../foundation/config/index.ts";
import { noOperators, noPlaces, openTokens } from "../../features/identity/index.ts";
import type { Pool } from "../../foundation/database/index.ts";
import { log } from "../../foundation/log/index.ts";
import { type HouseOptions, routesOf } from "../../house.ts";
import { buildServer, type EdgeRules, type Gate, ratesOf } from "../../http/index.ts";
import { limiterInMemory } from "../../kernel/limits/index.ts";
import { argon2idByDefault } from "../../kernel/passwords/index.ts";
import { doorWordKeys, installationKeys, installationVault } from "../../kernel/vault/index.ts";
import { consoleDirectory, problemsDirectory } from "../../main.ts";
import { installedVersion } from "../version.ts";

const paper = "there is no database behind a declaration";
const refuse = (): Promise<never> => Promise.reject(new Error(paper));
const nowhere: Pool = {
  batch: refuse,
  tx: refuse,
  stream: () => ({ [Symbol.asyncIterator]: () => ({ next: refuse }) }),
  close: async () => undefined,
};

/** What the rooms ask for, with databases that cannot be reached: for reading declarations only. */
export function paperHouse(bytesMax: number): HouseOptions {
  return {
    auth: nowhere,
    worker: nowhere,
    hashing: argon2idByDefault,
    decoyKey: Buffer.alloc(32),
    factorKey: Buffer.alloc(32),
    doorWords: doorWordKeys(Buffer.alloc(32)),
    personVault: installationVault(Buffer.alloc(32)),
    magicLinkMinutes: 10,
    breached: null,
    tokens: openTokens({
      auth: nowhere,
      secret: Buffer.alloc(32),
      publicUrl: () => "https://ringfence.example",
      graceSeconds: 10,
    }),
    places: noPlaces,
    operators: noOperators,
    keys: installationKeys(Buffer.alloc(32)),
    mailer: null,
    publicUrl: () => "https://ringfence.example",
    bytesMax,
    nudge: () => undefined,
    provenAt: new Date(0),
    egress: refuse,
    textRecords: refuse,
    ssoKey: Buffer.alloc(32),
  };
}

const gate: Gate = {
  scopeFor() {
    throw new Error(paper);
  },
  personScope() {
    throw new Error(paper);
  },
  whose() {
    throw new Error(paper);
  },
  recordRefusal: () => undefined,
  sessionOpened: async () => undefined,
};

/** What `start` would serve with this configuration, found out by building that very server; it never listens. */
export async function edgeOf(config: Config): Promise<EdgeRules> {
  const server = await buildServer({
    routes: routesOf(paperHouse(config.importBytesMax)),
    kernel: gate,
    limiter: limiterInMemory(),
    log,
    publicUrl: config.publicUrl ?? `http://${config.host}:${config.port}`,
    version: installedVersion(),
    secret: Buffer.alloc(32),
    rates: ratesOf(config),
    consoleDirectory,
    problemsDirectory,
  });
  await server.close();
  return server.edge;
}
