import { Type } from "@sinclair/typebox";
import { InstallRefused } from "../kernel/install/index.ts";
import type { DemoSignIn } from "../features/demo/index.ts";
import type { Base } from "../base.ts";
import { start as startServer, type Running } from "../main.ts";
import { Problem } from "../foundation/problem/index.ts";
import { buildConsoleIfStale } from "./build-console.ts";
import { command } from "./command.ts";
import { ensureDemo, signInText } from "./demo.ts";
import { installedVersion } from "./version.ts";

export const start = command({
  name: "start",
  options: Type.Object({
    demo: Type.Optional(
      Type.Boolean({ description: "Make two organizations of made-up data to look around in." }),
    ),
  }),
  async run({ options, config, say }) {
    const settings = config();
    let signIn: DemoSignIn | null = null;
    // Beside the database's start: the two together take hardly longer than one of them.
    const building = buildConsoleIfStale(say);
    const prepare = async (base: Base): Promise<void> => {
      if (options.demo === true) signIn = await ensureDemo(settings, base, say);
      await building;
    };
    const running = await startServer(settings, installedVersion(), say, prepare).catch((error: unknown) => {
      if (!(error instanceof InstallRefused)) throw error;
      throw new Problem("wrong-state", {
        detail: `The database is not as this version declares it, so nothing is served:\n${error.faults.map((fault) => `  - ${fault}`).join("\n")}`,
        cause: error,
      });
    });
    say(greeting(running));
    if (signIn !== null) say(signInText(signIn, running.url));
    await stopped(running, say);
  },
});

function greeting({ url, setupLink }: Running): string {
  if (setupLink === null) return `\nRingfence is ready: ${url}\n`;
  return `
Ringfence is ready, and belongs to nobody yet. Open this link to make it yours:

  ${setupLink}

It works once, for 15 minutes; a restart prints a new one.
`;
}

/** Waits for Ctrl-C or SIGTERM, drains, and ends; a second signal hangs up at once. */
function stopped(running: Running, say: (text: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const stop = (): void => {
      if (stopping) process.exit(1);
      stopping = true;
      say("Stopping: requests under way may finish.");
      running.stop().then(resolve, reject);
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}
