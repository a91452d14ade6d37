import type { ErrorDescription } from "./describe-error.ts";
import type { Level } from "./events.ts";
import type { FieldValue } from "./field-value.ts";

const colours = { debug: 90, info: 36, warn: 33, error: 31 } as const satisfies Record<Level, number>;

/** One event as a line for people at a terminal, with errors and their frames below it. */
export function prettyLine(
  time: string,
  level: Level,
  event: string,
  fields: Readonly<Record<string, FieldValue>>,
): string {
  const parts: string[] = [];
  const below: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "object") below.push(...errorLines(value));
    else parts.push(` ${coloured(90, `${name}=`)}${spaced(value)}`);
  }
  const head = `${coloured(90, time.slice(11, 23))} ${coloured(colours[level], level.padEnd(5))} ${event}`;
  return [`${head}${parts.join("")}`, ...below].join("\n");
}

function spaced(value: string | number | boolean): string {
  return typeof value === "string" && /[\s"]/.test(value) ? JSON.stringify(value) : String(value);
}

function errorLines(error: ErrorDescription, indent = "  "): string[] {
  const { name, frames = [], cause, errors = [], ...rest } = error;
  const particulars = Object.entries(rest).map(([key, value]) => ` ${key}=${value}`);
  return [
    `${indent}${coloured(31, name)}${particulars.join("")}`,
    ...frames.map((frame) => `${indent}  ${coloured(90, `at ${frame}`)}`),
    ...(cause === undefined ? [] : errorLines(cause, `${indent}  `)),
    ...errors.flatMap((one) => errorLines(one, `${indent}  `)),
  ];
}

function coloured(code: number, text: string): string {
  return `\u001b[${code}m${text}\u001b[39m`;
}
