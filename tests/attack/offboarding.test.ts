import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type Access,
  allAccess,
  type Left,
  leftOf,
  minted,
  nothingLeft,
  nothingLeftOfStaff,
} from "../access-kinds.ts";
import type { Client } from "../client.ts";
import { type HostileProvider, hostileProvider } from "../hostile-provider.ts";
import { proves } from "../proves.ts";
import { cameIn, type Org, ssoWorld, type SsoWorld } from "../sso-world.ts";

// Off-boarding by people, by the lapse of single sign-on and of support, over the same kinds of access as by a directory
// (scim-offboarding.test.ts).

proves("IAM-12");

let world: SsoWorld;
let provider: HostileProvider;
let acme: Org;
let number = 0;

beforeAll(async () => {
  [world, provider] = await Promise.all([ssoWorld(), hostileProvider()]);
});
beforeEach(async () => {
  number += 1;
  acme = await world.server.organization(`acme-${number}`);
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});

const at = (path: string): string => `/o/${acme.slug}/v1${path}`;
const left = (it: Access): Promise<Left> => leftOf(world.server, acme, it);
const ended = async ({ memberId }: Access): Promise<boolean> =>
  (
    await world.db.query("select ended_at is not null as ended from kernel.membership where id = $1", [
      memberId,
    ])
  ).rows[0]?.ended;

/** An admin with everything. */
async function admin(): Promise<Access> {
  const { memberId, personId, email } = await world.server.database.member(acme, "admin");
  const session = await minted(world.db, personId, null);
  const confined = await minted(world.db, personId, acme.id);
  return allAccess(world.server, acme, { memberId, personId, email }, { session, confined });
}

describe("a member", () => {
  const paths: readonly (readonly [string, (it: Access) => Promise<number>])[] = [
    ["who is removed", async (it) => (await acme.browser.delete(at(`/members/${it.memberId}`))).status],
    [
      "who leaves by themselves, in their own session",
      async (it) => (await world.server.browserOf(it.session).delete(at(`/members/${it.memberId}`))).status,
    ],
    [
      "who leaves by themselves, with a key",
      async (it) => (await world.server.bearer(it.key ?? "").delete(`/v1/members/${it.memberId}`)).status,
    ],
    [
      "who leaves by themselves, by the door that asks no permission",
      async (it) =>
        (await world.server.browserOf(it.session).delete(`/auth/organizations/${acme.slug}`)).status,
    ],
    [
      "who leaves by themselves, by that door in the provider's session",
      async (it) =>
        (await world.server.browserOf(it.confined ?? "").delete(`/auth/organizations/${acme.slug}`)).status,
    ],
    [
      "who leaves by themselves, in the provider's session",
      async (it) =>
        (await world.server.browserOf(it.confined ?? "").delete(at(`/members/${it.memberId}`))).status,
    ],
  ];

  test.each(paths)("has nothing left of all kinds of access: %s", async (_, leave) => {
    const it = await admin();
    expect(await leave(it)).toBe(204);
    expect(await left(it)).toEqual(nothingLeft);
    const { rows } = await world.db.query(
      "select severity, actor_email from kernel.audit_event where tenant_id = $1 and resource_id = $2 and action in ('end', 'leave') and resource_type = 'member'",
      [acme.id, it.memberId],
    );
    expect(rows).toMatchObject([{ severity: "warning" }]);
  });

  test("keeps what they have elsewhere", async () => {
    const it = await admin();
    const other = await world.server.organization(`other-${number}`);
    await world.db.query(
      "insert into kernel.membership (tenant_id, person_id, roles, permissions) values ($1, $2, '{viewer}', kernel.permissions_of($1, '{viewer}'))",
      [other.id, it.personId],
    );
    await acme.browser.delete(at(`/members/${it.memberId}`));
    expect((await world.server.browserOf(it.session).get(`/o/${other.slug}/v1/contacts`)).status).toBe(200);
    expect((await world.server.browserOf(it.session).get(at("/contacts"))).status).toBe(404);
  });
});

