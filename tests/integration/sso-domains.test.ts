import { afterAll, beforeAll, expect, test } from "vitest";
import { type HostileProvider, hostileProvider } from "../hostile-provider.ts";
import { proves } from "../proves.ts";
import { cameIn, type Org, ssoWorld, type SsoWorld } from "../sso-world.ts";

// The clock looks each day whether the records of verified domains are still there. Time is moved in the rows; DNS is real.

proves("IAM-7");

let world: SsoWorld;
let provider: HostileProvider;
let acme: Org;
let connection: string;
let number = 0;

beforeAll(async () => {
  world = await ssoWorld({ RINGFENCE_DOORS: "api,worker" });
  provider = await hostileProvider();
  acme = await world.server.organization("acme");
  connection = await world.connect(acme, provider.issuer);
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});

const recordName = (domain: string): string => `_ringfence.${domain}`;
async function fresh(): Promise<{ id: string; name: string; value: string }> {
  const name = `corp${(number += 1)}.example`;
  const id = await world.verifyDomain(acme, name);
  const value = world.names.records.get(recordName(name))?.[0] ?? "";
  return { id, name, value };
}
/** Ages what is noted of a domain by this much, has the clock ask, and waits until all has been looked at and told. */
async function daysPass(id: string, days: number): Promise<void> {
  await world.db.query("delete from kernel.job where kind = 'sso.domains'");
  await world.db.query(
    `update kernel.domain set due_at = due_at - make_interval(hours => 24 * $2), missing_since = missing_since - make_interval(hours => 24 * $2),
            checked_at = checked_at - make_interval(hours => 24 * $2) where id = $1`,
    [id, days],
  );
  const worker = await world.server.database.connectAs("worker");
  await worker.query("select kernel.schedule_jobs()");
  await worker.end();
  await settled();
}
async function settled(): Promise<void> {
  const open = async (): Promise<unknown> =>
    (
      await world.db.query(
        "select kind, state, failure from kernel.job where kind in ('sso.domains', 'sso.domain-news') and state <> 'done' and run_at <= now()",
      )
    ).rows;
  await expect.poll(open, { timeout: 30_000, interval: 100 }).toEqual([]);
}
const shown = async (id: string) =>
  (await acme.browser.get("/o/acme/v1/domains")).json.items.find((one: { id: string }) => one.id === id);
async function letters(domain: string, organization = acme): Promise<string[]> {
  const { rows } = await world.db.query<{ subject: string }>(
    "select subject from kernel.mail where tenant_id = $1 and purpose = 'domain' and subject like $2 order by id",
    [organization.id, `%${domain}%`],
  );
  return rows.map(({ subject }) => subject);
}
async function trail(id: string): Promise<string[]> {
  const { rows } = await world.db.query<{ row: string }>(
    "select action || ' ' || severity as row from kernel.audit_event where resource_type = 'domain' and resource_id = $1 and action like 'domain-%' order by id",
    [id],
  );
  return rows.map(({ row }) => row);
}
async function enter(sub: string, domain: string): Promise<boolean> {
  provider.person = { sub, email: `${sub}@${domain}`, email_verified: true };
  const browser = world.server.stranger();
  return cameIn(
    await world.arrive(browser, connection, provider.authorize(await world.begin(browser, connection))),
  );
}
const discovered = async (domain: string): Promise<number> =>
  (await world.server.stranger().post("/auth/discover", { email: `x@${domain}` })).json.connections.length;

test("a record that stays is looked for once a day, and nobody is told", async () => {
  const { id, name } = await fresh();
  await daysPass(id, 0);
  const asked = () => world.names.asked.filter((one) => one === recordName(name)).length;
  const before = asked();
  await daysPass(id, 0);
  expect(asked()).toBe(before);
  await daysPass(id, 1);
  expect(asked()).toBe(before + 1);
  expect(await shown(id)).toMatchObject({ missingSince: null, verifiedUntil: null });
  expect(await letters(name)).toEqual([]);
});

