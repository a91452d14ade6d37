import type { Calendar } from "./calendar.ts";
import type { Dice } from "./dice.ts";
import type { DemoOrganization } from "./organizations.ts";
import { phoneOf } from "./plan-accounts.ts";
import type { PlannedContact } from "./plan-contacts.ts";
import { type PlannedMember, workersOf } from "./plan-members.ts";
import { notes, tags, titles } from "./words.ts";

/** Something that somebody did to a contact after it was made; `owner` in the values is a place in the list of members. */
export interface PlannedChange {
  readonly contact: number;
  readonly by: number;
  readonly at: number;
  readonly act: "change" | "archive" | "restore";
  /** How many things were done to this contact before. */
  readonly round: number;
  readonly values: Readonly<Record<string, unknown>>;
}

const nextStage: Readonly<Record<string, string>> = {
  lead: "open",
  open: "customer",
  customer: "former",
  former: "open",
};
/** Archived records are erased after 30 days; a demo that starts with an empty archive would show less. */
const archivedDaysMax = 24;

/** What happened to the contacts: most stay as they were, some are worked on again and again. */
export function planChanges(
  organization: DemoOrganization,
  members: readonly PlannedMember[],
  contacts: readonly PlannedContact[],
  calendar: Calendar,
  dice: Dice,
): PlannedChange[] {
  const workers = workersOf(members);
  const managers = members.flatMap(({ role }, index) =>
    role === "manager" || role === "admin" ? [index] : [],
  );
  return contacts.flatMap((contact, index): PlannedChange[] => {
    const changes: PlannedChange[] = [];
    const stage = { now: contact.values.stage };
    const times = Array.from({ length: dice.chance(0.4) ? dice.between(1, 4) : 0 }, () =>
      calendar.after(contact.at, dice.next(), dice.next()),
    );
    for (const at of ascending(times, contact.at, calendar.now)) {
      const by = dice.chance(0.7) ? contact.owner : dice.pick(workers);
      const values = whatChanged(organization, workers, stage, dice);
      changes.push({ contact: index, by, at, act: "change", round: changes.length, values });
    }
    changes.push(
      ...archiving(index, changes.at(-1)?.at ?? contact.at, changes.length, managers, calendar, dice),
    );
    return changes;
  });
}

function whatChanged(
  organization: DemoOrganization,
  workers: readonly number[],
  stage: { now: string },
  dice: Dice,
): Readonly<Record<string, unknown>> {
  const kind = dice.next();
  if (kind < 0.4) {
    stage.now = nextStage[stage.now] ?? "open";
    return { stage: stage.now };
  }
  if (kind < 0.55) return { notes: `${dice.pick(notes)} ${dice.pick(notes)}` };
  if (kind < 0.7) return { tags: [dice.pick(tags)] };
  if (kind < 0.8) return { phone: phoneOf(organization, dice) };
  if (kind < 0.9) return { title: dice.pick(titles) };
  if (kind < 0.95) return { owner: dice.pick(workers) };
  return { email_opt_out: true };
}

function archiving(
  contact: number,
  since: number,
  round: number,
  managers: readonly number[],
  calendar: Calendar,
  dice: Dice,
): PlannedChange[] {
  if (!dice.chance(0.035)) return [];
  const from = Math.max(since, calendar.at(archivedDaysMax, 0));
  const by = dice.pick(managers);
  const at = calendar.after(from, dice.next() * 0.8, dice.next());
  const archived: PlannedChange = { contact, by, at, act: "archive", round, values: {} };
  if (!dice.chance(0.3)) return [archived];
  const back = calendar.after(at, dice.next(), dice.next());
  return [
    archived,
    { contact, by: dice.pick(managers), at: back, act: "restore", round: round + 1, values: {} },
  ];
}

/** In order, each a little after the one before. */
function ascending(times: readonly number[], after: number, now: number): number[] {
  let last = after;
  return times
    .toSorted((a, b) => a - b)
    .map((time) => {
      last = Math.min(Math.max(time, last + 1_000), now);
      return last;
    });
}
