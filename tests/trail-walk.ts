import type { Client as Database } from "pg";
import { expect } from "vitest";
import { type Client, client, type Json } from "./client.ts";
import type { TestServer } from "./server.ts";

/** What one act has written: into the trail of an organization, or among the installation's refusals. */
export interface Written {
  /** The organization's slug; null for a refusal that belongs to none. */
  readonly trail: string | null;
  /** What was done, or why it was refused. */
  readonly what: string;
  readonly severity?: string;
  /** Whose act: an address, or null where nobody is known. */
  readonly who: string | null;
  readonly says?: Json;
}

/** Somebody at one address with one program, every answer to whom is written down from there. */
export interface Walker {
  readonly ip: string;
  readonly device: string;
  /** A browser that nobody has used. */
  browser(session?: string): Client;
  bearer(key: string): Client;
}

/** Follows what acts write, one after another; everything that is written is looked at, so that nothing is written beside it. */
export interface Walk {
  readonly walker: Walker;
  /** Does it, and demands that these rows and no others come of it. */
  writes<T>(act: () => Promise<T>, expected: readonly Written[]): Promise<T>;
  /** Forgets what was written so far, such as by setting up. */
  skip(): Promise<void>;
  /** All that was ever written, as text: what must not stand anywhere is looked for in it. */
  everything(): Promise<string>;
}

interface Row {
  readonly id: string;
  readonly trail: string | null;
  readonly what: string;
  readonly severity: string | null;
  readonly who: string | null;
  readonly ip: string | null;
  readonly device: string | null;
  readonly request: string | null;
  readonly credential: string | null;
  readonly says: Json;
}

const rowsText = `
select e.id, t.slug as trail, e.action as what, e.severity, e.actor_email as who, host(e.ip) as ip, e.device,
       e.request_id as request, e.credential_id as credential, coalesce(e.after, e.before) as says
  from kernel.audit_event e join kernel.tenant t on t.id = e.tenant_id
 where e.action <> 'unusual-sign-in'
union all
select r.id, null, r.reason, null, p.email, host(r.ip), r.device, r.request_id, null, null
  from kernel.refusal r left join kernel.person p on p.id = r.person_id order by 1`;

/** Begins to follow; `device` is what the walker's program calls itself. */
export async function trailWalk(server: TestServer, ip = "198.51.100.77"): Promise<Walk> {
  const device = `Walker/1.0 (${ip})`;
  const db = await server.database.connectAsSuperuser();
  const seen = new Set<string>();
  const fresh = async (): Promise<Row[]> =>
    (await db.query<Row>(rowsText)).rows.filter(({ id }) => !seen.has(id));
  const skip = async (): Promise<void> => {
    await settled();
    for (const { id } of await fresh()) seen.add(id);
  };
  const walker: Walker = {
    ip,
    device,
    browser: (session) =>
      client({ origin: server.origin, ip, device, ...(session === undefined ? {} : { session }) }),
    bearer: (key) => client({ origin: server.origin, ip, device, key }),
  };
  return {
    walker,
    skip,
    writes: async (act, expected) => {
      const answer = await act();
      await expect
        .poll(async () => (await fresh()).map(plain).toSorted(byText), { timeout: 5000 })
        .toEqual(expected.map(filled).toSorted(byText));
      for (const row of await fresh()) {
        expect([row.what, row.ip, row.device]).toEqual([row.what, ip, device]);
        expect([row.what, row.request]).toEqual([row.what, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
        if (ofSessions.test(row.what)) expect([row.what, row.credential]).not.toContain(null);
      }
      await skip();
      return answer;
    },
    everything: () => everythingIn(db),
  };
}

/** What names the session, or the key, that it is about. */
const ofSessions = /^(sign-in|first-factor|sign-out|session-end|token-create|exchange|refresh-reuse)$/;
const byText = (one: object, other: object): number => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1);
const filled = ({ severity, says, ...rest }: Written): object => ({
  ...rest,
  severity: severity ?? null,
  says: says ?? null,
});
const plain = ({ trail, what, who, severity, says }: Row): object => ({ trail, what, who, severity, says });

/** Refusals are written beside the answer: soon after it. */
const settled = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 150));

async function everythingIn(db: Database): Promise<string> {
  const { rows } = await db.query<{ text: string }>(
    "select to_jsonb(e)::text as text from kernel.audit_event e union all select to_jsonb(r)::text from kernel.refusal r",
  );
  return rows.map(({ text }) => text).join("\n");
}
