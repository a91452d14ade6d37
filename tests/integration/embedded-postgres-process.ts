import { pathToFileURL } from "node:url";
import { startEmbeddedPostgres } from "../../server/foundation/postgres/index.ts";

/** What the process tells on its output, a JSON line each. */
export type Told =
  | { readonly event: "log"; readonly line: string }
  | {
      readonly event: "started";
      readonly connectionString: string;
      readonly port: number;
      readonly adopted: boolean;
    }
  | { readonly event: "refused"; readonly message: string };

/** A product process in small: starts on the options of its argument, then waits to be stopped or killed. */
async function run(): Promise<void> {
  const options: { dataDirectory: string; umask?: number } = JSON.parse(process.argv[2] ?? "{}");
  if (options.umask !== undefined) process.umask(options.umask);
  try {
    const { connectionString, port, adopted, stop } = await startEmbeddedPostgres({
      ...options,
      log: tellLine,
    });
    tell({ event: "started", connectionString, port, adopted });
    process.stdin.once("data", () => void stop().then(() => process.exit(0)));
  } catch (error) {
    tell({ event: "refused", message: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
  }
}

function tellLine(line: string): void {
  tell({ event: "log", line });
}

function tell(told: Told): void {
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await run();
