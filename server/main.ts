import { fileURLToPath } from "node:url";
import { type Base, openBase } from "./base.ts";
import { monotonicMs } from "./foundation/clock/index.ts";
import type { Config } from "./foundation/config/index.ts";
import { openPool, type Pool } from "./foundation/database/index.ts";
import { guardedFetch, textRecords } from "./foundation/egress/index.ts";
import { hmacSha256, newToken, sha256 } from "./foundation/ids/index.ts";
import { createMailer } from "./foundation/mail/index.ts";
import { log } from "./foundation/log/index.ts";
import { keyFor } from "./foundation/secrets/index.ts";
import { blocksOf, buildServer, type Rates, ratesOf, type Server } from "./http/index.ts";
import { openOperators, openPlaces, openTokens } from "./features/identity/index.ts";
import { arrivalsOf, type HouseOptions, jobsOf, loopsOf, routesOf } from "./house.ts";
import { type Loop, startWorker } from "./jobs/index.ts";
import type { DoorRole } from "./kernel/install/index.ts";
import { openLimiter } from "./kernel/limits/index.ts";
import { argon2idByDefault, bcryptByDefault, openBreachedList } from "./kernel/passwords/index.ts";
import { doorWordKeys, installationKeys, installationVault } from "./kernel/vault/index.ts";
import { createRefusalRecorder, openTenancy, type Tenancy } from "./kernel/tenancy/index.ts";

/** A running installation. */
export interface Running {
  readonly url: string;
  readonly port: number;
  /** The one-time setup link, while nobody has set the installation up; it is shown nowhere but here. */
  readonly setupLink: string | null;
  readonly base: Base;
  stop(): Promise<void>;
}

interface Pools extends Readonly<Record<"api" | "auth" | "worker", Pool>> {
  close(): Promise<void>;
}

/** One pool per door, so that one door's flood leaves the others their connections. */
function openPools(base: Base): Pools {
  const open = (role: DoorRole, max: number, statementTimeoutMs: number): Pool =>
    openPool({
      connectionString: base.dsnOf(role),
      max,
      applicationName: `ringfence ${role}`,
      statementTimeoutMs,
      transactionTimeoutMs: statementTimeoutMs + 2_000,
    });
  const api = open("api", 8, 10_000);
  const auth = open("auth", 3, 10_000);
  const worker = open("worker", 8, 300_000);
  return {
    api,
    auth,
    worker,
    close: async () => {
      await Promise.all([api.close(), auth.close(), worker.close()]);
    },
  };
}

/**
 * Starts what the configuration asks for. Resolves when it serves; `stop` drains, then ends what was started here.
 * `prepare` runs on the proven database, before anything listens.
 */
export async function start(
  config: Config,
  version: string,
  say: (line: string) => void,
  prepare: (base: Base) => Promise<void> = async () => undefined,
): Promise<Running> {
  const base = await openBase(config, say);
  try {
    await prepare(base);
    return await serve(base, version);
  } catch (error) {
    // Such as a port that somebody else has: nothing that was started here stays behind.
    await base.close();
    throw error;
  }
}

