import { Type } from "@sinclair/typebox";
import { clearNetworks } from "../features/access/index.ts";
import { command, json } from "./command.ts";
import { reach } from "./reach.ts";

export const networksClear = command({
  name: "networks clear",
  options: Type.Object({
    organization: Type.String({
      pattern: "^[a-z0-9][a-z0-9-]{1,47}$",
      description: "Its part of the address.",
    }),
    json,
  }),
  async run({ options, config, say }) {
    const reached = await reach(config());
    try {
      const cleared = await clearNetworks(reached.door("ops"), options.organization);
      if (options.json === true) say(JSON.stringify({ cleared }));
      else say(cleared ? "Any address may come in again." : "There was no list; nothing has changed.");
    } finally {
      await reached.close();
    }
  },
});
