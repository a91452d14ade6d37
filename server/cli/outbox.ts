import { Type } from "@sinclair/typebox";
import { type WaitingLetter, waitingLetters, waitingPersonMail } from "../features/administration/index.ts";
import { command, json } from "./command.ts";
import { reach } from "./reach.ts";

export const outbox = command({
  name: "outbox",
  options: Type.Object({
    organization: Type.Optional(
      Type.String({
        pattern: "^[a-z0-9][a-z0-9-]{1,47}$",
        description:
          "Its part of the address: its invitations and warnings; without it, people's own mail and all invitations.",
      }),
    ),
    json,
  }),
  async run({ options, config, say }) {
    const reached = await reach(config());
    try {
      const ops = reached.door("ops");
      const letters =
        options.organization === undefined
          ? await waitingPersonMail(ops, reached.secret)
          : await waitingLetters(ops, reached.secret, options.organization);
      if (options.json === true) say(JSON.stringify({ items: letters }));
      else say(letters.length === 0 ? "No mail is waiting." : letters.map(shown).join("\n"));
    } finally {
      await reached.close();
    }
  },
});

function shown({ to, subject, state, lastError, createdAt, text }: WaitingLetter): string {
  const failure = lastError === null ? "" : ` (${lastError})`;
  const body = text ?? "It cannot be opened: its key is gone.";
  const indented = body.trimEnd().replace(/^/gm, "  ");
  return `${createdAt}  ${state}${failure}  to ${to}: ${subject}\n${indented}\n`;
}