describe("single sign-on that lapses", () => {
  let connection: string;
  let domain: string;
  let domainName: string;

  beforeEach(async () => {
    domainName = `corp-${number}.example`;
    domain = await world.verifyDomain(acme, domainName);
    connection = await world.connect(acme, provider.issuer, { defaultRoles: ["admin"] });
  });

  async function enter(sub: string): Promise<{ readonly browser: Client; readonly came: boolean }> {
    const now = Math.floor(Date.now() / 1000);
    provider.person = { sub, email: `${sub}@${domainName}`, email_verified: true, auth_time: now };
    const browser = world.server.stranger();
    const location = await world.begin(browser, connection);
    return { browser, came: cameIn(await world.arrive(browser, connection, provider.authorize(location))) };
  }

  /** Somebody whom the provider has made a member, with everything. */
  async function colleague(): Promise<Access> {
    const email = `ann@${domainName}`;
    const { browser } = await enter("ann");
    const { rows } = await world.db.query(
      "select m.id, m.person_id from kernel.membership m join kernel.person p on p.id = m.person_id where p.email = $1",
      [email],
    );
    const { id: memberId, person_id: personId } = rows[0];
    const session = await minted(world.db, personId, null);
    const confined = browser.cookies.get("__Host-sid") ?? "";
    return allAccess(world.server, acme, { memberId, personId, email }, { session, confined });
  }

  /** What stays of somebody who goes on being a member. */
  const all: Left = {
    session: 200,
    confinedSession: 200,
    accessToken: "in",
    refreshToken: 200,
    freeAccessToken: "in",
    freeRefreshToken: 200,
    confinedRefreshToken: 200,
    key: 200,
    returnTicket: 200,
    invitation: 200,
    waitingJob: "waiting",
    runningJob: "in",
    pass: expect.any(Number),
  };
  const allButTheProviders: Left = { ...all, confinedSession: 401, confinedRefreshToken: 401 };

  const act = async (path: string, body?: object): Promise<number> =>
    (await acme.browser.post(at(`/sso-connections/${connection}${path}`), body)).status;

  test("with the connection and its members: nothing is left", async () => {
    const it = await colleague();
    expect(await act("/end", { offBoard: true })).toBe(200);
    expect(await left(it)).toEqual(nothingLeft);
    expect(await ended(it)).toBe(true);
  });

  test.each<[string, () => Promise<number>]>([
    ["with the connection, without its members", () => act("/end", { offBoard: false })],
    ["while the connection is switched off", () => act("/disable")],
  ])(
    "%s: nothing that the provider opened is left, and of the members' own nothing is taken",
    async (_, lapse) => {
      const it = await colleague();
      expect(await lapse()).toBeLessThan(300);
      expect(await left(it)).toEqual(allButTheProviders);
      expect(await ended(it)).toBe(false);
    },
  );

  test("for one person, who is unlinked", async () => {
    const it = await colleague();
    expect(
      (await acme.browser.delete(at(`/sso-connections/${connection}/people/${it.memberId}`))).status,
    ).toBe(204);
    expect(await left(it)).toEqual(allButTheProviders);
  });

  // Decision 31: whoever was in stays, and nobody new comes in.
  test.each<[string, () => Promise<unknown>]>([
    ["removed", () => acme.browser.delete(at(`/domains/${domain}`))],
    [
      "lost",
      async () => {
        world.names.records.clear();
        await acme.browser.post(at(`/domains/${domain}/check`));
        await world.db.query(
          "update kernel.domain set missing_since = missing_since - interval '8 days' where id = $1",
          [domain],
        );
        await acme.browser.post(at(`/domains/${domain}/check`));
      },
    ],
  ])(
    "of a domain that is %s: whoever was in has all that they had, and nobody new comes in",
    async (_, lose) => {
      const it = await colleague();
      await lose();
      const { json } = await acme.browser.get(at("/domains"));
      expect(
        json.items.filter(({ verifiedAt }: { verifiedAt: string | null }) => verifiedAt !== null),
      ).toEqual([]);
      expect(await left(it)).toEqual(all);
      expect((await enter("ann")).came).toBe(true);
      expect((await enter("newcomer")).came).toBe(false);
      expect((await world.reasons(acme))[0]).toBe("address not vouched for");
    },
  );
});

describe("one of the platform's staff", () => {
  /** Lent a way in, with everything that staff can have. */
  async function lent(): Promise<{ readonly it: Access; readonly grant: string }> {
    const platform = await world.server.organization(`platform-${number}`);
    const { personId, email, token } = await world.server.person(platform, "viewer");
    await (await world.server.database.connectAs("ops")).query("select kernel.add_operator($1)", [email]);
    await world.db.query("update kernel.credential set second_factor_at = now() where person_id = $1", [
      personId,
    ]);
    const given = await acme.browser.post(at("/support-grants"), {
      operator: email,
      reason: "The import of Monday",
      hours: 4,
    });
    expect(given.status).toBe(201);
    const { rows } = await world.db.query(
      "select id from kernel.membership where tenant_id = $1 and person_id = $2",
      [acme.id, personId],
    );
    const holder = { memberId: rows[0].id, personId, email };
    return {
      it: await allAccess(world.server, acme, holder, { session: token, confined: null }),
      grant: given.json.id,
    };
  }

  const ends: readonly (readonly [
    string,
    (lent: { readonly it: Access; readonly grant: string }) => Promise<unknown>,
  ])[] = [
    [
      "the organization ends the grant",
      async ({ grant }) =>
        expect((await acme.browser.delete(at(`/support-grants/${grant}`))).status).toBe(204),
    ],
    [
      "its time is over",
      async ({ it, grant }) => {
        await world.db.query(
          "update kernel.support_grant set until = now() - interval '1 second' where id = $1",
          [grant],
        );
        await world.db.query(
          "update kernel.membership set until = now() - interval '1 second' where id = $1",
          [it.memberId],
        );
        // Before the clock has been by, nothing opens any more.
        const early = await left(it);
        expect([early["session"], early["accessToken"], early["runningJob"]]).toEqual([
          404,
          "RF404",
          "RF403",
        ]);
        await world.db.query("select kernel.end_lapsed_support()");
      },
    ],
    [
      "they are staff no longer",
      async ({ it }) =>
        (await world.server.database.connectAs("ops")).query("select kernel.remove_operator($1)", [it.email]),
    ],
    [
      "they are removed like a member",
      async ({ it }) => world.db.query("select kernel.off_board($1, $2, 'removed')", [acme.id, it.memberId]),
    ],
  ];

  test.each(ends)("has nothing left when %s", async (_, end) => {
    const all = await lent();
    await end(all);
    expect(await left(all.it)).toEqual(nothingLeftOfStaff);
  });
});
