import { newToken, sha256, uuidv7 } from "../../foundation/ids/index.ts";
import type { Transaction } from "../../foundation/database/index.ts";
import { invite, type InvitationLetters } from "../administration/index.ts";
import { foundingKey, type KeyProvider } from "../../kernel/vault/index.ts";
import { dateRequest } from "./backdate.ts";
import { isoOf } from "./calendar.ts";
import { type Acting, asHands, asKernel, type Hands, type Workshop } from "./hands.ts";
import { idAt } from "./id-at.ts";
import type { DemoPlan } from "./plan.ts";
import type { PlannedMember } from "./plan-members.ts";

/** Founds the organization, marked as demo and closed until everything is there; its owner is a person already. */
export async function foundOrganization(
  shop: Workshop,
  { organization, foundedAt, members }: DemoPlan,
  personId: string,
  keys: KeyProvider,
): Promise<Hands> {
  const founding = await foundingKey(keys);
  const { slug, name, locale, timeZone, currency } = organization;
  const [owner] = members;
  if (owner === undefined) throw new Error("an organization has an owner");
  return asKernel(shop, async (t) => {
    const [founded] = await t.query("select kernel.found_organization($1, $2::jsonb) as id", [
      personId,
      JSON.stringify({ slug, name, locale, timeZone, currency, demo: true, ...founding }),
    ]);
    const tenantId = String(founded?.["id"]);
    await t.query("update kernel.tenant set created_at = $2, state = 'suspended' where id = $1", [
      tenantId,
      isoOf(foundedAt),
    ]);
    await t.query("update kernel.audit_event set at = $2, id = $3 where tenant_id = $1", [
      tenantId,
      isoOf(foundedAt),
      idAt(foundedAt),
    ]);
    const [member] = await t.query(
      "update kernel.membership set created_at = $2 where tenant_id = $1 returning id",
      [tenantId, isoOf(foundedAt)],
    );
    return { ...(await session(t, personId, owner)), tenantId, memberId: String(member?.["id"]) };
  });
}

/** Invites one person, who accepts; with that the letter is gone. */
export async function joinMember(
  shop: Workshop,
  owner: Hands,
  member: PlannedMember,
  options: InvitationLetters,
): Promise<Hands> {
  await asHands(shop, owner, invitingNeeds, async (t) => {
    await sendInvitation(t, owner, member.email, member.role, options);
    await dateRequest(t, owner.tenantId, member.joinedAt);
  });
  return asKernel(shop, async (t) => {
    // The letter's token is in its sealed body alone, so the ticket gets one that we know.
    const ticket = sha256(newToken());
    await t.query(
      "update kernel.ticket set digest = kernel.ticket_digest('invitation', $3), created_at = $4 where tenant_id = $1 and email = $2 and used_at is null",
      [owner.tenantId, member.email, ticket, isoOf(member.joinedAt)],
    );
    await t.query("select kernel.accept_invitation($1, null, $2, null, null, $3, $4, $5, $6)", [
      ticket,
      member.name,
      sha256(newToken()),
      t.request,
      member.ip,
      member.device,
    ]);
    await dateRequest(t, owner.tenantId, member.joinedAt + 1_800_000);
    return handsOf(t, owner.tenantId, member);
  });
}

/** Somebody who was invited and has not answered yet; the letter waits and is never sent. */
export async function inviteOnly(
  shop: Workshop,
  owner: Hands,
  { email, role }: { readonly email: string; readonly role: string },
  at: number,
  options: InvitationLetters,
): Promise<void> {
  await asHands(shop, owner, invitingNeeds, async (t) => {
    await sendInvitation(t, owner, email, role, options);
    await t.query(
      "update kernel.ticket set created_at = $3, expires_at = $3::timestamptz + interval '7 days' where tenant_id = $1 and email = $2",
      [owner.tenantId, email, isoOf(at)],
    );
    await t.query("update kernel.person_mail set created_at = $3 where tenant_id = $1 and to_address = $2", [
      owner.tenantId,
      email,
      isoOf(at),
    ]);
    await dateRequest(t, owner.tenantId, at);
  });
}

const invitingNeeds = ["member.read", "member.invite", "organization.read"] as const;

async function sendInvitation(
  t: Acting,
  owner: Hands,
  email: string,
  role: string,
  options: InvitationLetters,
): Promise<void> {
  await t.become("kernel");
  const run: Transaction["run"] = async ({ text, values }) => {
    const rows = await t.query(text, values);
    return { rows, count: rows.length };
  };
  await invite({ run }, owner, { email, roles: [role] }, options);
}

async function session(
  t: Acting,
  personId: string,
  { email, ip, device }: Pick<PlannedMember, "email" | "ip" | "device">,
): Promise<Omit<Hands, "tenantId" | "memberId">> {
  const [minted] = await t.query("select kernel.mint_session($1, $2, $3, $4) as id", [
    personId,
    sha256(newToken()),
    ip,
    device,
  ]);
  return { personId, credentialId: String(minted?.["id"]), email, ip, device };
}

async function handsOf(t: Acting, tenantId: string, member: PlannedMember): Promise<Hands> {
  const [found] = await t.query(
    `update kernel.membership m set created_at = $3 from kernel.person p join kernel.credential c on c.person_id = p.id
 where m.tenant_id = $1 and m.person_id = p.id and p.email = $2 returning m.id as member, p.id as person, c.id as credential`,
    [tenantId, member.email, isoOf(member.joinedAt)],
  );
  return {
    tenantId,
    memberId: String(found?.["member"]),
    personId: String(found?.["person"]),
    credentialId: String(found?.["credential"]),
    email: member.email,
    ip: member.ip,
    device: member.device,
  };
}

/** One person who is known to the installation and belongs to nobody yet, or the one who has this address already. */
export async function ownerPerson(
  shop: Workshop,
  { name, email }: { readonly name: string; readonly email: string },
): Promise<string> {
  return asKernel(shop, async (t) => {
    const [known] = await t.query("select id from kernel.person where lower(email) = lower($1)", [email]);
    if (known !== undefined) return String(known["id"]);
    const id = uuidv7();
    await t.query("insert into kernel.person (id, email, name) values ($1, $2, $3)", [id, email, name]);
    await t.query("update kernel.installation set claimed_at = coalesce(claimed_at, now())");
    return id;
  });
}
