import { availableParallelism } from "node:os";
import { sha256 } from "../../foundation/ids/index.ts";
import { computeDerived } from "./compute-derived.ts";
import type { Source } from "./fair-lines.ts";
import { openQueue, type QueueLimits } from "./hashing-queue.ts";
import type { Recipe } from "./recipe.ts";

/**
 * One queue per process, since what it protects is the process: its memory (19 MiB a hash), libuv's four threads, of
 * which files and DNS need one, and a core for the event loop: with it left free, other requests wait 4 ms longer at
 * p99 under a flood of sign-ins, without it 8 (two cores, bench/passwords.ts).
 */
export const hashingLimits: QueueLimits = {
  atOnce: Math.min(Math.max(availableParallelism() - 1, 1), 3),
  waitingMax: 32,
  waitMsMax: 2000,
};

const queue = openQueue(hashingLimits);
const nobody: Source = { name: "", known: false };

/**
 * The derived bytes of a password, whose hash the database compares: send them, never the password.
 *
 * `source` is for fair turns: the client's address (an IPv6 one cut to /64), or who it is known to be. Rejects with the problem `busy` when the
 * line is full or two seconds have passed. Hold no database connection meanwhile.
 */
export function derive(password: string, recipe: Recipe, source: Source = nobody): Promise<Buffer> {
  return queue.run(source, () => computeDerived(password, recipe));
}

/** Throws the problem `busy` while `derive` would have no place for this client: a flood is turned away before it asks the database. */
export function demandRoom(source: Source): void {
  queue.demandRoom(source);
}

/** What the database keeps: a leaked table of these cannot be sent to a sign-in function that wants the bytes before. */
export function verifierOf(derived: Buffer): Buffer {
  return sha256(derived);
}
