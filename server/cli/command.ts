import { type Static, type TObject, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Config } from "../foundation/config/index.ts";
import { faultsOf } from "./option-faults.ts";
import { UsageFault } from "./usage-fault.ts";

/** What a command is given beside its options. */
export interface Tools {
  /** Prints a line for whoever ran the command. */
  readonly say: (text: string) => void;
  /** The configuration, read when it is first asked for: a broken environment does not keep `help` from working. */
  readonly config: () => Config;
}

/** The exit code, or nothing for success. */
type Outcome = void | number | Promise<void | number>;

interface Declared<Options extends TObject> {
  /** One to three words, as they are typed. */
  readonly name: string;
  /** Property names in camelCase become options in kebab-case; each property's `description` is its line of help. */
  readonly options: Options;
  readonly run: (given: Tools & { readonly options: Static<Options> }) => Outcome;
}

export interface Command {
  readonly name: string;
  readonly options: TObject;
  /** Checks the options against their schema, then runs. */
  readonly runWith: (options: unknown, tools: Tools) => Promise<number>;
}

/** What is known of a command before it is loaded. */
export interface Listed {
  /** As the command itself has it. */
  readonly name: string;
  /** One sentence for `help`. */
  readonly does: string;
  readonly load: () => Promise<Command>;
}

/** The option of every command whose answer a program may want to read. */
export const json = Type.Optional(Type.Boolean({ description: "Print JSON for programs." }));

/**
 * Declares a command of `ringfence`. Throw a `Problem` to refuse, return a number to end with that exit code; anything
 * else that is thrown counts as a fault of ours.
 */
export function command<Options extends TObject>({ name, options, run }: Declared<Options>): Command {
  return {
    name,
    options,
    async runWith(given, tools) {
      if (!Value.Check(options, given)) throw new UsageFault(faultsOf(options, given).join("\n"), name);
      return (await run({ ...tools, options: given })) ?? 0;
    },
  };
}
