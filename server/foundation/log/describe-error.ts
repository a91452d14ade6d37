import { fileURLToPath } from "node:url";
import { Problem } from "../problem/index.ts";
import { scrubOnce } from "./scrub-once.ts";

/** What the log says about something thrown: where it happened and of what kind it is, never what it said. */
export interface ErrorDescription {
  readonly name: string;
  readonly code?: string;
  readonly problem?: string;
  readonly syscall?: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly column?: string;
  readonly frames?: readonly string[];
  readonly cause?: ErrorDescription;
  readonly errors?: readonly ErrorDescription[];
}

// Class names, constraints, Node's codes, and SQLSTATEs such as 23505.
const names = /^(?:[A-Za-z_$][\w$.-]{0,79}|[0-9A-Z]{5})$/;
const depthMax = 5;
const framesMax = 12;
const siblingsMax = 4;
const named = ["code", "syscall", "constraint", "table", "column"] as const;
// Frames name files as paths or as URLs, depending on who loaded them.
const installation = new URL("../../../", import.meta.url);
const roots = [installation.href, fileURLToPath(installation)];

/**
 * Describes an error with its causes, without any message: messages quote what people sent (a JSON parser's, a
 * database's, even a TypeError's), and the stack frames tell a developer more. Names and codes must look like names.
 */
export function describeError(thrown: unknown, depth = 0): ErrorDescription {
  if (!(thrown instanceof Error)) return { name: thrown === null ? "null" : typeof thrown };
  const description: Record<string, unknown> = { name: nameOf(thrown) };
  for (const key of named) {
    const value = identifier(Reflect.get(thrown, key));
    if (value !== null) description[key] = value;
  }
  if (thrown instanceof Problem) description["problem"] = thrown.key;
  const frames = framesOf(thrown);
  if (frames.length > 0) description["frames"] = frames;
  if (depth < depthMax) Object.assign(description, relatives(thrown, depth + 1));
  // Built above from nothing but the keys that the type names.
  return description as unknown as ErrorDescription;
}

function relatives(thrown: Error, depth: number): Partial<ErrorDescription> {
  const cause = thrown.cause === undefined ? {} : { cause: describeError(thrown.cause, depth) };
  if (!(thrown instanceof AggregateError)) return cause;
  const several: readonly unknown[] = thrown.errors.slice(0, siblingsMax);
  return { ...cause, errors: several.map((error) => describeError(error, depth)) };
}

function nameOf(thrown: Error): string {
  return identifier(thrown.name) ?? "Error";
}

/** Codes, constraints and class names are short ASCII words; a value that poses as one still passes the scrubber. */
function identifier(value: unknown): string | null {
  return typeof value === "string" && names.test(value) ? scrubOnce(value) : null;
}

/**
 * The stack's frames as `function file:line:column`, files relative to the installation. A message can imitate a
 * frame, so only what follows the message counts, and only places in our own files, in packages and in Node.
 */
function framesOf({ stack = "", message }: Error): string[] {
  const at = stack.indexOf(message);
  if (at < 0) return []; // The message changed after the stack was written: where it ends cannot be told.
  const frames: string[] = [];
  for (const line of stack.slice(at + message.length).split("\n")) {
    const place = placeOf(line);
    if (place === null) continue;
    const [, caller = ""] = /^ {4}at (?:async )?((?:new )?[\w$.<>]{1,120}) /.exec(line) ?? [];
    frames.push(scrubOnce(`${caller} ${place}`.trim()));
    if (frames.length === framesMax) break;
  }
  return frames;
}

function placeOf(line: string): string | null {
  if (!line.startsWith("    at ")) return null;
  const ours = roots.find((root) => line.includes(root));
  const node = line.indexOf("node:");
  const path = ours === undefined ? line.slice(node) : line.slice(line.indexOf(ours) + ours.length);
  if (ours === undefined && node < 0) return null;
  return /^([\w./\\:@+-]{1,400}:\d{1,7}:\d{1,7})\)?$/.exec(path)?.[1] ?? null;
}
