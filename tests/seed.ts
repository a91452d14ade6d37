import { openAdministration, type Administration } from "../server/foundation/database/index.ts";
import { hmacSha256, sha256 } from "../server/foundation/ids/index.ts";
import { dsnAs, install, readMigrations } from "../server/kernel/install/index.ts";
import { doorWordKeys, keptKeys } from "../server/kernel/vault/index.ts";
import { rolePassword } from "../server/foundation/secrets/index.ts";

/** How much to fill a database with. */
export interface SeedWish {
  readonly organizations: number;
  readonly contactsEach: number;
  /** Stands before the slugs, so that a second seeding of the same database makes other organizations. */
  readonly name: string;
  readonly prefix?: string;
  readonly say?: (line: string) => void;
}

/** An organization that was seeded, with the session of its owner. */
export interface SeededOrganization {
  readonly slug: string;
  readonly tenantId: string;
  readonly memberId: string;
  /** What a browser would hold in its session cookie. */
  readonly token: string;
}

export interface Seeded {
  readonly organizations: readonly SeededOrganization[];
  readonly contacts: number;
  readonly seconds: number;
}

/** A secret for databases that live as long as a run; every run makes the same passwords from it. */
export const trialSecret = Buffer.alloc(32, 46);
export const trialDoorWords = doorWordKeys(trialSecret);
export const trialDoorWord = keptKeys(trialDoorWords);

/** Installs the product in an empty database, and returns the connection string of any of its doors. */
export async function installTrial(installerDsn: string, prefix = "rf"): Promise<(role: string) => string> {
  const passwordOf = (role: string): string => rolePassword(trialSecret, role);
  const keyCheck = hmacSha256(trialSecret, "trial");
  // Named, so that the catalog is not compared with the golden file: that proof has tests of its own.
  const migrations = await readMigrations();
  await install({
    installerDsn,
    prefix,
    passwordOf,
    region: "eu",
    keyCheck,
    doorWord: trialDoorWord,
    migrations,
  });
  return (role) => dsnAs(installerDsn, `${prefix}_${role}`, passwordOf(role));
}

const rowsPerTransaction = 10_000;
const contactsPerAccount = 20;

/**
 * Fills an installed database with organizations, people, accounts and contacts: the same ids and values each time,
 * written by the owner of the tables under row security with all triggers on, as a data migration would.
 */
export async function seedOrganizations(installerDsn: string, wish: SeedWish): Promise<Seeded> {
  const { organizations, contactsEach, say = () => undefined } = wish;
  const db = await openAdministration(installerDsn);
  const lanes = await Promise.all(Array.from({ length: lanesCount }, () => openAdministration(installerDsn)));
  try {
    const startedAt = performance.now();
    const made: SeededOrganization[] = [];
    for (let number = 1; number <= organizations; number += 1) {
      const organization = await seedOrganization(db, wish, number);
      await seedAccounts(db, wish, organization);
      made.push(organization);
    }
    const work = chunksOf(made, contactsEach);
    await Promise.all(lanes.map((lane) => fill(lane, wish, work, startedAt, say)));
    const seconds = (performance.now() - startedAt) / 1000;
    await db.script("vacuum analyze");
    return { organizations: made, contacts: organizations * contactsEach, seconds };
  } finally {
    await Promise.all([db, ...lanes].map((each) => each.close()));
  }
}

const lanesCount = 2;

interface Chunk {
  readonly organization: SeededOrganization;
  readonly from: number;
  /** How many contacts lie before it. */
  readonly before: number;
}

function* chunksOf(organizations: readonly SeededOrganization[], contactsEach: number): Generator<Chunk> {
  let before = 0;
  for (const organization of organizations) {
    for (let from = 1; from <= contactsEach; from += rowsPerTransaction) {
      yield { organization, from, before: before + from - 1 };
    }
    before += contactsEach;
  }
}

/** One of several workers that take their chunks from the same queue. */
async function fill(
  db: Administration,
  wish: SeedWish,
  work: Generator<Chunk>,
  startedAt: number,
  say: (line: string) => void,
): Promise<void> {
  for (const { organization, from, before } of work) {
    await seedContacts(db, wish, organization, from);
    const seconds = (performance.now() - startedAt) / 1000;
    if (before % sayEvery === 0 && before > 0)
      say(`  ${before} contacts, ${Math.round(before / seconds)} rows/s`);
  }
}

