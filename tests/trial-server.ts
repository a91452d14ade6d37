import { Type } from "@sinclair/typebox";
import { DatabaseError, type Result, type Statement } from "../server/foundation/database/index.ts";
import { sha256 } from "../server/foundation/ids/index.ts";
import type { EventName } from "../server/foundation/log/index.ts";
import {
  buildServer,
  type Gate,
  promisedRates,
  type Refusal,
  route,
  type Route,
  type Server,
  type ServerOptions,
} from "../server/http/index.ts";
import { limiterInMemory } from "../server/kernel/limits/index.ts";
import type { Caller, Entered } from "../server/kernel/tenancy/index.ts";

/** A server on a gate in memory, for tests of the http floor alone; everything with tenants runs on PostgreSQL. */
export interface Trial {
  readonly server: Server;
  readonly refusals: Refusal[];
  readonly logged: { readonly name: EventName; readonly fields: Readonly<Record<string, unknown>> }[];
}

export const publicUrl = "https://crm.example.com";
/** A session of somebody who may read contacts of `acme`. */
export const sessionToken = "s".repeat(43);
export const keyToken = "sec_live_0123456789ab_0123456789abcdefghijABCDEFGHIJ0123456789abc43BTAP";
export const cookie = `__Host-sid=${sessionToken}`;
export const bearer = `Bearer ${keyToken}`;
export const contactId = "0198c0de-0000-7000-8000-000000000001";

/** A door that enters and tells what it was given. */
export const readContact = route({
  method: "GET",
  path: "/contacts/:id",
  needs: ["contact.read"],
  answer: Type.Object({ id: Type.String(), name: Type.String() }),
  handle: async ({ scope, params, respond }) => {
    await scope.run({ text: "select", values: [] });
    respond.etag(7);
    // More than the answer declares: the rest must never arrive.
    return { id: params.id, name: "Ada", password: "hunter2" } as { id: string; name: string };
  },
});

/** Starts a server with these routes; nothing listens until a test says so. */
export async function trialServer(
  routes: readonly Route[],
  options: Partial<ServerOptions> = {},
): Promise<Trial> {
  const refusals: Refusal[] = [];
  const logged: Trial["logged"] = [];
  const server = await buildServer({
    routes,
    kernel: gateInMemory(refusals),
    limiter: limiterInMemory(),
    log: { event: (name, fields) => void logged.push({ name, fields }) },
    publicUrl,
    version: "0.0.0",
    secret: Buffer.alloc(32, 7),
    rates: generous,
    ...options,
  });
  return { server, refusals, logged };
}

/** Rates that no test reaches by accident. */
export const generous = {
  ...promisedRates,
  address: { limit: 1_000_000, periodMs: 60_000 },
  console: { limit: 1_000_000, periodMs: 60_000 },
  person: { limit: 1_000_000, periodMs: 60_000 },
  secretKey: { limit: 1_000_000, periodMs: 60_000 },
  tenant: { limit: 1_000_000, periodMs: 60_000 },
};

function gateInMemory(refusals: Refusal[]): Gate {
  return {
    scopeFor: (caller, needs) => scopeOf(() => entering(caller, needs)),
    personScope(caller) {
      const { batch, run, end } = scopeOf(() => personOf(caller));
      return { caller, batch, run, end };
    },
    whose: async ({ tokenHash, organization }) => {
      if (!isKnown(tokenHash)) return null;
      const isThere = organization === null || organization === entered.organization;
      return { personId: entered.personId, tenantId: isThere ? entered.tenantId : null };
    },
    recordRefusal: (refusal) => void refusals.push(refusal),
    sessionOpened: async () => undefined,
  };
}

function scopeOf(enter: () => Entered) {
  let entered: Entered | null = null;
  let ended = false;
  const batch = async (statements: readonly Statement[]): Promise<Result[]> => {
    if (ended) throw new Error("this scope's request is over");
    entered = enter();
    return statements.map(() => ({ rows: [], count: 0 }));
  };
  return {
    get entered() {
      return entered;
    },
    batch,
    run: async (statement: Statement) => (await batch([statement]))[0] ?? { rows: [], count: 0 },
    tx: () => Promise.reject(new Error("this gate has no transactions")),
    end: () => {
      ended = true;
    },
  };
}

const digests = [sha256(sessionToken), sha256(keyToken)];

function isKnown(tokenHash: Buffer): boolean {
  return digests.some((digest) => digest.equals(tokenHash));
}

function personOf({ tokenHash }: Caller): Entered {
  if (!isKnown(tokenHash)) throw new DatabaseError("RF401", "not signed in");
  return entered;
}

function entering(caller: Caller, needs: readonly string[]): Entered {
  const who = personOf(caller);
  if (caller.organization !== null && caller.organization !== "acme") {
    throw new DatabaseError("RF404", "no such organization");
  }
  if (!needs.every((need) => need === "contact.read")) throw new DatabaseError("RF403", "not allowed");
  return who;
}

const entered: Entered = {
  tenantId: "0198c0de-0000-7000-8000-00000000000a",
  organization: "acme",
  personId: "0198c0de-0000-7000-8000-00000000000b",
  memberId: "0198c0de-0000-7000-8000-00000000000c",
  credentialId: "0198c0de-0000-7000-8000-00000000000d",
  email: "ada@example.com",
  locale: "en",
  timeZone: "UTC",
  currency: "EUR",
};
