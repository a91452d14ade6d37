import { realpathSync, statSync, type Stats } from "node:fs";
import path from "node:path";
import type { Account } from "./server-account.ts";

const execute = 0o1;
const readAndExecute = 0o5;

/** The first directory on the way to `target`, itself included, that the account may not pass; null: all open. */
export function barrier(target: string, account: Account | null): string | null {
  if (account === null) return null;
  const real = realpathSync(target);
  return wayTo(real).find((directory) => !allows(statSync(directory), account, execute)) ?? null;
}

/** Whether the account may read this file or directory and run or enter it. */
export function mayUse(target: string, account: Account | null): boolean {
  return account === null || allows(statSync(target), account, readAndExecute);
}

function wayTo(target: string): string[] {
  const parent = path.dirname(target);
  return parent === target ? [target] : [...wayTo(parent), target];
}

/** The first class that matches decides, as in the kernel: an owner without the bit is refused what others may. */
function allows(stats: Stats, account: Account, bits: number): boolean {
  const shift = stats.uid === account.uid ? 6 : stats.gid === account.gid ? 3 : 0;
  return ((stats.mode >> shift) & bits) === bits;
}
