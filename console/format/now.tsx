import { useSyncExternalStore } from "react";
import { nowMs } from "./clock.ts";

const listeners = new Set<() => void>();
let current = nowMs();
let timer: ReturnType<typeof setInterval> | undefined;

/** The present, renewed every 15 seconds by one timer for the whole page, so that relative times stay true. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => current);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, 15_000);
  current = nowMs();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer !== undefined) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function tick(): void {
  current = nowMs();
  for (const listener of listeners) listener();
}
