import { randomBytes } from "../../foundation/ids/index.ts";
import { now } from "../../foundation/clock/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import type { HashingConfig } from "../../kernel/passwords/index.ts";
import type { InvitationLetters } from "../administration/index.ts";
import type { KeyProvider } from "../../kernel/vault/index.ts";
import { keptPassword } from "../identity/index.ts";
import { openLedger } from "./backdate.ts";
import { type Calendar, calendarUntil } from "./calendar.ts";
import { asKernel, type Hands, type Workshop } from "./hands.ts";
import { contactsEach, type DemoOrganization, demoOrganizations, demoOwner } from "./organizations.ts";
import { type DemoPlan, planOrganization } from "./plan.ts";
import { openDoors, writeChanges, writePromotion, writeSignIns } from "./write-history.ts";
import { foundOrganization, inviteOnly, joinMember, ownerPerson } from "./write-organization.ts";
import { writeAccounts, writeContacts, writeFields, writeImports } from "./write-records.ts";

export interface SeedOptions extends InvitationLetters {
  /** Wraps the first data key of each organization. */
  readonly keys: KeyProvider;
  readonly hashing: HashingConfig;
  /** Takes progress, a line each. */
  readonly say: (line: string) => void;
  /** The moment until which history goes; now, unless told otherwise. */
  readonly until?: Date;
}

/** How to look around in the demo. The password exists nowhere else in plain text. */
export interface DemoSignIn {
  readonly email: string;
  /** Null when this person has an organization besides the demo, and so a password of their own. */
  readonly password: string | null;
  readonly organizations: readonly { readonly slug: string; readonly name: string }[];
}

/** Whether the demo is there: not at all, half made (its seeding was ended), or ready. */
export async function demoState({ db }: Workshop): Promise<"none" | "half" | "ready"> {
  const rows = await db.query("select state from kernel.demo_organizations()");
  if (rows.length === 0) return "none";
  const ready = rows.length === demoOrganizations.length && rows.every(({ state }) => state === "active");
  return ready ? "ready" : "half";
}

/**
 * Makes both demo organizations with everything in them; throws Problem("wrong-state") when there are some already.
 *
 * They stay closed until all is written, so nobody sees half of it.
 */
export async function seedDemo(shop: Workshop, options: SeedOptions): Promise<DemoSignIn> {
  if ((await demoState(shop)) !== "none") {
    throw new Problem("wrong-state", {
      detail: "The demo is here already. `ringfence demo remove` takes it away.",
    });
  }
  const calendar = calendarUntil((options.until ?? now()).getTime());
  const personId = await ownerPerson(shop, demoOwner);
  const founded: string[] = [];
  for (const organization of demoOrganizations) {
    founded.push(await seedOrganization(shop, organization, personId, calendar, options));
  }
  await asKernel(shop, (t) => openDoors(t, founded));
  await refreshStatistics(shop);
  return signInToDemo(shop, options.hashing);
}

async function seedOrganization(
  shop: Workshop,
  organization: DemoOrganization,
  personId: string,
  calendar: Calendar,
  options: SeedOptions,
): Promise<string> {
  const plan = planOrganization(organization, demoOwner, calendar);
  const { name } = organization;
  options.say(`${name}: ${plan.members.length} members`);
  const hands = await writeMembers(shop, plan, personId, calendar, options);
  const writing = { shop, plan, hands, ledger: openLedger() };
  await writeFields(writing);
  const accounts = await writeAccounts(writing);
  options.say(`${name}: ${accounts.length} accounts`);
  let told = 0;
  const contacts = await writeContacts(writing, accounts, (count) => {
    if (count - told < 1_000 && count < contactsEach) return;
    told = count;
    options.say(`${name}: ${count} of ${contactsEach} contacts`);
  });
  await writeImports(writing, contacts);
  options.say(`${name}: ${plan.changes.length} changes over 90 days`);
  await writeChanges(writing, contacts);
  await writeSignIns(writing);
  await writePromotion(writing, calendar.at(31, 0.3));
  const tenantId = String(hands[0]?.tenantId);
  await writing.ledger.settle(shop, tenantId);
  return tenantId;
}

async function writeMembers(
  shop: Workshop,
  plan: DemoPlan,
  personId: string,
  calendar: Calendar,
  options: SeedOptions,
): Promise<Hands[]> {
  const owner = await foundOrganization(shop, plan, personId, options.keys);
  const hands = [owner];
  for (const member of plan.members.slice(1)) hands.push(await joinMember(shop, owner, member, options));
  for (const [index, invited] of plan.organization.invited.entries()) {
    await inviteOnly(shop, owner, invited, calendar.at(2 + index, 0.5), options);
  }
  return hands;
}

/** A fresh password for the demo's owner; whoever had the old one is signed in still, and nobody new. */
export async function signInToDemo(shop: Workshop, config: HashingConfig): Promise<DemoSignIn> {
  const password = newPassword();
  const kept = await keptPassword(password, {
    words: [demoOwner.name, demoOwner.email],
    config,
    pointer: "/password",
  });
  return asKernel(shop, async (t) => {
    const changed = await t.query(
      `update kernel.person p set recipe = $2::jsonb, verifier = $3
 where p.email = $1 and not exists (
   select from kernel.membership m join kernel.tenant k on k.id = m.tenant_id where m.person_id = p.id and not k.demo)
returning p.id`,
      [demoOwner.email, JSON.stringify(kept.recipe), kept.verifier],
    );
    return {
      email: demoOwner.email,
      password: changed.length === 1 ? password : null,
      organizations: demoOrganizations.map(({ slug, name }) => ({ slug, name })),
    };
  });
}

const letters = "abcdefghjkmnpqrstuvwxyz23456789";

/** Four groups of five letters, none of which looks like another: 99 bits. */
function newPassword(): string {
  const groups = Array.from({ length: 4 }, () => {
    let group = "";
    while (group.length < 5) {
      // 248 is the greatest multiple of 31 in a byte: every letter is as likely as the others.
      for (const byte of randomBytes(8)) if (byte < 248 && group.length < 5) group += letters[byte % 31];
    }
    return group;
  });
  return groups.join("-");
}

/** Without these, the first lists would be planned as if the tables were empty. */
async function refreshStatistics({ db, prefix }: Workshop): Promise<void> {
  try {
    await db.script(`set role ${prefix}_owner`);
    await db.script("analyze app.account, app.contact, app.contact_token, app.account_token");
    await db.script(`set role ${prefix}_kernel`);
    await db.script("analyze kernel.audit_event");
  } finally {
    await db.script("reset role");
  }
}
