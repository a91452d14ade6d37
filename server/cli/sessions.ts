import { Type } from "@sinclair/typebox";
import { endAllSessions } from "../features/access/index.ts";
import { command, json } from "./command.ts";
import { reach } from "./reach.ts";

export const sessionsEnd = command({
  name: "sessions end",
  options: Type.Object({ json }),
  async run({ options, config, say }) {
    const reached = await reach(config());
    try {
      const ended = await endAllSessions(reached.door("ops"));
      if (options.json === true) say(JSON.stringify({ ended }));
      else
        say(
          ended === 0 ? "Nobody was signed in." : `Everybody signs in again: ${ended} sessions have ended.`,
        );
    } finally {
      await reached.close();
    }
  },
});
