import { readFileSync } from "node:fs";
import path from "node:path";
import { choosePort } from "./free-port.ts";
import { launchPostmaster, stopPostmaster, untilServing, type Launch } from "./postmaster.ts";
import { runningPostmaster, type PostmasterFile } from "./postmaster-file.ts";
import type { PreparedCluster } from "./prepare-cluster.ts";
import { serverSettings, thisMachine } from "./settings.ts";
import { checkSettings, writeSettings } from "./write-settings.ts";

interface Serving {
  readonly port?: number;
  readonly log: (line: string) => void;
}

export interface ServedCluster {
  readonly port: number;
  readonly adopted: boolean;
  stop(): Promise<void>;
}

/**
 * A server that accepts connections under exactly our settings: the one that is still running if it was started so,
 * else a new one. A running one with other programs or settings (an upgrade, a hand-made start) is restarted.
 */
export async function serveCluster(options: Serving, prepared: PreparedCluster): Promise<ServedCluster> {
  const { cluster, binaries } = prepared;
  const running = runningPostmaster(cluster);
  const wish = { demanded: options.port, remembered: prepared.rememberedPort };
  const stays = running !== null && running.port === (options.port ?? running.port);
  const port = stays ? running.port : await choosePort(wish);
  const { config, changed } = writeSettings(cluster, serverSettings(port, thisMachine()));
  await checkSettings({ ...prepared, postgres: binaries.postgres, config });
  const state = { stopping: false };
  const launch = launchOf(options, prepared, config, state);
  const adopted = stays && !changed && running.status !== "stopping" && startedAsOurs(launch);
  const pid = adopted ? await adopt(launch, running) : await startAnew(launch, running);
  const stop = (): Promise<void> => {
    state.stopping = true;
    return stopPostmaster(launch, pid);
  };
  return { port, adopted, stop };
}

function launchOf(
  { log }: Serving,
  { cluster, binaries, account }: PreparedCluster,
  config: string,
  state: { readonly stopping: boolean },
): Launch {
  const ended = (): void => {
    if (!state.stopping) log(`PostgreSQL ended without being asked to; see ${path.join(cluster, "log")}`);
  };
  return { postgres: binaries.postgres, pgCtl: binaries.pgCtl, cluster, config, account, log, ended };
}

async function adopt(launch: Launch, running: PostmasterFile): Promise<number> {
  await untilServing(launch, running.pid);
  return running.pid;
}

async function startAnew(launch: Launch, running: PostmasterFile | null): Promise<number> {
  if (running !== null) {
    launch.log(`PostgreSQL (process ${running.pid}) was still running in another way and is restarted`);
    await stopPostmaster(launch, running.pid);
  }
  return launchPostmaster(launch);
}

/** Whether the running server has our programs, our configuration file and no option more: `-F` would turn fsync off. */
function startedAsOurs({ postgres, cluster, config }: Launch): boolean {
  if (process.platform === "win32") return true;
  const ours = `${postgres} "-D" "${cluster}" "--config-file=${config}"`;
  return readFileSync(path.join(cluster, "postmaster.opts"), "utf8").trim() === ours;
}
