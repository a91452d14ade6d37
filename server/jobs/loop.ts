import { log } from "../foundation/log/index.ts";

/** Work that is looked for again and again, until it is stopped. */
export interface Loop {
  /** Looks for work now instead of at the next tick. */
  nudge(): void;
  /** Starts no further round, and resolves when the one under way is over. */
  stop(): Promise<void>;
}

interface LoopOptions {
  /** What it is called in the log when a round fails. */
  readonly task: string;
  readonly idleMs: number;
  /** One look; true when there was work and there may be more. */
  readonly round: () => Promise<boolean>;
}

/** Runs rounds, one after the other, with a rest after each that found nothing; a round that fails is logged. */
export function startLoop({ task, idleMs, round }: LoopOptions): Loop {
  let stopped = false;
  let wake: () => void = () => undefined;
  const rest = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, idleMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const loop = async (): Promise<void> => {
    while (!stopped) {
      const busy = await round().catch((error: unknown) => {
        log.event("task-failed", { task, error });
        return false;
      });
      if (!busy && !stopped) await rest();
    }
  };
  const looping = loop();
  return {
    nudge: () => wake(),
    stop: async () => {
      stopped = true;
      wake();
      await looping;
    },
  };
}
