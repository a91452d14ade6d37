import type { Config } from "../foundation/config/index.ts";
import { type Blocks, blocksInMemory } from "../kernel/limits/index.ts";
import type { Rates } from "./limits.ts";

const minute = 60_000;

/** The rates that the operator set; the promised ones where there is no setting. */
export function ratesOf(config: Config): Rates {
  return {
    address: { limit: config.limitPerIpPerMinute, periodMs: minute },
    console: { limit: config.limitConsolePerMinute, periodMs: minute },
    person: { limit: config.limitPerPersonPerMinute, periodMs: minute },
    publicKey: { limit: config.limitPublicPerHour, periodMs: 60 * minute },
    secretKey: { limit: config.limitSecretPerHour, periodMs: 60 * minute },
    provisioningKey: { limit: config.limitProvisioningPerMinute, periodMs: minute },
    tenant: { limit: config.limitPerTenantPerMinute, periodMs: minute },
    bursts: {
      "sign-in": { limit: config.limitSignInPerMinute, periodMs: minute },
      import: { limit: config.limitImportPerHour, periodMs: 60 * minute },
      export: { limit: config.limitExportPerHour, periodMs: 60 * minute },
      bulk: { limit: config.limitBulkPerMinute, periodMs: minute },
      send: { limit: config.limitSendPerMinute, periodMs: minute },
    },
    failureCost: config.limitFailureCost,
  };
}

/** Blocks as the operator set them; null where nobody is to be blocked. */
export function blocksOf(config: Config): Blocks | null {
  if (config.blockPoints === 0) return null;
  return blocksInMemory({
    points: config.blockPoints,
    windowMs: config.blockWindowSeconds * 1000,
    firstMs: config.blockSeconds * 1000,
    longestMs: config.blockSecondsMax * 1000,
    callersMax: config.blockAddressesMax,
  });
}
