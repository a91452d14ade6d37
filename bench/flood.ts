import { Caller } from "./http-load.ts";
import { preparedGround } from "./ground.ts";
import { quantile } from "./process-cpu.ts";
import { type Arm, endServers, installRival, rivalFile, serveOurs, serveRival } from "./session-arms.ts";
import { seedOurs, seedRival } from "./session-seed.ts";

/**
 * How long others wait while somebody floods sign-in: who is signed in, asked 100 times a second, in quiet and while 64 networks
 * try 500 passwords a second, many times what can be hashed; against better-auth on the same PostgreSQL. `npm run bench flood`
 */

const seconds = 8;
const paceMs = 10;
const guessers = 64;
const guessesPerSecond = 500;

interface Waits {
  readonly p50: number;
  readonly p99: number;
  readonly asked: number;
}

const ground = await preparedGround({ name: "org", organizations: 1, contactsEach: 10 });
try {
  const folder = await installRival();
  await seedOurs(ground);
  const arms = [await serveOurs(ground)];
  if (folder !== null) {
    await seedRival(rivalFile, folder, ground);
    arms.push(await serveRival(folder, ground, "queries"));
  }
  for (const arm of arms) {
    await paced(arm);
    print(`${arm.name}, quiet`, await paced(arm));
    const { waits, outcomes } = await flooded(arm);
    print(`${arm.name}, flooded`, waits);
    console.log(`  tries: ${[...outcomes].map(([status, count]) => `${count} ${status}`).join(", ")}`);
  }
} finally {
  endServers();
  await ground.stop();
}

/** Asks at a steady pace, whether or not the answers keep up; counted from when it was due. */
async function paced(arm: Arm): Promise<Waits> {
  const callers = await Promise.all(Array.from({ length: 200 }, () => Caller.open(arm.port)));
  const times: number[] = [];
  const due: Promise<void>[] = [];
  const begin = performance.now();
  const total = (seconds * 1000) / paceMs;
  for (let turn = 0; turn < total; turn += 1) {
    const at = begin + turn * paceMs;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, at - performance.now())));
    const caller = callers.pop() ?? (await Caller.open(arm.port));
    due.push(
      caller.ask(arm.check(arm.cookieOf(100_000 + turn * 7))).then((answer) => {
        if (!arm.says(answer)) throw new Error(`answered ${answer.status}: ${answer.body.slice(0, 300)}`);
        times.push(performance.now() - at);
        callers.push(caller);
      }),
    );
  }
  await Promise.all(due);
  for (const caller of callers) caller.close();
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), asked: times.length };
}

/** Guesses come at their own pace too, however slowly they are answered; a guesser that still waits lets its turn pass. */
async function flooded(arm: Arm): Promise<{ waits: Waits; outcomes: ReadonlyMap<string, number> }> {
  const outcomes = new Map<string, number>();
  const count = (outcome: string): unknown => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const all = await Promise.all(Array.from({ length: guessers * 4 }, () => Caller.open(arm.port)));
  const idle = [...all];
  let turn = 0;
  const guess = async (): Promise<void> => {
    const caller = idle.pop();
    if (caller === undefined) return void count("not sent, as all connections wait");
    const { status } = await caller.ask(arm.guess((turn += 1) % guessers, turn));
    count(`answered ${status}`);
    idle.push(caller);
  };
  const timer = setInterval(() => {
    for (let number = 0; number < guessesPerSecond / 100; number += 1) guess().catch(() => undefined);
  }, 10);
  try {
    return { waits: await paced(arm), outcomes };
  } finally {
    clearInterval(timer);
    // Who still waits is hung up on: without a bounded line that could be a long time.
    for (const caller of all) caller.close();
  }
}

function print(name: string, { p50, p99, asked }: Waits): void {
  console.log(`${name.padEnd(28)} p50 ${p50.toFixed(1)} ms  p99 ${p99.toFixed(1)} ms  of ${asked}`);
}
