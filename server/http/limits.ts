import type { Charge, Decision } from "../kernel/limits/index.ts";
import type { Credential } from "./credential.ts";
import type { BurstClass } from "./route.ts";

/** So many requests in so many milliseconds; `burst` at once after a rest (all of them unless given). */
export interface Rate {
  readonly limit: number;
  readonly periodMs: number;
  readonly burst?: number;
}

/** Every rate that the doors hold callers to. */
export interface Rates {
  /** From one address; the /64 in IPv6, whose /48 may take eight times as much. */
  readonly address: Rate;
  /** One person in the console, whatever the number of sessions. */
  readonly console: Rate;
  /** One person, with all API keys together. */
  readonly person: Rate;
  readonly secretKey: Rate;
  readonly publicKey: Rate;
  readonly bursts: Readonly<Record<BurstClass, Rate>>;
  /** How many requests a wrong credential counts for, against the address that showed it. */
  readonly failureCost: number;
}

const minute = 60_000;
const hour = 60 * minute;

/** The rates that are promised, in force unless an operator sets others. */
export const promisedRates: Rates = Object.freeze({
  address: { limit: 1000, periodMs: minute },
  console: { limit: 600, periodMs: minute },
  person: { limit: 100, periodMs: minute },
  secretKey: { limit: 1000, periodMs: hour },
  publicKey: { limit: 10_000, periodMs: hour },
  bursts: {
    "sign-in": { limit: 30, periodMs: minute },
    import: { limit: 30, periodMs: hour },
    export: { limit: 30, periodMs: hour },
    bulk: { limit: 60, periodMs: minute },
    send: { limit: 60, periodMs: minute },
  },
  failureCost: 10,
});

/** The buckets of an address, before anything else is known. */
export function addressCharges(rates: Rates, networkKeys: readonly string[]): Charge[] {
  const { limit, periodMs, burst } = rates.address;
  return networkKeys.map((key, width) => ({
    name: width === 0 ? "address" : "network",
    key: `address:${key}`,
    limit: width === 0 ? limit : limit * 8,
    periodMs,
    ...(burst === undefined ? {} : { burst: width === 0 ? burst : burst * 8 }),
  }));
}

/** Who is counted: a person once one of the credentials was recognised, until then the credential's digest. */
export interface Counted {
  readonly credential: Credential | null;
  readonly digest: string;
  readonly personId: string | null;
  readonly networkKey: string;
}

/** The buckets of a request's credential and of its route's burst class. */
export function callerCharges(rates: Rates, counted: Counted, burstClass: BurstClass | undefined): Charge[] {
  const charges: Charge[] = [];
  const who = counted.personId ?? counted.digest;
  if (counted.credential?.kind === "session") charges.push(chargeOf("console", rates.console, who));
  if (counted.credential?.kind === "public-key")
    charges.push(chargeOf("key", rates.publicKey, counted.digest));
  if (counted.credential?.kind === "secret-key") {
    charges.push(chargeOf("key", rates.secretKey, counted.digest), chargeOf("person", rates.person, who));
  }
  if (burstClass !== undefined) {
    const caller = counted.credential === null ? counted.networkKey : who;
    charges.push(chargeOf(burstClass, rates.bursts[burstClass], caller));
  }
  return charges;
}

function chargeOf(name: string, rate: Rate, who: string): Charge {
  return { name, key: `${name}:${who}`, ...rate };
}

/** `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers): what holds, and what is left. */
export function limitHeaders(
  charges: readonly Charge[],
  { bucket, remaining, resetSeconds }: Decision,
): [string, string] {
  const policy = charges
    .map(({ name, limit, periodMs }) => `"${name}";q=${limit};w=${periodMs / 1000}`)
    .join(", ");
  return [policy, `"${bucket}";r=${remaining};t=${resetSeconds}`];
}
