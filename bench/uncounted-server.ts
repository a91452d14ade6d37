import type { Pool } from "../server/foundation/database/index.ts";
import { log } from "../server/foundation/log/index.ts";
import { buildServer, promisedRates, type Route, type Server } from "../server/http/index.ts";
import { limiterInMemory } from "../server/kernel/limits/index.ts";
import { createRefusalRecorder, openTenancy, type Tenancy } from "../server/kernel/tenancy/index.ts";
import { trialSecret } from "../tests/seed.ts";

const rate = { limit: 10_000_000, periodMs: 60_000 };

/** The product's server with these doors: it counts every request like any other, against limits that let a measurement through. */
export async function uncountedServer(
  routes: readonly Route[],
  { api, auth }: { readonly api: Pool; readonly auth: Pool },
): Promise<{ readonly server: Server; readonly tenancy: Tenancy }> {
  const tenancy = openTenancy({ api, auth });
  const server = await buildServer({
    routes,
    kernel: {
      scopeFor: (caller, needs, signal) => tenancy.scopeFor(caller, needs, signal),
      personScope: (caller, signal) => tenancy.personScope(caller, signal),
      whose: (caller, signal) => tenancy.whose(caller, signal),
      recordRefusal: createRefusalRecorder(auth, () => undefined).record,
      sessionOpened: async () => undefined,
    },
    limiter: limiterInMemory(),
    log,
    publicUrl: "http://127.0.0.1",
    version: "0.0.0",
    secret: trialSecret,
    rates: {
      ...promisedRates,
      address: rate,
      console: rate,
      person: rate,
      secretKey: rate,
      tenant: rate,
      bursts: { ...promisedRates.bursts, "sign-in": rate },
    },
    // Who comes from many networks comes through one here.
    trustedProxies: ["127.0.0.1"],
  });
  return { server, tenancy };
}
