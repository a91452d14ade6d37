import type { Client } from "pg";
import { beforeAll, expect } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import type { Member } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, outcome, summed, valueOf } from "./attack-ground.ts";
import {
  asOwner,
  type Bearer,
  digestOf,
  endSessionsBut,
  genuinePass,
  present,
  secondSession,
  shown,
} from "./pass-ground.ts";

// A pass is spent with the change of whatever it was judged by: at once, for the next statement, in other sessions too.

proves("ISO-6", "ISO-7");

const ground = attackGround();
const theirRows = "select * from app.contact";
let superuser: Client;
beforeAll(async () => {
  superuser = await ground.superuser();
});

interface Holder extends Member {
  readonly slug: string;
  /** Another session of the same person. */
  readonly phone: string;
  /** What the pass is of: the session, or a key of the same person. */
  readonly bearer: string;
}

async function holder(withKey = false): Promise<Holder> {
  const member = await ground.db.member(ground.acme, "member");
  const phone = await secondSession(ground, member);
  const bearer = withKey ? await ground.db.key(ground.acme, member) : member.token;
  return { ...member, slug: "acme", phone, bearer };
}

const passOf = (client: Client, { bearer: token, slug }: Holder): Promise<Buffer> =>
  genuinePass(client, { token, slug } satisfies Bearer);
const credential = "digest = sha256($1)";
const set =
  (column: string) =>
  ({ bearer }: Holder): Promise<unknown> =>
    superuser.query(`update kernel.credential set ${column} where ${credential}`, [sha256(bearer)]);
const change = (text: string): Promise<void> =>
  asOwner(ground, ["organization.change"], "select kernel.change_organization($1, null)", [text]);
const suspend = (state: string): Promise<unknown> =>
  superuser.query("update kernel.tenant set state = $2 where id = $1", [ground.acme.id, state]);

interface Change {
  readonly name: string;
  readonly withKey?: boolean;
  /** Waits for the transactions of what it ends, so that none of them is there afterwards. */
  readonly waits?: boolean;
  readonly make: (who: Holder) => Promise<unknown>;
  readonly after?: () => Promise<unknown>;
}

const changes: readonly Change[] = [
  {
    name: "signed out",
    waits: true,
    make: async ({ token }) => {
      const auth = await ground.connect("auth");
      await auth.query("select kernel.sign_out($1, null, null, null)", [sha256(token)]);
    },
  },
  { name: "session ended from another", waits: true, make: ({ phone }) => endSessionsBut(ground, phone) },
  {
    name: "key ended",
    withKey: true,
    waits: true,
    make: async ({ bearer }) => {
      const id = await valueOf(superuser, `select id from kernel.credential where ${credential}`, [
        sha256(bearer),
      ]);
      await asOwner(ground, ["key.end"], "select kernel.end_key($1)", [id]);
    },
  },
  {
    name: "roles changed",
    make: ({ memberId }) =>
      asOwner(ground, ["member.change"], "select kernel.change_roles($1, '{viewer}', null)", [memberId]),
  },
  {
    name: "membership ended",
    waits: true,
    make: ({ memberId }) =>
      asOwner(ground, ["member.change"], "select kernel.end_membership($1)", [memberId]),
  },
  {
    name: "person ended",
    make: ({ personId }) =>
      superuser.query("update kernel.person set ended_at = now() where id = $1", [personId]),
  },
  { name: "organization suspended", make: () => suspend("suspended"), after: () => suspend("active") },
  { name: "organization's locale changed", make: () => change('{"locale": "de"}') },
  { name: "session ended by hand", make: set("ended_at = now()") },
  { name: "expiry brought forward", make: set("expires_at = now() + interval '1 minute'") },
  { name: "idle time shortened", make: set("idle_seconds = 60") },
  { name: "key narrowed", withKey: true, make: set("permissions = '{account.read}'") },
  {
    name: "credential deleted",
    withKey: true,
    make: ({ bearer }) =>
      superuser.query(`delete from kernel.credential where ${credential}`, [sha256(bearer)]),
  },
  {
    name: "permissions of a role changed",
    make: async ({ memberId }) => {
      await superuser.query(
        "update kernel.membership set permissions = permissions || '{x.read}' where id = $1",
        [memberId],
      );
      await superuser.query("call kernel.refresh_permissions()");
    },
  },
];

