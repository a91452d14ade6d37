import { Type } from "@sinclair/typebox";
import { doorRoles } from "../kernel/install/index.ts";
import { roleDsn } from "../base.ts";
import { command, json } from "./command.ts";

export const databaseUrl = command({
  name: "database url",
  options: Type.Object({
    role: Type.String({ description: `One of ${doorRoles.map((role) => `rf_${role}`).join(", ")}.` }),
    json,
  }),
  async run({ options, config, say }) {
    const url = await roleDsn(config(), options.role);
    say(options.json === true ? JSON.stringify({ role: options.role, url }) : url);
  },
});
