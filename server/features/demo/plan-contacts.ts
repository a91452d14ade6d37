import { type Calendar, daysOfHistory } from "./calendar.ts";
import type { Dice } from "./dice.ts";
import type { DemoOrganization } from "./organizations.ts";
import { addressOf, type PlannedMember, workersOf } from "./plan-members.ts";
import { ownValuesOf, phoneOf, type PlannedAccount } from "./plan-accounts.ts";
import { familyNames, givenNames, notes, sources, tags, titles } from "./words.ts";

/** A row of app.contact as it is first written; `account` and `owner` are places in the plan's lists. */
export interface PlannedContact {
  readonly at: number;
  readonly by: number;
  /** Which of the plan's imports brought it, or null when somebody typed it in. */
  readonly import: number | null;
  readonly account: number | null;
  readonly owner: number;
  readonly values: Readonly<Record<string, unknown>> & { readonly stage: string };
}

/** The files that brought contacts: the old system at the start, and visitors of a fair. */
export const demoImports = [
  { fileName: "export-old-crm.csv", daysAgo: daysOfHistory - 3, contacts: 2_600, failed: 37, by: 1 },
  { fileName: "spring-fair-visitors.csv", daysAgo: 19, contacts: 240, failed: 6, by: 4 },
] as const;

const stages = ["lead", "lead", "lead", "open", "open", "customer", "customer", "former"] as const;

interface Surroundings {
  readonly organization: DemoOrganization;
  readonly members: readonly PlannedMember[];
  readonly accounts: readonly PlannedAccount[];
  readonly count: number;
}

/** The contacts of an organization: first those that came in files, then those that people typed in over the weeks. */
export function planContacts(around: Surroundings, calendar: Calendar, dice: Dice): PlannedContact[] {
  const workers = workersOf(around.members);
  const contacts: PlannedContact[] = [];
  const taken = new Set<string>();
  for (const [index, { contacts: count, daysAgo, by }] of demoImports.entries()) {
    const at = calendar.at(daysAgo, 0.4);
    for (let row = 0; row < count; row += 1) {
      contacts.push({ ...person(around, workers, taken, dice), at: at + row * 4, by, import: index });
    }
  }
  while (contacts.length < around.count) {
    const { owner, ...rest } = person(around, workers, taken, dice);
    const at = calendar.at(dice.between(0, daysOfHistory - 4), dice.next());
    contacts.push({ ...rest, owner, at, by: owner, import: null });
  }
  return contacts;
}

function person(
  { organization, accounts }: Surroundings,
  workers: readonly number[],
  taken: Set<string>,
  dice: Dice,
): Pick<PlannedContact, "account" | "owner" | "values"> {
  const [given, family] = [dice.pick(givenNames), dice.pick(familyNames)];
  const account = dice.chance(0.85) ? dice.between(0, accounts.length - 1) : null;
  const domain = account === null ? "post.example" : (accounts[account]?.values.domain ?? "post.example");
  const place = dice.pick(organization.places);
  return {
    account,
    owner: dice.pick(workers),
    values: {
      first_name: given,
      last_name: family,
      email: freshAddress(addressOf(`${given}.${family}`), domain, taken),
      phone: dice.chance(0.8) ? phoneOf(organization, dice) : null,
      title: account === null ? null : dice.pick(titles),
      stage: dice.pick(stages),
      source: dice.pick(sources),
      city: place.city,
      country: place.country,
      tags: someTags(dice),
      notes: dice.chance(0.15) ? dice.pick(notes) : null,
      do_not_call: dice.chance(0.04),
      email_opt_out: dice.chance(0.06),
      custom: ownValuesOf(organization.fields, "contact", dice),
    },
  };
}

function someTags(dice: Dice): string[] {
  return [...new Set(Array.from({ length: dice.between(0, 2) }, () => dice.pick(tags)))];
}

function freshAddress(local: string, domain: string, taken: Set<string>): string {
  let address = `${local}@${domain}`;
  for (let number = 2; taken.has(address); number += 1) address = `${local}${number}@${domain}`;
  taken.add(address);
  return address;
}