test("one that is gone is told at once; members go on for seven days, newcomers do not; then it counts no longer", async () => {
  const { id, name } = await fresh();
  expect(await enter(`known${number}`, name)).toBe(true);
  const invited = await world.server.person(acme, "member");
  await world.db.query("update kernel.person set email = $2, email_proved_at = now() where id = $1", [
    invited.personId,
    `invited${number}@${name}`,
  ]);
  world.names.records.delete(recordName(name));
  await daysPass(id, 1);
  expect(await letters(name)).toEqual([`The TXT record of ${name} is gone`]);
  expect(await trail(id)).toEqual(["domain-missing warning"]);
  const { missingSince, verifiedUntil, verifiedAt } = await shown(id);
  expect(Date.parse(verifiedUntil) - Date.parse(missingSince)).toBe(7 * 86_400_000);
  expect(verifiedAt).toEqual(expect.any(String));
  // Neither is anybody locked out by it, nor taken in.
  expect(await enter(`known${number}`, name)).toBe(true);
  expect(await enter(`invited${number}`, name)).toBe(true);
  expect(await enter(`newcomer${number}`, name)).toBe(false);
  expect((await world.reasons(acme))[0]).toBe("record of the domain gone");
  expect(await discovered(name)).toBeGreaterThan(0);

  await daysPass(id, 5);
  expect(await letters(name)).toHaveLength(1);
  expect((await shown(id)).verifiedAt).toEqual(expect.any(String));
  await daysPass(id, 3);
  expect(await letters(name)).toEqual([`The TXT record of ${name} is gone`, `${name} is no longer verified`]);
  expect(await trail(id)).toEqual(["domain-missing warning", "domain-withdrawn critical"]);
  expect(await shown(id)).toMatchObject({ verifiedAt: null, missingSince: null, verifiedUntil: null });
  // Its address shows nobody the way any more, who is known still comes in, and nobody new does.
  expect(await discovered(name)).toBe(0);
  expect(await enter(`known${number}`, name)).toBe(true);
  expect(await enter(`newcomer${number}`, name)).toBe(false);
  // What does not count is not looked for.
  const before = world.names.asked.length;
  await daysPass(id, 2);
  expect(world.names.asked.slice(before)).not.toContain(recordName(name));
});

test("single sign-on that is demanded stays so when the domain does not count any more", async () => {
  const { id, name } = await fresh();
  const sub = `demanded${number}`;
  expect(await enter(sub, name)).toBe(true);
  const plain = await world.server.person(acme, "member");
  await world.db.query("update kernel.tenant set sso_enforced = true where id = $1", [acme.id]);
  world.names.records.delete(recordName(name));
  await world.db.query("update kernel.domain set missing_since = now() - interval '7 days' where id = $1", [
    id,
  ]);
  await daysPass(id, 1);
  expect((await letters(name)).at(-1)).toBe(`${name} is no longer verified`);
  const { rows } = await world.db.query("select sso_enforced from kernel.tenant where id = $1", [acme.id]);
  expect(rows).toEqual([{ sso_enforced: true }]);
  expect((await plain.browser.get("/o/acme/v1/contacts")).status).toBe(403);
  expect(await enter(sub, name)).toBe(true);
  await world.db.query("update kernel.tenant set sso_enforced = false where id = $1", [acme.id]);
});

test("one that comes back counts as if it had never gone", async () => {
  const { id, name, value } = await fresh();
  world.names.records.delete(recordName(name));
  await daysPass(id, 1);
  expect((await shown(id)).missingSince).toEqual(expect.any(String));
  world.names.records.set(recordName(name), [value]);
  await daysPass(id, 6);
  expect(await shown(id)).toMatchObject({
    missingSince: null,
    verifiedUntil: null,
    verifiedAt: expect.any(String),
  });
  expect(await letters(name)).toEqual([
    `The TXT record of ${name} is gone`,
    `The TXT record of ${name} is back`,
  ]);
  expect(await trail(id)).toEqual(["domain-missing warning", "domain-found notice"]);
  // The grace begins anew.
  world.names.records.delete(recordName(name));
  await daysPass(id, 2);
  expect((await shown(id)).verifiedAt).toEqual(expect.any(String));
  world.names.records.set(recordName(name), [value]);
});

