import { createLog, type Log, type LogOptions } from "./create-log.ts";

export type { Log, LogOptions } from "./create-log.ts";
export { describeError, type ErrorDescription } from "./describe-error.ts";
export type { EventName, Fields, Level } from "./events.ts";
export { scrub } from "./scrub.ts";
export { rememberSecrets } from "./scrub-once.ts";

let options: LogOptions = {
  level: "info",
  pretty: process.stdout.isTTY,
  write: toStandardOutput,
};
let listening = false;

/** The log of this process: lines of JSON on standard output, or readable ones when that is a terminal. */
export const log: Log = createLog(() => options);

/** Changes how this process logs from the next event on. */
export function configureLog(changes: Partial<LogOptions>): void {
  options = { ...options, ...changes };
}

/** Whoever reads the log may go away; that must not take the server down, as an unheard EPIPE would. */
function toStandardOutput(line: string): void {
  if (!listening) process.stdout.on("error", () => undefined);
  listening = true;
  process.stdout.write(line);
}
