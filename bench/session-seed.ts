import { spawn } from "node:child_process";
import type { Ground } from "./ground.ts";

const people = 100_000;
const sessionsEach = 3;
const organizations = 1000;

/** What the cookie of a session holds; a rival takes as many of its letters as it has. */
export const tokenOf = (session: number): string => `bench-session-${session}-`.padEnd(43, "0");

/** People, organizations and sessions of the product, beside what the ground was filled with. */
export async function seedOurs({ db }: Ground): Promise<void> {
  console.log(
    `\nNode ${process.version}. Seeding ${people} people with ${sessionsEach} sessions each in ${organizations} organizations…`,
  );
  await db.script(`
insert into kernel.tenant (id, slug, name, region, locale, time_zone, currency)
select md5('bench tenant' || n)::uuid, 'bench-' || n, 'Bench ' || n, 'eu', 'en', 'UTC', 'EUR' from generate_series(1, ${organizations}) n;
insert into kernel.person (id, email, name)
select md5('bench person' || n)::uuid, 'person' || n || '@bench.example', 'Person ' || n from generate_series(1, ${people}) n;
insert into kernel.membership (tenant_id, person_id, roles, permissions)
select md5('bench tenant' || 1 + n % ${organizations})::uuid, md5('bench person' || n)::uuid, '{member}', r.permissions
  from generate_series(1, ${people}) n join kernel.role r on r.preset = 'crm' and r.key = 'member';
insert into kernel.credential (kind, digest, person_id, proved_at, last_seen_at, idle_seconds, expires_at)
select 'session', sha256(sha256(convert_to(rpad('bench-session-' || n || '-', 43, '0'), 'UTF8'))), md5('bench person' || 1 + n % ${people})::uuid,
       now(), now(), 43200, now() + interval '7 days'
  from generate_series(1, ${people * sessionsEach}) n;
analyze kernel.credential, kernel.person, kernel.membership, kernel.tenant;
`);
}

/** The same people and sessions in the tables that better-auth makes for itself. */
export async function seedRival(rivalFile: string, folder: string, { db, dsn }: Ground): Promise<void> {
  await db.script("create schema rival_auth");
  const migrating = spawn(process.execPath, [rivalFile, folder, dsn, "migrate"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await new Promise((resolve) => migrating.once("exit", resolve));
  await db.script(`
insert into rival_auth."user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
select md5('person' || n), 'Person ' || n, 'person' || n || '@bench.example', true, now(), now() from generate_series(1, ${people}) n;
insert into rival_auth.session (id, token, "userId", "expiresAt", "createdAt", "updatedAt", "ipAddress", "userAgent")
select md5('session' || n), rpad('bench-session-' || n || '-', 32, '0'), md5('person' || 1 + n % ${people}), now() + interval '7 days', now(), now(),
       '127.0.0.1', 'bench' from generate_series(1, ${people * sessionsEach}) n;
analyze rival_auth."user"; analyze rival_auth.session;
`);
}
