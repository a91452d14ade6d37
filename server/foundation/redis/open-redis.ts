import { monotonicMs } from "../clock/index.ts";
import { explainFailure } from "./explain-failure.ts";
import { type Link, openLink } from "./open-link.ts";
import type { Script } from "./script.ts";
import { within } from "./within.ts";

/** A Redis or Valkey that may be slow or away at any moment, and never makes anybody wait for long. */
export interface Redis {
  /**
   * Runs a script; null, at once, while Redis does not answer. Rejects when it fails or takes longer than the deadline,
   * after which it counts as not answering.
   */
  run(script: Script, keys: readonly string[], values: readonly string[]): Promise<unknown> | null;
  /** Why it does not answer, in a sentence for operators; null when it does. */
  readonly fault: string | null;
  close(): void;
}

export interface RedisOptions {
  readonly url: string;
  /** What must succeed on a new connection before it is used. */
  readonly trial: (link: Link) => Promise<unknown>;
  /** How long a request waits for Redis at most. */
  readonly deadlineMs?: number;
  /** Told each time that Redis begins to answer (null) or does not answer for another reason than before. */
  readonly heed: (fault: string | null) => void;
}

const requestMs = 50;
const reachMs = 2_000;
const firstRetryMs = 250;
const lastRetryMs = 8_000;
/** A connection that lasted less counts as one more failure, so that a server on the brink is left alone for longer. */
const steadyMs = 10_000;

/**
 * Resolves after the first attempt to reach it, whether that succeeded or not, and goes on trying in the background.
 *
 * One failure or late answer is enough to leave Redis alone: the connection is thrown away, whatever waits on it is
 * rejected at once, and requests are spared until a new connection has passed its trial.
 */
export async function openRedis({ url, trial, deadlineMs = requestMs, heed }: RedisOptions): Promise<Redis> {
  let link: Link | null = null;
  let fault: string | null = null;
  let told: string | null | undefined;
  let failures = 0;
  let since = 0;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;

  const tell = (): void => {
    if (told !== fault) heed(fault);
    told = fault;
  };
  const leave = (error: unknown): void => {
    const steady = link !== null && monotonicMs() - since >= steadyMs;
    link?.close();
    link = null;
    if (closed) return;
    fault = explainFailure(error, url, since === 0);
    tell();
    failures = steady ? 0 : failures + 1;
    retry = setTimeout(() => void reach(), Math.min(firstRetryMs * 2 ** failures, lastRetryMs)).unref();
  };
  const reach = async (): Promise<void> => {
    try {
      const fresh = await tried(url, trial, deadlineMs);
      if (closed) {
        fresh.close();
        return;
      }
      [link, fault, since] = [fresh, null, monotonicMs()];
      void fresh.broken.then((error) => (link === fresh ? leave(error) : undefined));
      tell();
    } catch (error) {
      leave(error);
    }
  };

  await reach();
  return {
    run(script, keys, values) {
      const used = link;
      if (used === null) return null;
      return within(used.run(script, keys, values), deadlineMs).catch((error: unknown) => {
        if (link === used) leave(error);
        throw error;
      });
    },
    get fault() {
      return fault;
    },
    close() {
      closed = true;
      clearTimeout(retry);
      link?.close();
      link = null;
    },
  };
}

/** A server that is slower than requests wait is as good as away. */
async function tried(url: string, trial: RedisOptions["trial"], deadlineMs: number): Promise<Link> {
  const link = await openLink(url, reachMs);
  try {
    await within(trial(link), deadlineMs);
    return link;
  } catch (error) {
    link.close();
    throw error;
  }
}
