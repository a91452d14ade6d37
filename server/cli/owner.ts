import { Type } from "@sinclair/typebox";
import { openOwnerRestore } from "../features/access/index.ts";
import { command, json } from "./command.ts";
import { reach } from "./reach.ts";

export const ownerRestore = command({
  name: "owner restore",
  options: Type.Object({
    organization: Type.String({
      pattern: "^[a-z0-9][a-z0-9-]{1,47}$",
      description: "Its part of the address.",
    }),
    email: Type.String({
      pattern: "^[^\\s@]+@[^\\s@]+$",
      maxLength: 320,
      description: "The owner's address. Make sure in another way that it is they who ask.",
    }),
    json,
  }),
  async run({ options: { organization, email, json: asJson }, config, say }) {
    const settings = config();
    const reached = await reach(settings);
    try {
      const origin = settings.publicUrl ?? `http://${settings.host}:${settings.port}`;
      const made = await openOwnerRestore(reached.door("ops"), { organization, email, origin });
      if (asJson === true) say(JSON.stringify(made));
      else say(told(made));
    } finally {
      await reached.close();
    }
  },
});

function told({ link, minutes }: { readonly link: string; readonly minutes: number }): string {
  return `This link works once, for ${minutes} minutes. Hand it to the owner in person or over a line that you trust:

  ${link}

It signs the owner in, ends every other session of theirs and removes their second factors.
`;
}
