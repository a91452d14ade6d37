import { Type } from "@sinclair/typebox";
import { rotateSigningKey } from "../features/identity/index.ts";
import { installationVault } from "../kernel/vault/index.ts";
import { command } from "./command.ts";
import { reach } from "./reach.ts";

export const rotateSigning = command({
  name: "keys rotate-signing",
  options: Type.Object({}),
  async run({ config, say }) {
    const reached = await reach(config());
    try {
      const vault = installationVault(reached.secret);
      // A new installation has none yet: its first is made on the way.
      const became = await rotateSigningKey(reached.door("ops"), vault, true);
      if (became === "current") await rotateSigningKey(reached.door("ops"), vault, true);
      say(
        "A new key signs within a minute. The one before verifies what it has signed for two hours more; the one after is published already.",
      );
    } finally {
      await reached.close();
    }
  },
});
