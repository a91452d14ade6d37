import { type Config, nearestName, secretValues } from "../foundation/config/index.ts";
import { rememberSecrets } from "../foundation/log/index.ts";
import type { Listed } from "./command.ts";
import { helpOfAll, helpOfOne } from "./help.ts";
import { parseOptions } from "./parse-options.ts";
import { UsageFault } from "./usage-fault.ts";

export interface Surroundings {
  readonly commands: readonly Listed[];
  readonly readConfig: () => Config;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Runs what was typed after `ringfence` and resolves to the exit code; never rejects. */
export async function runCli(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { commands, out, err } = surroundings;
  const wantsJson = words.includes("--json");
  try {
    const asked = wordsBeforeOptions(words);
    if (words.length === 0 || asked[0] === "help") return await help(asked.slice(1), commands, out);
    if (words[0] === "--version") return await runNamed(["version"], surroundings);
    if (words.includes("--help") || words.includes("-h")) return await help(asked, commands, out);
    return await runNamed(words, surroundings);
  } catch (thrown) {
    const { failureOf, failureText } = await import("./report-failure.ts");
    const failure = failureOf(thrown);
    err(wantsJson ? JSON.stringify(failure) : failureText(failure));
    return failure.exitCode;
  }
}

async function runNamed(
  words: readonly string[],
  { commands, readConfig, out }: Surroundings,
): Promise<number> {
  const { listed, rest } = commandIn(words, commands);
  const command = await listed.load();
  const options = parseOptions(command.name, command.options, rest);
  return command.runWith(options, {
    // In braces: a command may `return say(…)`, and what a writer returns is no exit code.
    say: (text) => {
      out(text);
    },
    config: () => withoutTrace(readConfig()),
  });
}

async function help(
  asked: readonly string[],
  commands: readonly Listed[],
  out: (text: string) => void,
): Promise<number> {
  const group = commands.filter(({ name }) => name.startsWith(`${asked.join(" ")} `));
  if (asked.length === 0) out(helpOfAll(commands));
  else if (group.length > 0) out(helpOfAll(group));
  else {
    const { listed } = commandIn(asked, commands);
    out(helpOfOne(listed, await listed.load()));
  }
  return 0;
}

/** The longest name that the words begin with, so that `config explain` wins over a command called `config`. */
function commandIn(
  words: readonly string[],
  commands: readonly Listed[],
): { readonly listed: Listed; readonly rest: readonly string[] } {
  const asked = wordsBeforeOptions(words);
  for (let length = asked.length; length > 0; length -= 1) {
    const name = asked.slice(0, length).join(" ");
    const listed = commands.find((one) => one.name === name);
    if (listed !== undefined) return { listed, rest: words.slice(length) };
  }
  throw unknown(asked, commands);
}

function unknown(asked: readonly string[], commands: readonly Listed[]): UsageFault {
  const written = asked.slice(0, 3).join(" ");
  const group = commands.filter(({ name }) => name.startsWith(`${asked[0] ?? ""} `)).map(({ name }) => name);
  const meant = nearestName(
    written,
    commands.map(({ name }) => name),
  );
  if (meant !== null)
    return new UsageFault(`There is no such command; did you mean ringfence ${meant}?`, null);
  if (group.length > 0) return new UsageFault(`Say which one: ${group.join(", ")}`, null);
  return new UsageFault("There is no such command", null);
}

function wordsBeforeOptions(words: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => word.startsWith("-"));
  return first < 0 ? words : words.slice(0, first);
}

/** Whatever a command logs from now on, the secrets of the configuration are struck out of it. */
function withoutTrace(config: Config): Config {
  rememberSecrets(secretValues(config));
  return config;
}
