import { createRequire } from "node:module";
import { createLog } from "../server/foundation/log/create-log.ts";
import { rememberSecrets } from "../server/foundation/log/index.ts";

/**
 * CPU per logged request against JSON.stringify of the same line, the least that any structured log does, and
 * against pino with and without `redact`. Errors are logged without their messages, so they have no rival.
 */

const lines = 300_000;
const fields = {
  requestId: "018f2c3a-7b1c-7def-8123-456789abcdef",
  method: "GET",
  route: "/o/:organization/v1/contacts/:id",
  status: 200,
  milliseconds: 3.21,
  bytes: 1234,
  tenantId: "018f2c3a-7b1c-7def-8123-456789abcdee",
  personId: "018f2c3a-7b1c-7def-8123-456789abcded",
};

let written = 0;
const write = (line: string): void => {
  written += line.length;
};
const log = createLog(() => ({ level: "info", pretty: false, write }));

function microsecondsPerLine(act: () => void): number {
  for (let at = 0; at < lines / 10; at += 1) act();
  const before = process.cpuUsage();
  for (let at = 0; at < lines; at += 1) act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / lines;
}

rememberSecrets(Array.from({ length: 12 }, (_, at) => `a known secret number ${at}`));
const plain = microsecondsPerLine(() =>
  write(
    `${JSON.stringify({ time: new Date().toISOString(), level: "info", event: "request-finished", ...fields })}\n`,
  ),
);
const request = microsecondsPerLine(() => log.event("request-finished", fields));
const text = microsecondsPerLine(() =>
  log.event("start-refused", { reason: "the port 7460 on 127.0.0.1 is taken by another process" }),
);
const error = new TypeError("x", { cause: new Error("y") });
const failure = microsecondsPerLine(() => log.event("request-failed", { ...fields, error }));

// Fastify brings pino along; it is a rival here and no dependency of ours.
const { pino } = createRequire(import.meta.resolve("fastify"))("pino") as {
  pino: (options: object, stream: { write: typeof write }) => { info(fields: object, text: string): void };
};
const redact = [
  "req.headers.authorization",
  "req.headers.cookie",
  "password",
  "*.password",
  "*.token",
  "email",
  "*.email",
];
const rival = pino({}, { write });
const rivalRedacting = pino({ redact }, { write });
const pinoPlain = microsecondsPerLine(() => rival.info(fields, "request-finished"));
const pinoRedact = microsecondsPerLine(() => rivalRedacting.info(fields, "request-finished"));

const row = (what: string, cost: number): string =>
  `${what.padEnd(44)} ${cost.toFixed(2).padStart(7)} µs  ${(cost / plain).toFixed(2).padStart(6)}x`;
console.log(row("JSON.stringify, no protection at all", plain));
console.log(row("pino, no redaction", pinoPlain));
console.log(row("pino, redact with 7 paths", pinoRedact));
console.log(row("request-finished: allow-list and scrubber", request));
console.log(row("one sentence of text through the scrubber", text));
console.log(row("request-failed: error, cause and frames", failure));
if (written === 0) throw new Error("nothing was written");
