import { Type } from "@sinclair/typebox";
import { type Refusal, refusals as latest } from "../features/administration/index.ts";
import { command, json } from "./command.ts";
import { reach } from "./reach.ts";

export const refusals = command({
  name: "refusals",
  options: Type.Object({
    address: Type.Optional(
      Type.String({ pattern: "^[0-9a-fA-F:.]{2,45}$", description: "Only what came from this address." }),
    ),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, description: "How many; 50 unless said." }),
    ),
    json,
  }),
  async run({ options, config, say }) {
    const reached = await reach(config());
    try {
      const wanted = { address: options.address ?? null, limit: options.limit ?? 50 };
      const found = await latest(reached.door("ops"), wanted);
      if (options.json === true) return say(JSON.stringify({ items: found }));
      say(found.length === 0 ? "Nobody was turned away." : found.map(shown).join("\n"));
    } finally {
      await reached.close();
    }
  },
});

function shown({ at, reason, door, email, ip, device }: Refusal): string {
  return [at, reason, door, email ?? "nobody's account", ip ?? "no address", device ?? ""]
    .join("  ")
    .trimEnd();
}
