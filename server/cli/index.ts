import { processConfig } from "../foundation/config/index.ts";
import { commands } from "./commands.ts";
import { runCli } from "./run-cli.ts";

// The exit code is set rather than forced, so that a server which a command started goes on running.
process.exitCode = await runCli(process.argv.slice(2), {
  commands,
  readConfig: processConfig,
  out: (text) => console.log(text),
  err: (text) => console.error(text),
});
