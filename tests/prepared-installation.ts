import { execFile } from "node:child_process";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";
import { inTurn } from "./cluster.ts";
import { startProduct } from "./running-product.ts";

const run = promisify(execFile);

/**
 * Fills the data folder of a product to be started with an installation that was started once and belongs to nobody yet.
 *
 * Whoever comes first in a run makes it; the others copy. For tests that are about what follows a first start: making the
 * cluster and all that stands in it takes longer than most of them.
 */
export async function prepared(data: string): Promise<void> {
  const kept = join(inject("preparedFolder"), "data");
  await inTurn("prepared installation", async () => {
    if (!existsSync(kept)) await prepare(kept);
  });
  // As it is, with the owners of its files: as root, the database runs as somebody else.
  await run("cp", ["-a", kept, data]);
}

async function prepare(kept: string): Promise<void> {
  const product = await startProduct([process.execPath, "server/cli/ringfence.mjs", "start"]);
  try {
    await product.hears(/Ringfence is ready/);
    await product.end();
    // The note of the last port: two copies that begin at once would both take it.
    rmSync(join(product.data, "postgres", "cluster.json"));
    renameSync(product.data, kept);
  } finally {
    await product.stop();
  }
}
