import { Type } from "@sinclair/typebox";
import { addOperator, operators, removeOperator } from "../features/support/index.ts";
import { command, json } from "./command.ts";
import { reach } from "./reach.ts";

const email = Type.String({ pattern: "^[^\\s@]+@[^\\s@]+$", description: "The address of their account." });

const organization = Type.Optional(
  Type.String({
    description: "The platform's own organization; needed only for somebody who belongs to several.",
  }),
);

export const operatorAdd = command({
  name: "operator add",
  options: Type.Object({ email, organization }),
  async run({ options, config, say }) {
    const reached = await reach(config());
    try {
      await addOperator(reached.door("ops"), options.email, options.organization ?? null);
      say(`${options.email} is an operator now, and comes in where an organization grants it.`);
    } finally {
      await reached.close();
    }
  },
});

export const operatorRemove = command({
  name: "operator remove",
  options: Type.Object({ email }),
  async run({ options, config, say }) {
    const reached = await reach(config());
    try {
      await removeOperator(reached.door("ops"), options.email);
      say(`${options.email} is no operator any more.`);
    } finally {
      await reached.close();
    }
  },
});

export const operatorList = command({
  name: "operator list",
  options: Type.Object({ json }),
  async run({ options, config, say }) {
    const reached = await reach(config());
    try {
      const found = await operators(reached.door("ops"));
      if (options.json === true) return say(JSON.stringify({ items: found }));
      if (found.length === 0) return say("There are no operators.");
      for (const { email: address, name, organization: slug, secondFactor, liveGrants } of found) {
        const factor = secondFactor ? "" : "  (no second factor: comes in nowhere)";
        const grants = `${liveGrants} live ${liveGrants === 1 ? "grant" : "grants"}`;
        say(`${address}  ${name}  ${slug}  ${grants}${factor}`);
      }
    } finally {
      await reached.close();
    }
  },
});