const sayEvery = 100_000;

async function seedOrganization(
  db: Administration,
  wish: SeedWish,
  number: number,
): Promise<SeededOrganization> {
  const { name, prefix = "rf" } = wish;
  const slug = `${name}-${number}`;
  const token = `trial-session-of-${slug}-`.padEnd(43, "0").slice(-43);
  await db.script(`begin; set local role ${prefix}_kernel`);
  const [row] = await db.query(
    `with tenant as (
  insert into kernel.tenant (id, slug, name, region, locale, time_zone, currency)
  values (md5('tenant' || $1)::uuid, $1, initcap($1), 'eu', 'en-GB', 'UTC', 'EUR') returning id, preset
), person as (
  insert into kernel.person (id, email, name)
  select md5('person' || $1 || n)::uuid, 'person' || n || '@' || $1 || '.example', 'Person ' || n from generate_series(1, 3) n returning id
), member as (
  insert into kernel.membership (tenant_id, id, person_id, roles, permissions)
  select t.id, md5('member' || $1 || n)::uuid, md5('person' || $1 || n)::uuid, array[r.key], r.permissions
    from tenant t cross join generate_series(1, 3) n
    join kernel.role r on r.preset = t.preset and r.key = case n when 1 then 'owner' else 'member' end returning id
), session as (
  insert into kernel.credential (kind, digest, person_id, proved_at, last_seen_at, expires_at)
  values ('session', sha256($2), md5('person' || $1 || 1)::uuid, now(), now(), now() + interval '7 days') returning id
)
select (select id from tenant) as tenant_id, md5('member' || $1 || 1)::uuid as member_id, count(*) from session, person, member group by 1`,
    [slug, sha256(token)],
  );
  await db.script("commit");
  return { slug, token, tenantId: String(row?.["tenant_id"]), memberId: String(row?.["member_id"]) };
}

/** Begins a transaction of the tables' owner, bound to one organization as the migration runner binds it. */
async function bind(
  db: Administration,
  { prefix = "rf" }: SeedWish,
  tenantId: string,
  needs: string,
): Promise<void> {
  await db.script(`begin; set local synchronous_commit = off; set local role ${prefix}_migrate`);
  await db.query("select kernel.bind_migration($1, $2::text[])", [tenantId, `{${needs}}`]);
  await db.script(`set local role ${prefix}_owner`);
}

async function seedAccounts(
  db: Administration,
  wish: SeedWish,
  { slug, tenantId }: SeededOrganization,
): Promise<void> {
  await bind(db, wish, tenantId, "account.create");
  await db.query(
    `insert into app.account (tenant_id, id, name, domain, phone, industry, country, tags, created_at, updated_at)
select $1::uuid, md5('account' || $2 || g)::uuid, ${picked(words, 0)} || ' ' || ${picked(words, 2)} || ' ' || g, 'company' || g || '.example',
       '+4366' || (4000000 + g), ${picked(["Software", "Retail", "Health", "Energy"], 4)}, ${picked(["AT", "DE", "FR", "US"], 6)}, '{}',
       ${madeAt}, ${madeAt}
  from generate_series(1, $3::integer) g cross join lateral (select md5($2 || ':a' || g) as h) dice`,
    [tenantId, slug, accountsOf(wish)],
  );
  await db.script("commit");
}

async function seedContacts(
  db: Administration,
  wish: SeedWish,
  { slug, tenantId }: SeededOrganization,
  from: number,
): Promise<void> {
  await bind(db, wish, tenantId, "contact.create");
  const to = Math.min(wish.contactsEach, from + rowsPerTransaction - 1);
  await db.query(contactsText, [tenantId, slug, from, to, accountsOf(wish)]);
  await db.script("commit");
}

function accountsOf({ contactsEach }: SeedWish): number {
  return Math.max(1, Math.floor(contactsEach / contactsPerAccount));
}

