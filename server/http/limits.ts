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
  /** A directory's key: Entra wants 25 requests a second for a whole organization's people. */
  readonly provisioningKey: Rate;
  /** One organization, with everybody in it: none takes the others' share. */
  readonly tenant: Rate;
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
  provisioningKey: { limit: 1800, periodMs: minute },
  tenant: { limit: 10_000, periodMs: minute },
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
  const { limit, periodMs, burst = limit } = rates.address;
  return networkKeys.map((key, width) => ({
    name: width === 0 ? "address" : "network",
    key: `address:${key}`,
    limit: width === 0 ? limit : limit * 8,
    periodMs,
    burst: width === 0 ? burst : burst * 8,
  }));
}

/** Who is counted: the credential's digest, and its person too once the database has recognised it. */
export interface Counted {
  readonly credential: Credential | null;
  readonly digest: string;
  readonly personId: string | null;
  /** Only where the database has recognised this very credential in it: nobody empties the bucket of others. */
  readonly tenantId: string | null;
  readonly networkKey: string;
}

/**
 * The buckets of a request's credential and of its route's burst class.
 *
 * The digest is always counted, so that a limit is exact for a credential that nobody has recognised yet; the person
 * besides, so that more sessions or keys do not mean more requests.
 */
export function callerCharges(rates: Rates, counted: Counted, burstClass: BurstClass | undefined): Charge[] {
  const { credential, digest, personId, tenantId } = counted;
  const charges: Charge[] = [];
  if (credential?.kind === "public-key") charges.push(chargeOf("key", rates.publicKey, digest));
  if (credential?.kind === "provisioning-key")
    charges.push(chargeOf("directory", rates.provisioningKey, digest));
  if (credential?.kind === "secret-key") charges.push(chargeOf("key", rates.secretKey, digest));
  const personal = credential === null ? null : personalRate(rates, credential);
  if (personal !== null) {
    charges.push(chargeOf(personal[0], personal[1], digest));
    if (personId !== null) charges.push(chargeOf(personal[0], personal[1], personId));
  }
  if (tenantId !== null) charges.push(chargeOf("tenant", rates.tenant, tenantId));
  if (burstClass !== undefined) {
    const burst = rates.bursts[burstClass];
    charges.push(chargeOf(burstClass, burst, credential === null ? counted.networkKey : digest));
    if (personId !== null) charges.push(chargeOf(burstClass, burst, personId));
  }
  return charges;
}

/** What a request owes the buckets of a person and an organization that were not known when it came in. */
export function belatedCharges(
  rates: Rates,
  credential: Credential,
  { personId, tenantId }: Pick<Counted, "personId" | "tenantId">,
  burstClass: BurstClass | undefined,
): Charge[] {
  const charges: Charge[] = [];
  if (personId !== null) {
    const personal = personalRate(rates, credential);
    if (personal !== null) charges.push(chargeOf(personal[0], personal[1], personId));
    if (burstClass !== undefined) charges.push(chargeOf(burstClass, rates.bursts[burstClass], personId));
  }
  if (tenantId !== null) charges.push(chargeOf("tenant", rates.tenant, tenantId));
  return charges;
}

function personalRate(rates: Rates, { kind }: Credential): [name: string, rate: Rate] | null {
  if (kind === "public-key" || kind === "provisioning-key") return null;
  return kind === "session" ? ["console", rates.console] : ["person", rates.person];
}

function chargeOf(name: string, rate: Rate, who: string): Charge {
  const { limit, periodMs, burst = limit } = rate;
  return { name, key: `${name}:${who}`, limit, periodMs, burst };
}

/** `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers): what holds, and what is left. */
export function limitHeaders(
  charges: readonly Charge[],
  { bucket, remaining, resetSeconds }: Decision,
): [string, string] {
  let policy = "";
  let last = "";
  for (const { name, limit, periodMs } of charges) {
    // A credential's bucket and its person's bear one name, and stand side by side.
    if (name === last) continue;
    policy += `${last === "" ? "" : ", "}"${name}";q=${limit};w=${periodMs / 1000}`;
    last = name;
  }
  return [policy, `"${bucket}";r=${remaining};t=${resetSeconds}`];
}
