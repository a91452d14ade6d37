import type { TObject, TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

/** How an option is typed: `apiKeyName` is `--api-key-name`. */
export function flagOf(property: string): string {
  return `--${property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The words that an option chooses from, or null when it takes anything of its type. */
export function choicesOf(schema: TSchema): readonly string[] | null {
  const members: unknown = schema["anyOf"] ?? [schema];
  if (!Array.isArray(members)) return null;
  const words = members.map((member: TSchema) => member["const"] as unknown);
  return words.every((word) => typeof word === "string") ? words : null;
}

/** What is wrong with the options given, a sentence each, without their values. */
export function faultsOf(options: TObject, given: unknown): string[] {
  const faults = new Map<string, string>();
  for (const { path, value, message } of Value.Errors(options, given)) {
    const property = path.split("/")[1] ?? "";
    if (faults.has(property)) continue;
    const schema = options.properties[property];
    const choices = schema === undefined ? null : choicesOf(schema);
    const wrong = choices === null ? message.toLowerCase() : `expected one of ${choices.join(", ")}`;
    faults.set(
      property,
      `${flagOf(property)} ${value === undefined ? "is needed" : `is not valid: ${wrong}`}`,
    );
  }
  return [...faults.values()];
}
