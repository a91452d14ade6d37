import { Problem } from "../../foundation/problem/index.ts";
import { openLines, type Place, type Source } from "./fair-lines.ts";

export interface QueueLimits {
  /** Hashes computed at the same time. */
  readonly atOnce: number;
  readonly waitingMax: number;
  readonly waitMsMax: number;
}

export interface HashingQueue {
  /** Runs `work` when its turn comes, or rejects with `busy` when that would be too late. */
  run<T>(source: Source, work: () => Promise<T>): Promise<T>;
  /** Throws what `run` would reject with at once; displaces nobody. For asking before other work that is done for nothing then. */
  demandRoom(source: Source): void;
  readonly running: number;
  readonly waiting: number;
}

interface Waiting extends Place {
  readonly start: () => void;
  readonly refuse: () => void;
}

/**
 * A bounded line before the expensive work, fair between sources (client addresses, and browsers that are known).
 *
 * When all places are taken, the newest of the longest line gives way to a source that has fewer: a flood from one
 * address cannot lock the others out, and a flood from many locks out no browser that has signed in before.
 */
export function openQueue(limits: QueueLimits): HashingQueue {
  const lines = openLines<Waiting>();
  let running = 0;

  const perform = async <T>(work: () => Promise<T>): Promise<T> => {
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      lines.next()?.start();
    }
  };

  const wait = <T>(source: Source, work: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const refuse = (): void => {
        clearTimeout(deadline);
        lines.leave(one);
        reject(busy(limits));
      };
      const start = (): void => {
        clearTimeout(deadline);
        perform(work).then(resolve, reject);
      };
      const deadline = setTimeout(refuse, limits.waitMsMax);
      const one: Waiting = { source, start, refuse };
      lines.join(one);
    });

  const makeRoomFor = (source: Source): boolean => {
    if (lines.length < limits.waitingMax) return true;
    const displaced = lines.toDisplaceFor(source);
    displaced?.refuse();
    return displaced !== undefined;
  };

  return {
    demandRoom(source) {
      if (running < limits.atOnce || lines.length < limits.waitingMax) return;
      if (lines.toDisplaceFor(source) === undefined) throw busy(limits);
    },
    async run(source, work) {
      if (running < limits.atOnce) return perform(work);
      if (!makeRoomFor(source)) throw busy(limits);
      return wait(source, work);
    },
    get running() {
      return running;
    },
    get waiting() {
      return lines.length;
    },
  };
}

function busy(limits: QueueLimits): Problem {
  const retryAfterSeconds = Math.max(1, Math.ceil(limits.waitMsMax / 1000));
  return new Problem("busy", {
    detail: "Many people are signing in. Try again in a moment.",
    retryAfterSeconds,
  });
}
