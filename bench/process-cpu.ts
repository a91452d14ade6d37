import { readFileSync } from "node:fs";
import type { Administration } from "../server/foundation/database/index.ts";

const microsecondsPerTick = 10_000;

/** The CPU that a process has used since it began, in microseconds, to the 10 ms that Linux counts. */
export function processCpu(pid: number): number {
  // After the name in brackets come state, parent, …; user and system time are the 12th and 13th (proc(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick;
}

/** The CPU of all server processes that work for one application name, in microseconds. */
export async function backendCpu(db: Administration, applicationName: string): Promise<number> {
  const rows = await db.query("select pid from pg_stat_activity where application_name = $1", [
    applicationName,
  ]);
  return rows.reduce((sum, { pid }) => sum + processCpu(Number(pid)), 0);
}

/** The middle one of some values; of the upper two when their number is even. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which that part of the values lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
