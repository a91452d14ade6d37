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

let waiting = "";
const waitingMax = 64 * 1024;

/**
 * Writes what one turn of the event loop has logged at once, and at the latest when the process ends: under load a
 * line for each request would be a system call for each.
 */
function toStandardOutput(line: string): void {
  if (!listening) listen();
  if (waiting === "") setImmediate(writeWaiting);
  waiting += line;
  if (waiting.length >= waitingMax) writeWaiting();
}

function listen(): void {
  listening = true;
  // Whoever reads the log may go away; that must not take the server down, as an unheard EPIPE would.
  process.stdout.on("error", () => undefined);
  process.on("exit", writeWaiting);
}

function writeWaiting(): void {
  if (waiting !== "") process.stdout.write(waiting);
  waiting = "";
}
