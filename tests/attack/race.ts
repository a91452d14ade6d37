import { expect } from "vitest";
import type { Client } from "../client.ts";

/** How many ask at once. */
export const clientsCount = 64;

export interface Race {
  /** Requests that began after the revoke had been answered, by status. */
  readonly after: ReadonlyMap<number, number>;
  readonly before: number;
}

/** Has 64 clients ask without a pause, revokes in the middle, and goes on for a while. */
export async function race(
  clients: readonly Client[],
  path: string,
  revoke: () => Promise<number>,
): Promise<Race> {
  let revokedAt = Number.POSITIVE_INFINITY;
  let going = true;
  const after = new Map<number, number>();
  let before = 0;
  const loops = clients.map(async (client) => {
    while (going) {
      const startedAt = performance.now();
      const { status } = await client.get(path);
      if (startedAt > revokedAt) after.set(status, (after.get(status) ?? 0) + 1);
      else if (status === 200) before += 1;
    }
  });
  // A busy machine needs longer until every client is in the middle of it, and until each has asked again.
  await until(() => before > 2 * clients.length);
  expect(await revoke()).toBeLessThan(300);
  revokedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 500));
  await until(() => [...after.values()].reduce((sum, count) => sum + count, 0) > clients.length);
  going = false;
  await Promise.all(loops);
  return { after, before };
}

async function until(reached: () => boolean): Promise<void> {
  const waitedFrom = performance.now();
  while (!reached() && performance.now() - waitedFrom < 20_000) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** As many clients as a race has. */
export function many(make: () => Client): Client[] {
  return Array.from({ length: clientsCount }, make);
}
