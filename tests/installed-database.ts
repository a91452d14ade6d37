import { Client } from "pg";
import { hmacSha256, newApiKey, newToken, sha256, uuidv7 } from "../server/foundation/ids/index.ts";
import { rolePassword } from "../server/foundation/secrets/index.ts";
import {
  doorRoles,
  dsnAs,
  install,
  type DoorRole,
  type InstallOptions,
} from "../server/kernel/install/index.ts";
import { clonedDatabase, type TestDatabase } from "./cluster.ts";
import { trialDoorWord, trialSecret } from "./seed.ts";

/** A role that tests connect as: a door, or the migration runner. */
export type LoginRole = DoorRole | "migrate";

/** Somebody who belongs to an organization, with a live session. */
export interface Member {
  readonly personId: string;
  readonly memberId: string;
  readonly email: string;
  /** The session's token, as the cookie would carry it. */
  readonly token: string;
  /** What a password would have been turned into; `kernel.sign_in` takes it. */
  readonly derived: Buffer;
}

export interface Organization {
  readonly id: string;
  readonly slug: string;
  readonly owner: Member;
}

export type RoleName = "owner" | "admin" | "manager" | "member" | "viewer";

/** A database on which everything is installed, and ways to fill it through the kernel's own functions. */
export interface InstalledDatabase extends TestDatabase {
  readonly prefix: string;
  dsnFor(role: LoginRole): string;
  /** A raw client as this role; closed when the database is dropped. */
  connectAs(role: LoginRole): Promise<Client>;
  /** A raw client as the cluster's superuser. */
  connectAsSuperuser(): Promise<Client>;
  /** Founds an organization whose owner belongs to no other one. */
  organization(options: { readonly slug: string }): Promise<Organization>;
  /** Invites somebody new and lets them accept. */
  member(organization: Organization, role: RoleName): Promise<Member>;
  /** An API key of that member; the token. */
  key(organization: Organization, member: Member, permissions?: readonly string[]): Promise<string>;
}

/** The region and the check value that the template is installed with. */
export const testRegion = "eu";
export const testKeyCheck = hmacSha256(trialSecret, "trial");

/** The passwords of the doors: the same in every database of the run, since roles belong to the cluster. */
export function testPassword(role: string): string {
  return rolePassword(trialSecret, role);
}

/** What `install` needs for a database of the tests. */
export function installOptionsFor(installerDsn: string, prefix = "rf"): InstallOptions {
  return {
    installerDsn,
    prefix,
    passwordOf: testPassword,
    region: testRegion,
    keyCheck: testKeyCheck,
    doorWord: trialDoorWord,
  };
}

/** A copy of a database that was installed once in this run; drop it when done. */
export async function installedDatabase(): Promise<InstalledDatabase> {
  const database = await clonedDatabase("installed", async (dsn) => {
    await install(installOptionsFor(dsn));
  });
  return withDoors(database, "rf");
}

