import { Misconfigured } from "../foundation/config/index.ts";
import { describeError, type ErrorDescription } from "../foundation/log/index.ts";
import { PostgresRefusal } from "../foundation/postgres/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import { InstallRefused } from "../kernel/install/index.ts";
import { adviceOn } from "./problem-page.ts";
import { UsageFault } from "./usage-fault.ts";

/** What went wrong, for a person, with the exit code (as in BSD's sysexits.h where that has one). */
export interface Failure {
  readonly exitCode: number;
  readonly title: string;
  readonly detail?: string;
  readonly faults?: readonly string[];
  readonly fix?: string;
}

/** Puts whatever a command threw into words; a fault of ours is told by place and kind, never by its message. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof UsageFault) {
    const fix = `ringfence ${thrown.command === null ? "help" : `${thrown.command} --help`} shows what can be written.`;
    return { exitCode: 64, title: thrown.message, fix };
  }
  if (thrown instanceof Misconfigured) return misconfigured(thrown);
  if (thrown instanceof Problem) return refused(thrown);
  if (thrown instanceof PostgresRefusal) {
    return { exitCode: 1, title: "PostgreSQL cannot be used", detail: thrown.detail, fix: thrown.remedy };
  }
  if (thrown instanceof InstallRefused) {
    return { exitCode: 1, title: "This database cannot be served", faults: thrown.faults };
  }
  return {
    exitCode: 70,
    title: "Ringfence failed; this is a fault of its own",
    faults: linesOf(describeError(thrown)),
    fix: "Run it again; if it fails again, report these lines. They hold no values.",
  };
}

/** The failure as text for a terminal. */
export function failureText({ title, detail, faults = [], fix }: Failure): string {
  return [title, detail, ...faults.map((fault) => `  ${fault}`), fix === undefined ? undefined : `\n${fix}`]
    .filter((line) => line !== undefined)
    .join("\n");
}

function misconfigured({ faults }: Misconfigured): Failure {
  return {
    exitCode: 78,
    title: "The settings do not allow a start",
    faults: faults.map(({ name, fault }) => `${name} ${fault}`),
    fix: "Every setting is described in .env.example.",
  };
}

function refused({ key, message, detail, errors }: Problem): Failure {
  const advice = adviceOn(key);
  return {
    exitCode: 1,
    title: message,
    ...(detail === undefined ? {} : { detail }),
    ...(errors === undefined
      ? {}
      : { faults: errors.map(({ pointer, detail: fault }) => `${pointer}: ${fault}`) }),
    ...(advice === null ? {} : { fix: advice }),
  };
}

function linesOf({ name, frames = [], cause, errors = [], ...rest }: ErrorDescription, depth = 0): string[] {
  const indent = "  ".repeat(depth);
  const particulars = Object.entries(rest).map(([key, value]) => ` ${key}=${value}`);
  return [
    `${indent}${name}${particulars.join("")}`,
    ...frames.map((frame) => `${indent}  at ${frame}`),
    ...[...(cause === undefined ? [] : [cause]), ...errors].flatMap((one) => linesOf(one, depth + 1)),
  ];
}
