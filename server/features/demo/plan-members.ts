import { type Calendar, daysOfHistory } from "./calendar.ts";
import type { Dice } from "./dice.ts";
import type { DemoOrganization } from "./organizations.ts";

/** Member 0 is the demo's owner. */
export interface PlannedMember {
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly joinedAt: number;
  readonly ip: string;
  readonly device: string;
}

/** Members who work with records: whoever may create and change. */
export function workersOf(members: readonly PlannedMember[]): number[] {
  return members.flatMap(({ role }, index) => (index > 0 && role !== "viewer" ? [index] : []));
}

const devices: readonly string[] = [
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
];

/** The owner, who comes first, and the people of one organization. */
export function planMembers(
  { members, domain }: DemoOrganization,
  owner: { readonly name: string; readonly email: string },
  calendar: Calendar,
  dice: Dice,
): PlannedMember[] {
  const everybody = [{ ...owner, role: "owner" }, ...members];
  return everybody.map(({ name, role }, index) => ({
    name,
    role,
    email: index === 0 ? owner.email : `${addressOf(name)}@${domain}`,
    joinedAt: calendar.at(daysOfHistory, index / 20),
    // Addresses for documentation (RFC 5737).
    ip: `203.0.113.${dice.between(10, 250)}`,
    device: dice.pick(devices),
  }));
}

/** The part of an address before the @: plain letters and dots. */
export function addressOf(name: string): string {
  return name
    .replaceAll("ł", "l")
    .replaceAll("ı", "i")
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ".");
}
