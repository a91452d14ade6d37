import { beforeEach } from "vitest";
import { promises, type PromiseId } from "../contract/promises.ts";

declare module "vitest" {
  interface TaskMeta {
    /** The promises of which this test is a proof; only a test that passes counts. */
    proves?: readonly string[];
  }
}

/**
 * Says which promises the tests of this file, or of this `describe`, prove.
 *
 * Write the ids out as literals: the promises page is made by reading the source, and the run is compared with it.
 */
export function proves(...ids: readonly PromiseId[]): void {
  const unknown = ids.filter((id) => !promises.has(id));
  if (unknown.length > 0)
    throw new Error(`no such promise: ${unknown.join(", ")} (see contract/promises.ts)`);
  beforeEach(({ task }) => {
    task.meta.proves = [...new Set([...(task.meta.proves ?? []), ...ids])];
  });
}
