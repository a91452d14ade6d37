import { type Calendar, daysOfHistory } from "./calendar.ts";
import type { Dice } from "./dice.ts";
import type { DemoField, DemoOrganization } from "./organizations.ts";
import { companyBeginnings, companyEndings, industries, tags } from "./words.ts";

/** A row of app.account as it is first written, with who wrote it and when. */
export interface PlannedAccount {
  readonly at: number;
  readonly by: number;
  readonly values: Readonly<Record<string, unknown>> & { readonly name: string; readonly domain: string };
}

interface Worker {
  readonly role: string;
}

const legalForms: Readonly<Record<string, readonly string[]>> = {
  GB: ["Ltd", "plc", "& Sons", "Outfitters"],
  IE: ["Ltd", "Stores"],
  AT: ["GmbH", "KG", "e.U."],
  DE: ["GmbH", "AG", "KG"],
  CH: ["AG", "GmbH"],
};

/** The companies of an organization, each with a domain of its own. */
export function planAccounts(
  organization: DemoOrganization,
  members: readonly Worker[],
  calendar: Calendar,
  dice: Dice,
): PlannedAccount[] {
  const taken = new Set<string>();
  return Array.from({ length: organization.accounts }, () => {
    const place = dice.pick(organization.places);
    const stem = freshStem(taken, dice);
    const by = dice.between(1, members.length - 2);
    const domain = `${stem.toLowerCase()}.example`;
    return {
      at: calendar.at(daysOfHistory - dice.between(0, 6), dice.next()),
      by,
      values: {
        name: `${stem} ${dice.pick(legalForms[place.country] ?? ["Ltd"])}`,
        domain,
        website: `https://${domain}`,
        phone: phoneOf(organization, dice),
        industry: dice.pick(industries),
        city: place.city,
        country: place.country,
        tags: dice.chance(0.25) ? [dice.pick(tags)] : [],
        custom: ownValuesOf(organization.fields, "account", dice),
      },
    };
  });
}

function freshStem(taken: Set<string>, dice: Dice): string {
  for (;;) {
    const stem = dice.pick(companyBeginnings) + dice.pick(companyEndings);
    if (!taken.has(stem)) {
      taken.add(stem);
      return stem;
    }
  }
}

/** A number that regulators keep free for films and books. */
export function phoneOf({ phones }: DemoOrganization, dice: Dice): string {
  const { start, digits } = dice.pick(phones);
  return start + String(dice.between(0, 10 ** digits - 1)).padStart(digits, "0");
}

/** Values of the organization's own fields; many are left empty, as in life. */
export function ownValuesOf(
  fields: readonly DemoField[],
  of: DemoField["of"],
  dice: Dice,
): Readonly<Record<string, unknown>> {
  const own = fields.filter((field) => field.of === of && dice.chance(0.6));
  return Object.fromEntries(own.map((field) => [field.key, ownValue(field, dice)]));
}

function ownValue({ type, choices = [] }: DemoField, dice: Dice): unknown {
  switch (type) {
    case "choice":
      return dice.pick(choices);
    case "number":
      return dice.between(1, 40) * 5;
    case "boolean":
      return dice.chance(0.5);
    case "date":
      return `2026-${String(dice.between(1, 12)).padStart(2, "0")}-${String(dice.between(1, 28)).padStart(2, "0")}`;
    case "text":
      return "as agreed";
  }
}
