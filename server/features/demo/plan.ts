import { type Calendar, daysOfHistory } from "./calendar.ts";
import { type Dice, diceOf } from "./dice.ts";
import { contactsEach, type DemoOrganization } from "./organizations.ts";
import { planAccounts, type PlannedAccount } from "./plan-accounts.ts";
import { planContacts, type PlannedContact } from "./plan-contacts.ts";
import { planChanges, type PlannedChange } from "./plan-changes.ts";
import { planMembers, type PlannedMember } from "./plan-members.ts";

/** Everything that is to happen in one organization; people and records are named by their place in these lists. */
export interface DemoPlan {
  readonly organization: DemoOrganization;
  readonly foundedAt: number;
  readonly members: readonly PlannedMember[];
  readonly accounts: readonly PlannedAccount[];
  readonly contacts: readonly PlannedContact[];
  readonly changes: readonly PlannedChange[];
  readonly signIns: readonly { readonly member: number; readonly at: number }[];
}

/** Throws the dice for one organization. The same organization gives the same plan, but for the calendar's times. */
export function planOrganization(
  organization: DemoOrganization,
  owner: { readonly name: string; readonly email: string },
  calendar: Calendar,
): DemoPlan {
  const dice = (part: string): Dice => diceOf(`${organization.slug} ${part}`);
  const members = planMembers(organization, owner, calendar, dice("members"));
  const accounts = planAccounts(organization, members, calendar, dice("accounts"));
  const contacts = planContacts(
    { organization, members, accounts, count: contactsEach },
    calendar,
    dice("contacts"),
  );
  return {
    organization,
    foundedAt: calendar.at(daysOfHistory, 0),
    members,
    accounts,
    contacts,
    changes: planChanges(organization, members, contacts, calendar, dice("changes")),
    signIns: planSignIns(members, calendar, dice("sign-ins")),
  };
}

function planSignIns(
  members: readonly PlannedMember[],
  calendar: Calendar,
  dice: Dice,
): { member: number; at: number }[] {
  return members.flatMap((_, member) =>
    Array.from({ length: dice.between(12, 40) }, () => ({
      member,
      at: calendar.at(dice.between(0, daysOfHistory - 2), dice.next()),
    })),
  );
}