attack(
  {
    id: "P-spent",
    title: `go on with a pass after each of ${changes.length} changes, in another transaction`,
    expected: "RF410, after 9 rows",
  },
  async () => {
    const api = await ground.connect();
    const seen: string[] = [];
    for (const { name, withKey = false, make, after } of changes) {
      const who = await holder(withKey);
      const pass = await passOf(api, who);
      expect([name, await shown(api, who.bearer, pass)]).toEqual([name, "9 rows"]);
      await make(who);
      seen.push(await shown(api, who.bearer, pass));
      seen.push(await shown(api, who.bearer, pass, "select kernel.bound('contact.read')"));
      await after?.();
      // It does not come back with what took it away.
      expect([name, await shown(api, who.bearer, pass)]).toEqual([name, "RF410"]);
    }
    expect(summed(seen)).toBe("RF410");
    return "RF410";
  },
);

attack(
  {
    id: "P-spent-open",
    title: "go on with a pass in the transaction that presented it before the change",
    expected: "RF410, or ended by those that wait for it",
  },
  async () => {
    const across = async ({ name, withKey, waits, make, after }: Change): Promise<void> => {
      const api = await ground.connect();
      const who = await holder(withKey);
      const pass = await passOf(api, who);
      await api.query("begin");
      await present(api, who.bearer, pass);
      expect([name, await outcome(api, theirRows)]).toEqual([name, "9 rows"]);
      await make(who);
      const seen = await outcome(api, theirRows).catch(() => "ended");
      if (waits === true) expect(["ended", "57P01"], name).toContain(seen);
      else expect([name, seen]).toEqual([name, "RF410"]);
      await after?.();
      await api.end().catch(() => undefined);
    };
    // Those that wait concern one person each, and wait side by side.
    await Promise.all(changes.filter(({ waits }) => waits === true).map(across));
    for (const one of changes.filter(({ waits }) => waits !== true)) await across(one);
    return "RF410, or ended";
  },
  90_000,
);

attack(
  {
    id: "P-sighted",
    title: "be seen: what changes with every half minute must not spend a pass",
    expected: "9 rows",
  },
  async () => {
    const [api, who] = [await ground.connect(), await holder()];
    const pass = await passOf(api, who);
    const auth = await ground.connect("auth");
    await superuser.query(
      `update kernel.credential set last_seen_at = now() - interval '31 seconds' where ${credential}`,
      [sha256(who.token)],
    );
    await auth.query("select kernel.touch_credentials(array[$1::bytea], '{198.51.100.9}')", [
      sha256(who.token),
    ]);
    const ip = await valueOf(superuser, `select host(ip) from kernel.credential where ${credential}`, [
      sha256(who.token),
    ]);
    expect(ip).toBe("198.51.100.9");
    // Nor what befalls somebody else.
    await endSessionsBut(ground, (await holder()).token);
    await asOwner(ground, ["member.change"], "select kernel.change_roles($1, '{viewer}', null)", [
      (await holder()).memberId,
    ]);
    const seen = await shown(api, who.token, pass);
    expect(seen).toBe("9 rows");
    return seen;
  },
);

attack(
  {
    id: "P-expired",
    title: "go on with a pass after its own time, and after its credential's",
    expected: "RF410, after 9 rows",
  },
  async () => {
    const [api, who, short] = [await ground.connect(), await holder(), await holder()];
    await set("expires_at = now() + interval '1 second'")(short);
    const passes = [await passOf(api, short), await passOf(api, who)] as const;
    expect(await shown(api, short.token, passes[0])).toBe("9 rows");
    expect(await shown(api, who.token, passes[1])).toBe("9 rows");
    await superuser.query("update kernel.pass set expires_at = now() where digest = $1", [
      digestOf(passes[1]),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const seen = [await shown(api, short.token, passes[0]), await shown(api, who.token, passes[1])];
    expect(seen).toEqual(["RF410", "RF410"]);
    const longest = "select max(expires_at) <= now() + interval '5 minutes' from kernel.pass";
    expect(await valueOf(superuser, longest)).toBe(true);
    return summed(seen);
  },
);
