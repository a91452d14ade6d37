import { createServer } from "node:http";
import { paperHouse } from "../server/cli/edge/paper-house.ts";
import { identityRoutes } from "../server/features/identity/index.ts";
import { openPool } from "../server/foundation/database/index.ts";
import { uuidv7 } from "../server/foundation/ids/index.ts";
import { Abandonment } from "../server/http/abandonment.ts";
import { readCredential } from "../server/http/credential.ts";
import type { Caller } from "../server/kernel/tenancy/index.ts";
import { uncountedServer } from "./uncounted-server.ts";

/**
 * The product's doors of a person, in a process of their own, for `bench/session`: `tsx bench/session-server.ts AUTH_DSN API_DSN`. Besides, it
 * has its own check called in a loop, as a program that uses it as a library would: from headers to who is signed in.
 */

const [dsn = "", apiDsn = ""] = process.argv.slice(2);
const limits = { statementTimeoutMs: 10_000, transactionTimeoutMs: 12_000 };
const auth = openPool({ connectionString: dsn, max: 8, applicationName: "bench ringfence", ...limits });
const api = openPool({
  connectionString: apiDsn,
  max: 8,
  applicationName: "bench ringfence in an organization",
  ...limits,
});
const { server, tenancy } = await uncountedServer(identityRoutes({ ...paperHouse(0), auth }), { api, auth });
// As the product does, all the while.
setInterval(() => void tenancy.sightings.flush().catch(() => undefined), 30_000).unref();
process.once("SIGTERM", () => process.exit(0));

function callerOf(session: number, organization: string | null): Caller {
  const credential = readCredential({ cookie: `__Host-sid=${`bench-session-${session}-`.padEnd(43, "0")}` });
  if (credential === null) throw new Error("no credential was shown");
  const { tokenHash } = credential;
  return { tokenHash, organization, requestId: uuidv7(), ip: "127.0.0.1", device: "bench" };
}

/** Who it is, and all of their organizations with what they may do there. */
async function me(session: number): Promise<void> {
  const caller = callerOf(session, null);
  const scope = tenancy.personScope(caller, new Abandonment());
  const { rows } = await scope.run({ text: "select * from kernel.who($1)", values: [caller.tokenHash] });
  if (typeof rows[0]?.["email"] !== "string") throw new Error("nobody is signed in");
  scope.end();
}

/** Who it is in one organization, and that they may read contacts there: what a request is judged by. */
async function inOrganization(session: number): Promise<void> {
  const person = 1 + (session % 100_000);
  const caller = callerOf(session, `bench-${1 + (person % 1000)}`);
  const scope = tenancy.scopeFor(caller, ["contact.read"], new Abandonment());
  await scope.run({ text: "select 1", values: [] });
  if (scope.entered?.email !== `person${person}@bench.example`) throw new Error("somebody else is signed in");
  scope.end();
}

/** As many checks as it can make in so long, sixteen at a time. */
async function loop(
  check: (session: number) => Promise<void>,
  milliseconds: number,
  from: number,
): Promise<{ checks: number; microseconds: number }> {
  const end = performance.now() + milliseconds;
  const before = process.cpuUsage();
  let checks = 0;
  const turn = async (): Promise<void> => {
    while (performance.now() < end) {
      checks += 1;
      await check(100_000 + ((from + checks * 7919) % 190_000));
    }
  };
  await Promise.all(Array.from({ length: 16 }, turn));
  const { user, system } = process.cpuUsage(before);
  return { checks, microseconds: user + system };
}

const looping = createServer(async (request, reply) => {
  const [, milliseconds = "0", from = "0"] =
    /^\/(?:loop|organization)\?(\d+)&(\d+)$/.exec(request.url ?? "") ?? [];
  const check = request.url?.startsWith("/organization") === true ? inOrganization : me;
  reply.end(JSON.stringify(await loop(check, Number(milliseconds), Number(from))));
});
await new Promise<void>((resolve) => void looping.listen(0, "127.0.0.1", resolve));
const address = looping.address();
const loopPort = typeof address === "object" && address !== null ? address.port : 0;
const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
console.error(JSON.stringify({ port, loopPort }));