const givenNames =
  "Ada Adam Agnes Alan Alma Amir Ana Anton Béla Carla Chidi Clara Daan Deniz Dora Elif Emil Emma Erik Eva Farid Fatima Felix Frida Georg Greta Hana Hugo Ida Igor Ines Ivan Jana Jonas José Judit Kai Karin Lars Lea Leo Lina Luca Maja Malik Marie Marta Mila Nils Noor Olga Omar Paul Petra Rosa Samir Sofia Tariq Vera Yara Zoë".split(
    " ",
  );
const familyNames =
  "Abe Adler Ahmed Aydin Bauer Becker Berger Bianchi Brandt Brown Castro Chen Costa Cruz Dahl Demir Diaz Dubois Eder Egger Fernandez Fischer Fuchs Garcia Gruber Haas Haddad Hansen Hofer Huber Ibrahim Ito Ivanova Jansen Jensen Jones Kaya Keller Khan Kim Klein Koch Kowalski Kumar Lang Larsen Lee Lehmann Li Lopez Maier Marino Martin Mayer Meyer Miller Moreau Moser Müller Nagy Nguyen Nielsen Novak Okafor Olsen Park Patel Pereira Petrov Pichler Popescu Reiter Ricci Rossi Russo Sato Schmid Schneider Schulz Silva Singh Smith Steiner Suzuki Svensson Tanaka Taylor Torres Toth Varga Vogel Wagner Wang Weber Weiss Wilson Winkler Wolf Wong Yilmaz Young Zhang Ziegler".split(
    " ",
  );
const words =
  "Alpine Blue Bright Central Clear Coastal Eastern First Golden Grand Green Iron North Open Prime Royal Silver Solid Stone Upper".split(
    " ",
  );
const tagNames = ["vip", "newsletter", "partner", "event", "trial", "lapsed", "press", "board"];

/** A word by two hexadecimal digits of `h`, the dice of a row. */
function picked(from: readonly string[], at: number): string {
  const texts = from.map((text) => `'${text}'`).join(",");
  return `(array[${texts}])[1 + ${dice(at)} % ${from.length}]`;
}

function dice(at: number): string {
  return `('x' || substr(h, ${at + 1}, 4))::bit(16)::integer`;
}

/** Some moment of the two years before 2026. */
const madeAt = "timestamptz '2024-01-01 00:00Z' + g * interval '61 seconds'";

/** UUIDs of version 7 whose time rises with the row, and whose rest is the dice. */
const contactId = `(lpad(to_hex(1704067200000 + g::bigint * 61000), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid`;

const contactsText = `insert into app.contact (tenant_id, id, first_name, last_name, email, phone, other_phones, title, account_id, owner_id,
       stage, source, city, country, tags, notes, external_id, created_at, updated_at)
select $1::uuid, ${contactId}, given, family, lower(kernel.plain_text(given) || '.' || kernel.plain_text(family) || g || '@mail' || ${dice(16)} % 50 || '.example'),
       '+43664' || lpad((1000000 + g * 7 % 8999999)::text, 7, '0'),
       case when ${dice(20)} % 10 = 0 then jsonb_build_array(jsonb_build_object('kind', 'work', 'number', '+4915' || lpad(g::text, 9, '1'))) else '[]' end,
       ${picked(["Buyer", "Engineer", "Director", "Assistant", "Owner"], 12)},
       md5('account' || $2 || (1 + g % $5::integer))::uuid, md5('member' || $2 || (1 + ${dice(8)} % 3))::uuid,
       (array['lead', 'lead', 'open', 'open', 'customer', 'former'])[1 + ${dice(10)} % 6], ${picked(["web", "event", "referral", "import"], 14)},
       ${picked(["Wien", "Graz", "Berlin", "Lyon", "Boston", "Leeds"], 18)}, ${picked(["AT", "DE", "FR", "US", "GB"], 18)},
       case ${dice(22)} % 4 when 0 then array[${picked(tagNames, 24)}] when 1 then array[${picked(tagNames, 24)}, 'g' || g % 97] else '{}' end,
       case when ${dice(26)} % 5 = 0 then 'Met at the fair; asked for a call next week.' end, 'crm-' || g, ${madeAt},
       ${madeAt} + ${dice(4)} * interval '1 minute'
  from (select g, h, ${picked(givenNames, 0)} as given, ${picked(familyNames, 4)} as family
          from generate_series($3::integer, $4::integer) g cross join lateral (select md5($2 || ':c' || g) as h) rolled) row`;
