import type { Ground } from "./ground.ts";
import { type Ask, Caller, putLoad } from "./http-load.ts";
import { backendCpu, median, processCpu, quantile } from "./process-cpu.ts";
import { type Arm, endServers, installRival, rivalFile, serveOurs, serveRival } from "./session-arms.ts";
import { seedOurs, seedRival } from "./session-seed.ts";

const connections = 16;
const rounds = 5;
const roundMs = 3000;
const requestsMax = 60_000;
const revocations = 100;
const everyMs = 50;

/** CPU per check in microseconds. */
interface Reading {
  readonly node: number;
  readonly database: number;
  /** How long answers took; nothing of calls in a loop. */
  readonly times: readonly number[];
}

type Way = "as a call" | "over HTTP";
const ways: readonly Way[] = ["as a call", "over HTTP"];

/**
 * Who is signed in, from the headers of a request to the person, on the same PostgreSQL with 100,000 people of three sessions each: what
 * the product does for GET /auth/me against better-auth's getSession, as a call and over HTTP. Nothing is cached. The arms take
 * turns; what counts is CPU, of the server process and of its database backends. Then sessions are ended one after another, and each is asked for at once by four connections: answers
 * that still call it signed in are stale.
 */
export async function checks(ground: Ground): Promise<void> {
  try {
    await compare(ground);
  } finally {
    endServers();
  }
}

async function compare(ground: Ground): Promise<void> {
  const folder = await installRival();
  await seedOurs(ground);
  const me = await serveOurs(ground);
  // What a request in an organization is judged by says more than who is signed in: membership, permissions, the organization's rules.
  const entering: Arm = {
    ...me,
    name: "ringfence, entering",
    loopPath: "organization",
    applicationName: "bench ringfence in an organization",
  };
  const arms = [me];
  if (folder !== null) {
    await seedRival(rivalFile, folder, ground);
    for (const mode of ["queries", "joins", "cookie-cache"])
      arms.push(await serveRival(folder, ground, mode));
  }
  const uncached = arms.filter(({ name }) => !name.endsWith("cookie-cache"));
  const readings = new Map<string, Reading[]>();
  const armsOf = (way: Way): readonly Arm[] => (way === "as a call" ? [entering, ...uncached] : uncached);
  for (let round = 0; round <= rounds; round += 1) {
    for (const way of ways) {
      for (const arm of armsOf(way)) {
        const reading = await (way === "as a call" ? call : load)(ground, arm);
        // The first round warms up plans and compilers.
        const key = `${way} ${arm.name}`;
        if (round > 0) readings.set(key, [...(readings.get(key) ?? []), reading]);
      }
    }
  }
  for (const way of ways) report(way, armsOf(way), readings);
  for (const [at, arm] of arms.entries()) await stale(arm, at * revocations * 2);
}

async function call({ db }: Ground, { loopPort, loopPath, applicationName }: Arm): Promise<Reading> {
  const before = await backendCpu(db, applicationName);
  const answer = await fetch(
    `http://127.0.0.1:${loopPort}/${loopPath}?${roundMs}&${Math.floor(performance.now())}`,
  );
  // Both servers of this bench answer so.
  const done = (await answer.json()) as { readonly checks: number; readonly microseconds: number };
  const database = ((await backendCpu(db, applicationName)) - before) / done.checks;
  return { node: done.microseconds / done.checks, database, times: [] };
}

async function load({ db }: Ground, arm: Arm): Promise<Reading> {
  const { pid } = arm.process;
  if (pid === undefined) throw new Error(`${arm.name} has no process`);
  let turn = Math.floor(performance.now());
  const next = (): Ask => arm.check(arm.cookieOf(100_000 + ((turn += 7919) % 190_000)));
  const before = [processCpu(pid), await backendCpu(db, arm.applicationName)] as const;
  const times = await putLoad({ port: arm.port, connections, milliseconds: roundMs, requestsMax, next });
  const after = [processCpu(pid), await backendCpu(db, arm.applicationName)] as const;
  return {
    node: (after[0] - before[0]) / times.length,
    database: (after[1] - before[1]) / times.length,
    times,
  };
}

