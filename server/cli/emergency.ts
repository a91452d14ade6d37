import { Type } from "@sinclair/typebox";
import { allowEmergencies, emergencies, type Emergency } from "../features/support/index.ts";
import { type Command, command, json } from "./command.ts";
import { reach } from "./reach.ts";

export const emergencyAllow = switching(
  "allow",
  true,
  "Lets two operators together into an organization without its consent, to read for an hour; its owners are told.",
  () => "Emergency access is allowed. An organization may refuse it for good.",
);

export const emergencyForbid = switching(
  "forbid",
  false,
  "Lets operators in by an organization's grant only, as it is at first; ends emergency access that is live.",
  (ended) => `Emergency access is forbidden${ended === 0 ? "" : `, and ${ended} ended`}.`,
);

export const emergencyList = command({
  name: "emergency list",
  does: "Lists the emergencies in which operators asked to come in without consent, and what came of each.",
  options: Type.Object({ json }),
  async run({ options, config, say }) {
    const reached = await reach(config());
    try {
      const { allowed, items } = await emergencies(reached.door("ops"));
      if (options.json === true) return say(JSON.stringify({ allowed, items }));
      say(`Emergency access is ${allowed ? "allowed" : "forbidden"}.`);
      for (const one of items) say(lineOf(one));
    } finally {
      await reached.close();
    }
  },
});

function lineOf({
  askedAt,
  organization,
  operator,
  reference,
  confirmedBy,
  firstUsedAt,
  endedWhy,
}: Emergency): string {
  const confirmed = confirmedBy === null ? "not confirmed" : `confirmed by ${confirmedBy}`;
  const used = firstUsedAt === null ? "not used" : `used from ${firstUsedAt}`;
  return `${askedAt}  ${organization}  ${operator}  ${reference}  ${confirmed}, ${used}${endedWhy === null ? "" : `, ${endedWhy}`}`;
}

function switching(name: string, allowed: boolean, does: string, done: (ended: number) => string): Command {
  return command({
    name: `emergency ${name}`,
    does,
    options: Type.Object({}),
    async run({ config, say }) {
      const reached = await reach(config());
      try {
        say(done(await allowEmergencies(reached.door("ops"), allowed)));
      } finally {
        await reached.close();
      }
    },
  });
}
