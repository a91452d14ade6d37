import type { Pool } from "../server/foundation/database/index.ts";
import { type HouseOptions, routesOf } from "../server/house.ts";
import type { Route } from "../server/http/index.ts";
import { argon2idByDefault } from "../server/kernel/passwords/index.ts";
import { installationKeys } from "../server/kernel/vault/index.ts";

/** What the rooms ask for, with databases that cannot be reached: for reading declarations only. */
export const paperHouse: HouseOptions = {
  auth: nowhere(),
  worker: nowhere(),
  hashing: argon2idByDefault,
  decoyKey: Buffer.alloc(32),
  keys: installationKeys(Buffer.alloc(32)),
  mailer: null,
  publicUrl: () => "https://ringfence.example",
  bytesMax: 2 ** 30,
  nudge: () => undefined,
};

/** Every door as it is declared; their handlers lead nowhere. */
export function declaredRoutes(): Route[] {
  return routesOf(paperHouse);
}

function nowhere(): Pool {
  const refuse = (): Promise<never> => Promise.reject(new Error("there is no database behind a declaration"));
  return {
    batch: refuse,
    tx: refuse,
    stream: () => ({ [Symbol.asyncIterator]: () => ({ next: refuse }) }),
    close: async () => undefined,
  };
}