/** The same ways into a database that the test has installed itself. */
export async function withDoors(database: TestDatabase, prefix: string): Promise<InstalledDatabase> {
  const clients: Client[] = [];
  const open = async (dsn: string): Promise<Client> => {
    const client = new Client({ connectionString: dsn });
    // What ends a connection is part of many tests; what it was doing rejects.
    client.on("error", () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  const dsnFor = (role: LoginRole): string => dsnAs(database.dsn, `${prefix}_${role}`, testPassword(role));
  await openGates(database, prefix);
  const people = peopleOf((role) => open(dsnFor(role)));
  return {
    ...database,
    prefix,
    dsnFor,
    connectAs: (role) => open(dsnFor(role)),
    connectAsSuperuser: () => open(database.dsn),
    ...people,
    drop: async () => {
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
      await database.drop();
    },
  };
}

/** Privileges on a database are the one thing that a clone does not get from its template. */
async function openGates({ dsn, name }: TestDatabase, prefix: string): Promise<void> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  const all = ["migrate", ...doorRoles].map((role) => `${prefix}_${role}`).join(", ");
  await client.query(`revoke all on database "${name}" from public`);
  await client.query(`grant connect on database "${name}" to ${all}`);
  await client.query(`grant create on database "${name}" to ${prefix}_kernel, ${prefix}_owner`);
  await client.end();
}

type People = Pick<InstalledDatabase, "organization" | "member" | "key">;

function peopleOf(connect: (role: LoginRole) => Promise<Client>): People {
  let doors: Promise<Doors> | undefined;
  const opened = (): Promise<Doors> => (doors ??= openDoors(connect));
  let house: Promise<Organization> | undefined;
  const houseOf = (using: Doors): Promise<Organization> => (house ??= claim(using));
  return {
    organization: async ({ slug }) => {
      const using = await opened();
      return found(using, await houseOf(using), slug);
    },
    member: async (organization, role) => join(await opened(), organization, role),
    key: async (organization, member, permissions) =>
      makeKey(await opened(), organization, member, permissions),
  };
}

/** One client for each door, used by one caller at a time. */
interface Doors {
  auth(text: string, values: unknown[]): Promise<Record<string, unknown>>;
  api(who: Acting, text: string, values: unknown[]): Promise<Record<string, unknown>>;
}

interface Acting {
  readonly token: string;
  readonly slug: string;
  readonly needs: readonly string[];
}

async function openDoors(connect: (role: LoginRole) => Promise<Client>): Promise<Doors> {
  const [auth, api] = [await connect("auth"), await connect("api")];
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  return {
    auth: (text, values) =>
      inTurn(async () => firstRow(await auth.query<Record<string, unknown>>(text, values))),
    api: (who, text, values) =>
      inTurn(() =>
        bound(api, who, async () => firstRow(await api.query<Record<string, unknown>>(text, values))),
      ),
  };
}

function firstRow({ rows }: { rows: Record<string, unknown>[] }): Record<string, unknown> {
  return rows[0] ?? {};
}

async function bound<T>(client: Client, who: Acting, work: () => Promise<T>): Promise<T> {
  await client.query("begin");
  try {
    await enter(client, who.token, who.slug, who.needs);
    const result = await work();
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

/** Binds the open transaction of this client; rejects with RF401, RF403 or RF404. */
export async function enter(
  client: Client,
  token: string,
  slug: string | null,
  needs: readonly string[],
): Promise<Record<string, unknown>> {
  const values = [sha256(token), slug, needs, uuidv7(), "203.0.113.7", "a test"];
  return firstRow(
    await client.query<Record<string, unknown>>("select * from kernel.enter($1, $2, $3, $4, $5, $6)", values),
  );
}

/** Everything between begin and commit, bound; rolled back when `work` throws. */
export function boundAs<T>(client: Client, who: Acting, work: () => Promise<T>): Promise<T> {
  return bound(client, who, work);
}

function details(slug: string): Record<string, string> {
  return { slug, name: `Organization ${slug}`, locale: "en", timeZone: "UTC", currency: "EUR" };
}

interface Newcomer {
  readonly email: string;
  readonly token: string;
  readonly derived: Buffer;
}

function newcomer(email: string): Newcomer {
  return { email, token: newToken(), derived: sha256(`what the password of ${email} became`) };
}

async function claim(doors: Doors): Promise<Organization> {
  const ticket = newToken();
  await doors.auth("select kernel.open_setup($1, 900)", [sha256(ticket)]);
  const { email, token, derived } = newcomer("founder@house.example");
  const values = [
    sha256(ticket),
    details("house"),
    email,
    "Founder",
    { scheme: "test" },
    sha256(derived),
    sha256(token),
    null,
    "a test",
  ];
  await doors.auth("select kernel.claim_installation($1, $2, $3, $4, $5, $6, $7, $8, $9)", values);
  return { slug: "house", ...(await ownerOf(doors, "house", { email, token, derived })) };
}

async function ownerOf(doors: Doors, slug: string, who: Newcomer): Promise<{ id: string; owner: Member }> {
  const entered = await doors.api(
    { token: who.token, slug, needs: ["organization.read"] },
    "select * from kernel.organization",
    [],
  );
  return { id: String(entered["id"]), owner: await memberOf(doors, slug, who) };
}

async function memberOf(doors: Doors, slug: string, who: Newcomer): Promise<Member> {
  const text = "select id, person_id from kernel.members where email = $1";
  const row = await doors.api({ token: who.token, slug, needs: ["member.read"] }, text, [who.email]);
  return { ...who, memberId: String(row["id"]), personId: String(row["person_id"]) };
}

async function invited(
  doors: Doors,
  organization: Organization,
  who: Newcomer,
  role: RoleName,
): Promise<void> {
  const ticket = newToken();
  const values = [who.email, [role], sha256(ticket), 3600, uuidv7(), "Join", Buffer.from("sealed")];
  const { token } = organization.owner;
  await doors.api(
    { token, slug: organization.slug, needs: ["member.invite"] },
    "select kernel.invite($1, $2, $3, $4, $5, $6, $7)",
    values,
  );
  await doors.auth("select kernel.accept_invitation($1, null, $2, $3, $4, $5, $6, null, 'a test')", [
    sha256(ticket),
    "Somebody",
    { scheme: "test" },
    sha256(who.derived),
    sha256(who.token),
    uuidv7(),
  ]);
}

let people = 0;

async function join(doors: Doors, organization: Organization, role: RoleName): Promise<Member> {
  people += 1;
  const who = newcomer(`${role}-${people}@${organization.slug}.example`);
  await invited(doors, organization, who, role);
  return memberOf(doors, organization.slug, who);
}

/** Only an invitation makes a person; so the owner to be joins the house, founds, and leaves it again. */
async function found(doors: Doors, house: Organization, slug: string): Promise<Organization> {
  const who = newcomer(`owner@${slug}.example`);
  await invited(doors, house, who, "viewer");
  const guest = await memberOf(doors, house.slug, who);
  await doors.auth("select kernel.open_organization($1, $2)", [sha256(who.token), details(slug)]);
  await doors.api(
    { token: house.owner.token, slug: house.slug, needs: ["member.change"] },
    "select kernel.end_membership($1)",
    [guest.memberId],
  );
  return { slug, ...(await ownerOf(doors, slug, who)) };
}

async function makeKey(
  doors: Doors,
  { slug }: Organization,
  member: Member,
  permissions?: readonly string[],
): Promise<string> {
  const { token, id } = newApiKey("personal");
  await doors.api(
    { token: member.token, slug, needs: ["key.create"] },
    "select kernel.create_key('a key', $1, $2, $3, null)",
    [sha256(token), id, permissions ?? null],
  );
  return token;
}