function report(way: Way, arms: readonly Arm[], readings: ReadonlyMap<string, readonly Reading[]>): void {
  const of = ({ name }: Arm): readonly Reading[] => readings.get(`${way} ${name}`) ?? [];
  const cpu = ({ node, database }: Reading): number => node + database;
  console.log(
    `\nwho is signed in, ${way}: ${connections} at a time, medians of ${rounds} rounds of ${roundMs / 1000} s`,
  );
  for (const arm of arms) {
    const all = of(arm);
    const times = all.flatMap((reading) => reading.times);
    const latency =
      times.length === 0
        ? ""
        : `  p50 ${quantile(times, 0.5).toFixed(2)} ms  p99 ${quantile(times, 0.99).toFixed(2)} ms`;
    console.log(
      `${arm.name.padEnd(24)} CPU per check: ${median(all.map(cpu)).toFixed(0).padStart(5)} µs` +
        ` (node ${median(all.map(({ node }) => node)).toFixed(0)}, database ${median(all.map(({ database }) => database)).toFixed(0)})${latency}`,
    );
  }
  const isOurs = ({ name }: Arm): boolean => name.startsWith("ringfence");
  for (const ours of arms.filter(isOurs)) {
    for (const other of arms.filter((arm) => !isOurs(arm))) {
      const ratio = median(of(ours).map((reading, round) => cpu(of(other)[round] ?? reading) / cpu(reading)));
      // The bar is for the same question; in an organization, and over HTTP with limits and log, ours does more.
      const same = ours.loopPath === "loop" && way === "as a call";
      const bar = same ? ` (bar 5x: ${ratio >= 5 ? "kept" : "MISSED"})` : "";
      console.log(`${ours.name} checks ${ratio.toFixed(2)}x as many as ${other.name} per CPU second${bar}`);
    }
  }
}

/** Ends a session every so often; four connections ask for it all the while, and go on for a moment after its end was answered. */
async function stale(arm: Arm, from: number): Promise<void> {
  const asking = await Promise.all(Array.from({ length: 4 }, () => Caller.open(arm.port)));
  let wrong = 0;
  let right = 0;
  for (let number = 1; number <= revocations; number += 1) {
    const session = from + number;
    // What the server gives along is kept, as a browser would.
    const cookie = await cookiesOf(arm, session);
    let endedAt = Number.POSITIVE_INFINITY;
    const going = { on: true };
    const loops = asking.map(async (caller) => {
      while (going.on) {
        const startedAt = performance.now();
        const signedIn = arm.says(await caller.ask(arm.check(cookie)));
        if (startedAt <= endedAt) continue;
        if (signedIn) wrong += 1;
        else right += 1;
      }
    });
    await new Promise((resolve) => setTimeout(resolve, everyMs / 2));
    const { path, headers } = arm.signOut(session, cookie);
    const { ok } = await fetch(`http://127.0.0.1:${arm.port}${path}`, { method: "POST", headers });
    if (!ok) throw new Error(`${arm.name} did not end a session`);
    endedAt = performance.now();
    await new Promise((resolve) => setTimeout(resolve, everyMs / 2));
    going.on = false;
    await Promise.all(loops);
  }
  for (const caller of asking) caller.close();
  console.log(
    `${arm.name.padEnd(24)} ${wrong} stale of ${wrong + right} answers that were asked for after one of ${revocations} sessions had ended`,
  );
}

/** The cookies of a session with those that the server adds at its first look at it. */
async function cookiesOf(arm: Arm, session: number): Promise<string> {
  const first = arm.cookieOf(session);
  const { headers } = await fetch(`http://127.0.0.1:${arm.port}${arm.check(first).path}`, {
    headers: { cookie: first },
  });
  const added = headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
  return [first, ...added].join("; ");
}
