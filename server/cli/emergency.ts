import { Type } from "@sinclair/typebox";
import { allowEmergencies, emergencies, type Emergency } from "../features/support/index.ts";
import { type Command, command, json } from "./command.ts";
import { reach } from "./reach.ts";

export const emergencyAllow = switching(
  "allow",
  true,
  () => "Emergency access is allowed. An organization may refuse it for good.",
);

export const emergencyForbid = switching(
  "forbid",
  false,
  (ended) => `Emergency access is forbidden${ended === 0 ? "" : `, and ${ended} ended`}.`,
);

export const emergencyList = command({
  name: "emergency list",
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

function switching(name: string, allowed: boolean, done: (ended: number) => string): Command {
  return command({
    name: `emergency ${name}`,
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
