import type { Client as Database } from "pg";
import { expect } from "vitest";
import { newToken, sha256 } from "../server/foundation/ids/index.ts";
import { codeOf } from "./attack/attack-ground.ts";
import { enter, type Organization } from "./installed-database.ts";
import type { TestServer } from "./server.ts";
import { refresh, tokensFor } from "./tokens.ts";

// All kinds of access that a member may have; what ends a membership must leave nothing of them.

/** Whose it is. */
export interface Holder {
  readonly memberId: string;
  readonly personId: string;
  readonly email: string;
}

export interface Access extends Holder {
  /** A session of the person's own. */
  readonly session: string;
  /** One that the organization's provider has opened; support staff have none. */
  readonly confined: string | null;
  /** A program's, of the person's own session, for this organization. */
  readonly access: string;
  readonly refreshToken: string;
  /** A program's for wherever the person may go. */
  readonly freeAccess: string;
  readonly freeRefreshToken: string;
  readonly confinedRefreshToken: string | null;
  readonly key: string | null;
  /** One that they have sent. */
  readonly invitation: string;
  /** An older one to their own address. */
  readonly returnTicket: string;
  readonly waitingJob: string;
  readonly runningJob: string;
  readonly lease: Buffer;
}

/** What is left of somebody's access, kind by kind. */
export type Left = Readonly<Record<string, unknown>>;

/** What must be left when a membership has ended, of somebody who belongs nowhere else. */
export const nothingLeft: Left = {
  session: 404,
  confinedSession: 401,
  accessToken: "RF401",
  refreshToken: 401,
  freeAccessToken: "RF404",
  freeRefreshToken: 401,
  confinedRefreshToken: 401,
  key: 401,
  returnTicket: 403,
  invitation: 403,
  waitingJob: "cancelled",
  runningJob: "RF401",
  pass: 0,
};

/** The same of one of the platform's staff, who has neither keys nor sessions of a provider, and belongs to the platform's own organization. */
export const nothingLeftOfStaff: Left = {
  ...nothingLeft,
  freeRefreshToken: 200,
  confinedSession: null,
  confinedRefreshToken: null,
  key: null,
};

/** A new session; `sso` is the organization whose provider opened it. */
export async function minted(db: Database, personId: string, sso: string | null): Promise<string> {
  const token = newToken();
  await db.query(
    "select kernel.mint_session($1, sha256($2::bytea), '127.0.0.1', 'a test', '{password}', $3)",
    [personId, Buffer.from(token), sso],
  );
  return token;
}

interface Given {
  readonly session: string;
  readonly confined: string | null;
}

/** Gives somebody all of it, in these sessions, and sees that each kind opens the organization. */
export async function allAccess(
  server: TestServer,
  organization: Organization,
  holder: Holder,
  { session, confined }: Given,
): Promise<Access> {
  const { slug } = organization;
  const db = await server.database.connectAsSuperuser();
  const [own, free] = [await tokensFor(server, session, slug), await tokensFor(server, session)];
  const theProviders = confined === null ? null : await tokensFor(server, confined, slug);
  const key = confined === null ? null : await keyOf(server, slug, session);
  const tickets = await invitations(db, organization, holder);
  const jobs = await jobsOf(db, organization, holder);
  const askers = [session].map(server.browserOf);
  askers.push(...[own, free].map(({ accessToken }) => server.bearer(accessToken)));
  if (confined !== null) askers.push(server.browserOf(confined));
  if (key !== null) askers.push(server.bearer(key));
  // More than once, so that a pass is made of each.
  for (let time = 0; time < 3; time += 1)
    for (const asking of askers) expect((await asking.get(`/o/${slug}/v1/contacts`)).status).toBe(200);
  if (confined !== null) {
    const { rowCount } = await db.query("select from kernel.pass where member_id = $1", [holder.memberId]);
    expect(rowCount).toBeGreaterThanOrEqual(5);
    expect(await jobbing(server, jobs.runningJob, jobs.lease)).toBe("in");
  }
  await db.end();
  return {
    ...holder,
    ...tickets,
    ...jobs,
    session,
    confined,
    access: own.accessToken,
    refreshToken: own.refreshToken,
    freeAccess: free.accessToken,
    freeRefreshToken: free.refreshToken,
    confinedRefreshToken: theProviders?.refreshToken ?? null,
    key,
  };
}

