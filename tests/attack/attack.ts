import { test } from "vitest";

/** One attack as the table of attacks shows it; `seen` is what the run saw, null when it could not run. */
export interface AttackRow {
  readonly id: string;
  readonly title: string;
  readonly expected: string;
  readonly seen: string | null;
  readonly because?: string;
}

declare module "vitest" {
  interface TaskMeta {
    attack?: AttackRow;
  }
}

interface Attack {
  /** The row of the leak checklist, as "B3"; each id once. */
  readonly id: string;
  /** What the attacker does, in a few words. */
  readonly title: string;
  /** What must happen instead. */
  readonly expected: string;
}

/**
 * Declares one attack as a test and as a row of `docs/generated/attacks.md`.
 *
 * `run` asserts that the attack fails, and returns what it saw in a few words that are the same in every run and on
 * every supported PostgreSQL: an SQLSTATE, a count, a status; never an id, a time or the words of a server message.
 */
export function attack(
  { id, title, expected }: Attack,
  run: () => Promise<string>,
  timeoutMs?: number,
): void {
  test(`${id} ${title}`, timeoutMs === undefined ? {} : { timeout: timeoutMs }, async ({ task }) => {
    task.meta.attack = { id, title, expected, seen: await run() };
  });
}

/** Lists an attack that cannot run yet, with the reason, so that the table never hides one. */
export function attackLater({ id, title, expected }: Attack, because: string): void {
  test.skip(`${id} ${title}`, { meta: { attack: { id, title, expected, seen: null, because } } }, () => {});
}