test("name servers that do not answer take nothing away, and are asked again later and later", async () => {
  const { id, name } = await fresh();
  world.names.records.set(recordName(name), "silent");
  await daysPass(id, 1);
  expect(await shown(id)).toMatchObject({ missingSince: null, verifiedAt: expect.any(String) });
  const later = async (): Promise<{ minutes: number; unanswered: number; again: boolean }> => {
    const { rows } = await world.db.query(
      `select round(extract(epoch from d.due_at - now()) / 60)::integer as minutes, d.unanswered,
              exists (select from kernel.job j where j.tenant_id = d.tenant_id and j.kind = 'sso.domains' and j.state = 'waiting' and j.run_at = d.due_at) as again
         from kernel.domain d where d.id = $1`,
      [id],
    );
    return rows[0];
  };
  expect(await later()).toEqual({ minutes: 15, unanswered: 1, again: true });
  await world.db.query("update kernel.domain set due_at = now() where id = $1", [id]);
  await world.db.query(
    "update kernel.job set run_at = now() where kind = 'sso.domains' and state = 'waiting'",
  );
  await expect.poll(async () => (await later()).unanswered, { timeout: 30_000 }).toBe(2);
  await settled();
  expect(await later()).toEqual({ minutes: 30, unanswered: 2, again: true });
  await world.db.query("update kernel.domain set unanswered = 30 where id = $1", [id]);
  await daysPass(id, 1);
  expect((await later()).minutes).toBe(22 * 60);
  // What was gone before that is withdrawn on the word of DNS only, and not because time went by.
  await world.db.query("update kernel.domain set missing_since = now() - interval '30 days' where id = $1", [
    id,
  ]);
  await daysPass(id, 1);
  expect((await shown(id)).verifiedAt).toEqual(expect.any(String));
  expect(await letters(name)).toEqual([]);
  await acme.browser.delete(`/o/acme/v1/domains/${id}`);
});

test("whoever has shown the domain to be theirs gets it a day after the former's record went; the former is told", async () => {
  const { id, name, value } = await fresh();
  const next = await world.server.organization("next");
  const added = (await next.browser.post("/o/next/v1/domains", { name })).json;
  const check = () => next.browser.post(`/o/next/v1/domains/${added.id}/check`);
  world.names.records.set(recordName(name), [added.record.value]);
  await world.db.query("update kernel.domain set checked_at = now() - interval '2 hours' where id = $1", [
    id,
  ]);
  expect((await check()).status).toBe(409);
  // That was looked into at once.
  await settled();
  await expect.poll(async () => (await shown(id)).missingSince, { timeout: 30_000 }).not.toBeNull();
  expect((await check()).status).toBe(409);
  await daysPass(id, 1);
  expect((await check()).json.verifiedAt).toEqual(expect.any(String));
  await settled();
  expect(await shown(id)).toMatchObject({ verifiedAt: null, missingSince: null });
  expect((await letters(name)).at(-1)).toBe(`${name} is another organization's now`);
  expect((await trail(id)).at(-1)).toBe("domain-taken critical");
  // And not back by the old record, while the new one's is there.
  world.names.records.set(recordName(name), [value, added.record.value]);
  expect((await acme.browser.post(`/o/acme/v1/domains/${id}/check`)).status).toBe(409);
});

test("every moment is written as everywhere else", async () => {
  await fresh();
  const all = await Promise.all(
    ["/domains", "/sso-connections", `/sso-connections/${connection}/people`].map((path) =>
      acme.browser.get(`/o/acme/v1${path}`),
    ),
  );
  const moments = all.flatMap(({ text }) => text.match(/\d{4}-\d\d-\d\dT[^"]*/g) ?? []);
  expect(moments.length).toBeGreaterThan(6);
  expect(moments.filter((one) => !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(one))).toEqual([]);
});