async function keyOf(server: TestServer, slug: string, session: string): Promise<string> {
  const { status, json } = await server.browserOf(session).post(`/o/${slug}/v1/keys`, { name: "mine" });
  expect(status).toBe(201);
  return json.key;
}

async function invitations(
  db: Database,
  { id, owner }: Organization,
  { email, personId }: Holder,
): Promise<Pick<Access, "invitation" | "returnTicket">> {
  const invite = async (to: string, role: string, by: string): Promise<string> => {
    const token = newToken();
    await db.query(
      `insert into kernel.ticket (digest, purpose, tenant_id, email, roles, invited_by, expires_at)
       values (kernel.ticket_digest('invitation', sha256($1)), 'invitation', $2, $3, $4, $5, now() + interval '1 hour')`,
      [Buffer.from(token), id, to, [role], by],
    );
    return token;
  };
  return {
    invitation: await invite(`friend-of-${email}`, "viewer", personId),
    returnTicket: await invite(email.toUpperCase(), "admin", owner.personId),
  };
}

async function jobsOf(
  db: Database,
  { id }: Organization,
  { memberId, personId }: Holder,
): Promise<Pick<Access, "waitingJob" | "runningJob" | "lease">> {
  const lease = sha256(newToken());
  const { rows } = await db.query<{ id: string }>(
    `insert into kernel.job (tenant_id, kind, payload, member_id, person_id, actor_email, state, lease_digest, leased_until)
     select $1, 'imports.tidy', '{}', $2, $3, 'x', s, sha256($4), now() + interval '5 minutes' from unnest(array['waiting', 'running']) s returning id`,
    [id, memberId, personId, lease],
  );
  return { waitingJob: rows[0]?.id ?? "", runningJob: rows[1]?.id ?? "", lease };
}

/** What is left of it. Asks without using up what a wrong answer would leave. */
export async function leftOf(server: TestServer, { slug }: Organization, it: Access): Promise<Left> {
  const ask = async (client: ReturnType<TestServer["bearer"]>): Promise<number> =>
    (await client.get(`/o/${slug}/v1/contacts`)).status;
  const unless = async <T>(value: string | null, asked: (value: string) => Promise<T>): Promise<T | null> =>
    value === null ? null : asked(value);
  const changed = async (token: string): Promise<number> => (await refresh(server, token)).status;
  const shown = async (token: string): Promise<number> =>
    (await server.stranger().get(`/auth/invitations/${token}`)).status;
  const db = await server.database.connectAsSuperuser();
  const one = async (text: string, value: string): Promise<unknown> =>
    Object.values((await db.query(text, [value])).rows[0] ?? {})[0];
  const seen = {
    session: await ask(server.browserOf(it.session)),
    confinedSession: await unless(it.confined, (token) => ask(server.browserOf(token))),
    accessToken: await entering(server, slug, it.access),
    refreshToken: await changed(it.refreshToken),
    freeAccessToken: await entering(server, slug, it.freeAccess),
    freeRefreshToken: await changed(it.freeRefreshToken),
    confinedRefreshToken: await unless(it.confinedRefreshToken, changed),
    key: await unless(it.key, (key) => ask(server.bearer(key))),
    returnTicket: await shown(it.returnTicket),
    invitation: await shown(it.invitation),
    waitingJob: await one("select state from kernel.job where id = $1", it.waitingJob),
    runningJob: await jobbing(server, it.runningJob, it.lease),
    pass: await one("select count(*)::integer from kernel.pass where member_id = $1", it.memberId),
  };
  await db.end();
  return seen;
}

/** Whether a token opens the organization, asked of the database as the API does. */
async function entering(server: TestServer, slug: string, token: string): Promise<string> {
  const api = await server.database.connectAs("api");
  await api.query("begin");
  const said = await enter(api, token, slug, ["contact.read"]).then(() => "in", codeOf);
  await api.query("rollback");
  await api.end();
  return said;
}

async function jobbing(server: TestServer, id: string, lease: Buffer): Promise<string> {
  const worker = await server.database.connectAs("worker");
  await worker.query("begin");
  const said = await worker.query("select kernel.enter_job($1, $2)", [id, lease]).then(() => "in", codeOf);
  await worker.query("rollback");
  await worker.end();
  return said;
}
