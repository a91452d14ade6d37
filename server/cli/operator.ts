import { Type } from "@sinclair/typebox";
import { operators, type OperatorChange, setOperator } from "../features/support/index.ts";
import { type Command, command, json } from "./command.ts";
import { reach } from "./reach.ts";

const email = Type.String({ pattern: "^[^\\s@]+@[^\\s@]+$", description: "The address of their account." });

export const operatorAdd = changing(
  "add",
  (address) => `${address} is an operator now, and comes in where an organization grants it.`,
);

export const operatorRemove = changing("remove", (address) => `${address} is no operator any more.`);

export const operatorList = command({
  name: "operator list",
  options: Type.Object({ json }),
  async run({ options, config, say }) {
    const reached = await reach(config());
    try {
      const found = await operators(reached.door("ops"));
      if (options.json === true) return say(JSON.stringify({ items: found }));
      if (found.length === 0) return say("There are no operators.");
      for (const { email: address, name, secondFactor, liveGrants } of found) {
        const factor = secondFactor ? "" : "  (no second factor: comes in nowhere)";
        say(`${address}  ${name}  ${liveGrants} live ${liveGrants === 1 ? "grant" : "grants"}${factor}`);
      }
    } finally {
      await reached.close();
    }
  },
});

function changing(change: OperatorChange, done: (address: string) => string): Command {
  return command({
    name: `operator ${change}`,
    options: Type.Object({ email }),
    async run({ options, config, say }) {
      const reached = await reach(config());
      try {
        await setOperator(reached.door("ops"), change, options.email);
        say(done(options.email));
      } finally {
        await reached.close();
      }
    },
  });
}