/** Serves an installed database; what `start` does once there is one. The rates are those of the settings unless given. */
export async function serve(base: Base, version: string, rates = ratesOf(base.config)): Promise<Running> {
  const startedAt = monotonicMs();
  const { config } = base;
  const breached =
    config.breachedPasswords === null ? null : await openBreachedList(config.breachedPasswords);
  const pools = openPools(base);
  let url = config.publicUrl ?? `http://${config.host}:${config.port}`;
  const house: HouseOptions = {
    keys: installationKeys(base.secret),
    mailer: createMailer(config),
    publicUrl: () => url,
    auth: pools.auth,
    worker: pools.worker,
    hashing: config.passwordHash === "bcrypt" ? bcryptByDefault : argon2idByDefault,
    decoyKey: hmacSha256(base.secret, "decoy recipes"),
    factorKey: hmacSha256(base.secret, "factor proofs"),
    doorWords: doorWordKeys(base.secret),
    personVault: installationVault(base.secret),
    magicLinkMinutes: config.magicLinkMinutes,
    breached,
    tokens: openTokens({
      auth: pools.auth,
      secret: base.secret,
      publicUrl: () => url,
      graceSeconds: config.refreshGraceSeconds,
    }),
    places: await openPlaces(config.geoIpFile),
    operators: await openOperators(config.asnFile),
    bytesMax: config.importBytesMax,
    nudge: () => worker?.nudge(),
    provenAt: base.provenAt,
    egress: guardedFetch({ allowed: config.egressNetworks }),
    textRecords: textRecords(config.dnsServers),
    ssoKey: keyFor(base.secret, "sso"),
  };
  const tenancy = openTenancy(pools);
  const server = config.doors.includes("api")
    ? await openServer(base, version, pools, house, tenancy, rates)
    : null;
  const worker = config.doors.includes("worker")
    ? startWorker({ pool: pools.worker, jobs: jobsOf(house) })
    : null;
  const loops = worker === null ? [] : [worker, ...loopsOf(house)];
  const flushing = setInterval(() => {
    tenancy.sightings.flush().catch((error: unknown) => log.event("last-seen-unrecorded", { error }));
  }, 30_000);
  flushing.unref();
  if (worker !== null && house.mailer !== null) await queueWaitingMail(pools.worker);
  const stop = async (): Promise<void> => {
    try {
      await stopAll(base, pools, tenancy, server, loops, flushing);
    } finally {
      await breached?.close();
    }
  };
  const at = await server?.listen({ host: config.host, port: config.port }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  url = config.publicUrl ?? at?.url ?? "";
  log.event("server-started", {
    version,
    origin: url,
    region: config.region,
    milliseconds: Math.round(monotonicMs() - startedAt),
  });
  return {
    url,
    port: at?.port ?? 0,
    setupLink: await setupLink(pools.auth, url),
    base,
    stop,
  };
}

/** The built console, and the pages of the problems, as they lie beside the server. */
export const consoleDirectory = fileURLToPath(new URL("../console/dist", import.meta.url));
export const problemsDirectory = fileURLToPath(new URL("../docs/problems", import.meta.url));

async function openServer(
  base: Base,
  version: string,
  pools: Pools,
  house: HouseOptions,
  tenancy: Tenancy,
  rates: Rates,
): Promise<Server> {
  const { config } = base;
  const refusals = createRefusalRecorder(pools.auth, (count) =>
    log.event("task-finished", { task: "refusals left out", count }),
  );
  const limits = await openLimiter(config, base.secret);
  const server = await buildServer({
    routes: routesOf(house),
    kernel: {
      scopeFor: (caller, needs, signal, look) => tenancy.scopeFor(caller, needs, signal, look),
      personScope: (caller, signal) => tenancy.personScope(caller, signal),
      whose: (caller, signal) => tenancy.whose(caller, signal),
      recordRefusal: (refusal) => refusals.record(refusal),
      sessionOpened: arrivalsOf(house),
    },
    limiter: limits.limiter,
    blocks: blocksOf(config),
    neverBlocked: config.blockNever,
    isClaimed: claimOf(pools.auth),
    log,
    publicUrl: config.publicUrl ?? `http://${config.host}:${config.port}`,
    version,
    secret: base.secret,
    trustedProxies: config.trustedProxies,
    isAccessToken: (token, tokenHash) => house.tokens.access.check(token, tokenHash),
    rates,
    probes: [
      { name: "database", check: () => pools.api.batch([{ text: "select 1", values: [] }]) },
      ...limits.probes,
    ],
    consoleDirectory,
    problemsDirectory,
  });
  return { ...server, close: (withinMs) => server.close(withinMs).finally(() => limits.close()) };
}

/** Asks the database until the answer is yes, and never again. */
function claimOf(auth: Pool): () => true | Promise<boolean> {
  let claimed = false;
  return () => {
    if (claimed) return true;
    return auth
      .batch([{ text: "select claimed from kernel.installation_state()", values: [] }])
      .then(([state]) => {
        claimed = state?.rows[0]?.["claimed"] === true;
        return claimed;
      });
  };
}

/** Letters that were written while there was no relay. */
async function queueWaitingMail(worker: Pool): Promise<void> {
  const [queued] = await worker.batch([{ text: "select kernel.queue_waiting_mail() as count", values: [] }]);
  log.event("task-finished", { task: "outbox.queued", count: Number(queued?.rows[0]?.["count"]) });
}

/** 15 minutes, single use, kept as a digest; a new start makes a new one. */
async function setupLink(auth: Pool, url: string): Promise<string | null> {
  const token = newToken();
  const [opened] = await auth.batch([
    { text: "select kernel.open_setup($1, 900) as opened", values: [sha256(token)] },
  ]);
  return opened?.rows[0]?.["opened"] === true ? `${url}/setup#token=${token}` : null;
}

async function stopAll(
  base: Base,
  pools: Pools,
  tenancy: Tenancy,
  server: Server | null,
  loops: readonly Pick<Loop, "stop">[],
  flushing: NodeJS.Timeout,
): Promise<void> {
  clearInterval(flushing);
  await server?.close(base.config.shutdownSeconds * 1000);
  await Promise.all(loops.map((loop) => loop.stop()));
  await tenancy.sightings.flush().catch(() => undefined);
  await pools.close();
  await base.close();
}
