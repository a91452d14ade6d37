import { monotonicMs } from "../../foundation/clock/index.ts";
import type { Begun, BlockRules, Blocks, Ended } from "./blocks.ts";

interface Suspect {
  /** The moment at which all points will have run out, in whole microseconds. */
  clearUs: number;
  /** How many blocks there were before ... */
  blocks: number;
  /** ... unless nothing more happens until then. */
  forgivenMs: number;
}

interface Block {
  readonly untilMs: number;
  refused: number;
}

const forgivenAfterMs = 24 * 60 * 60_000;

/**
 * Blocks in this process, of bounded memory.
 *
 * A caller's points run out steadily over the window, so that one number per caller is a window that slides. Suspects
 * are forgotten least recent first; of more blocks than fit, the one that began first ends early.
 */
export function blocksInMemory(rules: BlockRules, nowMs: () => number = monotonicMs): Blocks {
  const suspects = new Map<string, Suspect>();
  const blocked = new Map<string, Block>();
  const early: Ended[] = [];
  const pointUs = Math.ceil((rules.windowMs * 1000) / rules.points);

  const begin = (key: string, suspect: Suspect, now: number): Begun => {
    suspect.blocks = now < suspect.forgivenMs ? suspect.blocks + 1 : 1;
    const lengthMs = Math.min(rules.firstMs * 2 ** (suspect.blocks - 1), rules.longestMs);
    suspect.clearUs = 0;
    suspect.forgivenMs = now + lengthMs + forgivenAfterMs;
    if (blocked.size >= rules.callersMax) endOldest(blocked, early);
    blocked.set(key, { untilMs: now + lengthMs, refused: 0 });
    return { seconds: Math.ceil(lengthMs / 1000), repetition: suspect.blocks };
  };

  return {
    get size() {
      return blocked.size;
    },
    waitMs(key) {
      const block = blocked.get(key);
      return block === undefined ? 0 : Math.max(0, block.untilMs - nowMs());
    },
    refused(key) {
      const block = blocked.get(key);
      if (block !== undefined) block.refused += 1;
    },
    offend(key, points) {
      const now = nowMs();
      if ((blocked.get(key)?.untilMs ?? 0) > now) return null;
      const nowUs = Math.floor(now * 1000);
      const suspect = suspects.get(key) ?? { clearUs: 0, blocks: 0, forgivenMs: 0 };
      suspect.clearUs = Math.max(suspect.clearUs, nowUs) + points * pointUs;
      remember(suspects, key, suspect, rules.callersMax);
      if (suspect.clearUs - nowUs < rules.points * pointUs) return null;
      const over = blocked.get(key);
      if (over !== undefined) {
        blocked.delete(key);
        early.push({ key, refused: over.refused });
      }
      return begin(key, suspect, now);
    },
    release() {
      const now = nowMs();
      const ended = early.splice(0);
      for (const [key, { untilMs, refused }] of blocked) {
        if (untilMs > now) continue;
        blocked.delete(key);
        ended.push({ key, refused });
      }
      return ended;
    },
  };
}

function remember(suspects: Map<string, Suspect>, key: string, suspect: Suspect, most: number): void {
  suspects.delete(key);
  if (suspects.size >= most) for (const oldest of first(suspects)) suspects.delete(oldest);
  suspects.set(key, suspect);
}

function endOldest(blocked: Map<string, Block>, early: Ended[]): void {
  for (const key of first(blocked)) {
    early.push({ key, refused: blocked.get(key)?.refused ?? 0 });
    blocked.delete(key);
  }
}

function first(map: ReadonlyMap<string, unknown>): string[] {
  const { value } = map.keys().next();
  return value === undefined ? [] : [value];
}
