import { readdirSync, readFileSync } from "node:fs";

const microsecondsPerTick = 10_000;

/** What a process and all that it started have used since it began: CPU in microseconds, private memory now in bytes. */
export interface Usage {
  readonly cpu: number;
  readonly bytes: number;
}

/** A PostgreSQL server with its backends, those that ended included; shared buffers are not counted as anybody's memory. */
export function usageOfTree(parent: number): Usage {
  const usages = [parent, ...childrenOf(parent)].map((pid) => usageOf(pid, pid === parent));
  return {
    cpu: usages.reduce((sum, { cpu }) => sum + cpu, 0),
    bytes: usages.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** One process alone. */
export function usageOf(pid: number, withEnded = false): Usage {
  try {
    const fields = statFields(pid);
    const ticks = fields.slice(11, withEnded ? 15 : 13).reduce((sum, field) => sum + Number(field), 0);
    const anonymous = /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return { cpu: ticks * microsecondsPerTick, bytes: Number(anonymous ?? 0) * 1024 };
  } catch {
    // It ended meanwhile; its parent's sums have it then.
    return { cpu: 0, bytes: 0 };
  }
}

/** The processes that this one started. */
export function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return Number(statFields(pid)[1]) === parent;
      } catch {
        return false;
      }
    });
}

/** From the state on, which follows the name in brackets (proc(5)). */
function statFields(pid: number): string[] {
  return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
}
