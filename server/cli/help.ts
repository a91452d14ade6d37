import type { TSchema } from "@sinclair/typebox";
import type { Command, Listed } from "./command.ts";
import { choicesOf, flagOf } from "./option-faults.ts";

/** The text of `ringfence help`, or of a group such as `ringfence config`. */
export function helpOfAll(commands: readonly Listed[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    "ringfence COMMAND [options]",
    "",
    ...commands.map(({ name, does }) => `  ${name.padEnd(width)}  ${does}`),
    "",
    "ringfence COMMAND --help shows a command's options. The settings are listed in .env.example.",
  ].join("\n");
}

/** The text of `ringfence COMMAND --help`. */
export function helpOfOne({ name, does }: Listed, { options }: Command): string {
  const required = new Set(options.required ?? []);
  const rows = Object.entries(options.properties).map(([property, schema]) => ({
    left: `${flagOf(property)}${placeholderOf(schema)}`,
    right:
      `${schema.description ?? ""}${required.has(property) ? " Needed." : ""}${defaultOf(schema)}`.trim(),
  }));
  const width = Math.max(0, ...rows.map(({ left }) => left.length));
  return [
    `ringfence ${name}${rows.length === 0 ? "" : " [options]"}`,
    "",
    does,
    ...(rows.length === 0 ? [] : ["", ...rows.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`)]),
  ].join("\n");
}

function placeholderOf(schema: TSchema): string {
  if (schema["type"] === "boolean") return "";
  const choices = choicesOf(schema);
  if (choices !== null) return ` ${choices.join("|")}`;
  return schema["type"] === "number" || schema["type"] === "integer" ? " NUMBER" : " TEXT";
}

function defaultOf(schema: TSchema): string {
  const value: unknown = schema.default;
  return value === undefined ? "" : ` Default: ${String(value)}.`;
}
