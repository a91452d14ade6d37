import type { TestProject } from "vitest/node";
import { startThrowawayCluster, type ThrowawayCluster } from "./throwaway-cluster.ts";

declare module "vitest" {
  interface ProvidedContext {
    superuserDsn: string;
  }
}

interface Shared {
  readonly cluster: Promise<ThrowawayCluster>;
  users: number;
}

// Each vitest project loads this file anew; the one cluster of the run hangs on the process.
const key = "ringfence.test.cluster";
const onProcess: typeof globalThis & { [key]?: Shared | undefined } = globalThis;

/** Gives all test files of the run one PostgreSQL cluster: `inject("superuserDsn")`. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = (onProcess[key] ??= { cluster: startThrowawayCluster(chosenPrograms()), users: 0 });
  shared.users += 1;
  const cluster = await shared.cluster;
  project.provide("superuserDsn", cluster.superuserDsn);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    onProcess[key] = undefined;
    await cluster.stop();
  };
}

/** Undefined: the embedded 18. RINGFENCE_TEST_POSTGRES_BIN=/usr/lib/postgresql/15/bin takes Debian's. */
function chosenPrograms(): string | undefined {
  return process.env["RINGFENCE_TEST_POSTGRES_BIN"] || undefined;
}
