import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startThrowawayCluster, type ThrowawayCluster } from "./throwaway-cluster.ts";

declare module "vitest" {
  interface ProvidedContext {
    superuserDsn: string;
    /** For what is made once in a run, by whoever needs it first; gone with the run. */
    preparedFolder: string;
  }
}

interface Shared {
  readonly cluster: Promise<ThrowawayCluster>;
  readonly folder: string;
  users: number;
}

// Each vitest project loads this file anew; the one cluster of the run hangs on the process.
const key = "ringfence.test.cluster";
const onProcess: typeof globalThis & { [key]?: Shared | undefined } = globalThis;

/** Gives all test files of the run one PostgreSQL cluster: `inject("superuserDsn")`. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = (onProcess[key] ??= {
    cluster: startThrowawayCluster(chosenPrograms()),
    folder: mkdtempSync(join(tmpdir(), "ringfence-prepared-")),
    users: 0,
  });
  chmodSync(shared.folder, 0o711);
  shared.users += 1;
  const cluster = await shared.cluster;
  project.provide("superuserDsn", cluster.superuserDsn);
  project.provide("preparedFolder", shared.folder);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    onProcess[key] = undefined;
    rmSync(shared.folder, { recursive: true, force: true });
    await cluster.stop();
  };
}

/** Undefined: the embedded 18. RINGFENCE_TEST_POSTGRES_BIN=/usr/lib/postgresql/15/bin takes Debian's. */
function chosenPrograms(): string | undefined {
  return process.env["RINGFENCE_TEST_POSTGRES_BIN"] || undefined;
}
