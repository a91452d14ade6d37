import { paperHouse } from "../server/cli/edge/paper-house.ts";
import { identityRoutes } from "../server/features/identity/index.ts";
import { openPool } from "../server/foundation/database/index.ts";
import { log } from "../server/foundation/log/index.ts";
import { buildServer, promisedRates } from "../server/http/index.ts";
import { limiterInMemory } from "../server/kernel/limits/index.ts";
import { createRefusalRecorder, openTenancy } from "../server/kernel/tenancy/index.ts";
import { trialSecret } from "../tests/seed.ts";

/** The product's doors of a person, in a process of their own, for `bench/session`: `tsx bench/session-server.ts AUTH_DSN`. */

const [dsn = ""] = process.argv.slice(2);
const limits = { statementTimeoutMs: 10_000, transactionTimeoutMs: 12_000 };
const auth = openPool({ connectionString: dsn, max: 8, applicationName: "bench ringfence", ...limits });
const tenancy = openTenancy({ api: auth, auth });
const refusals = createRefusalRecorder(auth, () => undefined);
const rate = { limit: 10_000_000, periodMs: 60_000 };
const server = await buildServer({
  routes: identityRoutes({ ...paperHouse(0), auth }),
  kernel: {
    scopeFor: (caller, needs, signal) => tenancy.scopeFor(caller, needs, signal),
    personScope: (caller, signal) => tenancy.personScope(caller, signal),
    recordRefusal: refusals.record,
  },
  limiter: limiterInMemory(),
  log,
  publicUrl: "http://127.0.0.1",
  version: "0.0.0",
  secret: trialSecret,
  // Counted like any other, but high enough to let the measurement through.
  rates: { ...promisedRates, address: rate, console: rate, person: rate, secretKey: rate, tenant: rate },
});
// As the product does, all the while.
setInterval(() => void tenancy.sightings.flush().catch(() => undefined), 30_000).unref();
process.once("SIGTERM", () => process.exit(0));
const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
console.error(JSON.stringify({ port }));
