import type { Pool } from "../../foundation/database/index.ts";
import type { Caller } from "./scope.ts";

/** Collects when credentials were last seen, so that no request writes; flushed about every half minute. */
export interface Sightings {
  saw(caller: Caller): void;
  flush(): Promise<void>;
}

/** Bounds memory between two flushes; what does not fit is seen again at its next request. */
const sightingsMax = 20_000;

/** Keeps one sighting for each token hash; a flush that fails loses times of last use and nothing else. */
export function createSightings(pool: Pool): Sightings {
  let seen = new Map<string, Caller>();
  return {
    saw: (caller) => {
      if (seen.size < sightingsMax) seen.set(caller.tokenHash.toString("latin1"), caller);
    },
    flush: async () => {
      if (seen.size === 0) return;
      const callers = [...seen.values()];
      seen = new Map();
      await pool.batch([
        {
          text: "select kernel.touch_credentials($1::bytea[], $2::inet[])",
          values: [callers.map(({ tokenHash }) => tokenHash), callers.map(({ ip }) => ip)],
        },
      ]);
    },
  };
}
