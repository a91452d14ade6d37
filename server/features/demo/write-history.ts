import { dateRequest } from "./backdate.ts";
import { isoOf } from "./calendar.ts";
import { type Acting, asHands, asKernel, type Hands } from "./hands.ts";
import type { PlannedChange } from "./plan-changes.ts";
import { groupedBy, handsAt, type Writing } from "./write-records.ts";

const needs = ["contact.read", "contact.change", "contact.archive", "account.read"] as const;
/** Bindings of a person live for 15 seconds. */
const changesAtATime = 250;

/** Does what the plan says was done to contacts, in its order; who did it and what it was before is the triggers' work. */
export async function writeChanges(writing: Writing, contacts: readonly string[]): Promise<void> {
  await measureTables(writing);
  const inOrder = writing.plan.changes.toSorted((a, b) => a.round - b.round);
  for (const [key, changes] of groupedBy(inOrder, (change) => `${change.by} ${change.act} ${change.round}`)) {
    const actor = handsAt(writing.hands, Number.parseInt(key, 10));
    for (let start = 0; start < changes.length; start += changesAtATime) {
      await act(writing, actor, changes.slice(start, start + changesAtATime), contacts);
    }
  }
  await dateContacts(writing, contacts);
}

/** Of tables that were filled a moment ago the planner knows nothing, and autovacuum looks in once a minute only. */
async function measureTables({ shop, hands }: Writing): Promise<void> {
  await asHands(shop, handsAt(hands, 0), needs, async (t) => {
    await t.query("analyze (skip_locked) app.account, app.contact, app.contact_token");
  });
}

async function act(
  { shop, hands, ledger }: Writing,
  actor: Hands,
  changes: readonly PlannedChange[],
  contacts: readonly string[],
): Promise<void> {
  const rows = changes.map(({ contact, at, values: { owner, ...values } }) => ({
    ...values,
    id: String(contacts[contact]),
    at,
    ...(typeof owner === "number" ? { owner_id: handsAt(hands, owner).memberId } : {}),
  }));
  await asHands(shop, actor, needs, async (t) => {
    if (changes[0]?.act === "change") await t.query(changeText, [JSON.stringify(rows)]);
    else {
      const archived = changes[0]?.act === "archive";
      await t.query("select app.archive_contact($1::uuid[], null, $2)", [rows.map(({ id }) => id), archived]);
    }
    for (const { id, at } of rows) ledger.note(t, id, at);
  });
}

const changeText = `update app.contact c
   set stage = coalesce(p.stage, c.stage), owner_id = coalesce(p.owner_id, c.owner_id), title = coalesce(p.title, c.title),
       phone = coalesce(p.phone, c.phone), notes = coalesce(p.notes, c.notes), tags = coalesce(p.tags, c.tags),
       email_opt_out = coalesce(p.email_opt_out, c.email_opt_out)
  from jsonb_to_recordset($1::jsonb) as p (id uuid, stage text, owner_id uuid, title text, phone text, notes text, tags text[], email_opt_out boolean)
 where c.id = p.id`;

/**
 * Lets the contacts carry the time of what was last done to them. The stamp trigger would write now, and this is no
 * change of anybody's, so the table's own triggers rest for this one statement.
 */
async function dateContacts({ shop, plan, hands }: Writing, contacts: readonly string[]): Promise<void> {
  const last = new Map(plan.changes.map(({ contact, at, act: done }) => [contact, { at, done }]));
  const rows = [...last].map(([contact, { at, done }]) => ({
    id: contacts[contact],
    updated_at: isoOf(at),
    archived_at: done === "archive" ? isoOf(at) : null,
  }));
  await asHands(shop, handsAt(hands, 0), needs, async (t) => {
    await t.query("set local lock_timeout = '10s'");
    await t.query("alter table app.contact disable trigger user");
    await t.query(
      `update app.contact c set updated_at = p.updated_at, archived_at = p.archived_at
  from jsonb_to_recordset($1::jsonb) as p (id uuid, updated_at timestamptz, archived_at timestamptz) where c.id = p.id`,
      [JSON.stringify(rows)],
    );
    await t.query("alter table app.contact enable trigger user");
  });
}

/** Sign-ins of the past weeks, as the trail of the organization shows them. */
export async function writeSignIns({ shop, plan, hands }: Writing): Promise<void> {
  for (const [member, signIns] of groupedBy(plan.signIns, (signIn) => signIn.member)) {
    const { tenantId, personId, credentialId, email, ip, device } = handsAt(hands, member);
    await asKernel(shop, async (t) => {
      const rows = signIns.map(({ at }) => ({ at: isoOf(at) }));
      await t.query(
        `insert into kernel.audit_event (tenant_id, id, at, actor_id, actor_email, credential_id, ip, device, action, resource_type, resource_id, after)
select $1, (lpad(to_hex((extract(epoch from p.at) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || 'a' || substr(md5(random()::text), 1, 15))::uuid,
       p.at, $2, $3, $4, $5, $6, 'sign-in', 'session', $4, '{"factors": ["password"]}' from jsonb_to_recordset($7::jsonb) as p (at timestamptz)`,
        [tenantId, personId, email, credentialId, ip, device, JSON.stringify(rows)],
      );
    });
  }
}

/** A month ago somebody was promoted; the trail shows it as a warning, as every change of rights. */
export async function writePromotion({ shop, hands }: Writing, at: number): Promise<void> {
  const [owner, promoted] = [handsAt(hands, 0), handsAt(hands, hands.length - 2)];
  await asHands(shop, owner, ["member.read", "member.change"], async (t) => {
    await t.become("kernel");
    await t.query("select kernel.change_roles($1, '{manager}', null)", [promoted.memberId]);
    await dateRequest(t, owner.tenantId, at);
  });
}

/** Opens the organization to its members, now that everything is there. */
export async function openDoors(t: Acting, tenantIds: readonly string[]): Promise<void> {
  await t.query("update kernel.tenant set state = 'active' where id = any ($1::uuid[]) and demo", [
    tenantIds,
  ]);
}
