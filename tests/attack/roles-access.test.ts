import fc from "fast-check";
import type { Client } from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { presets } from "../../contract/roles.ts";
import { sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { boundAs, type Member, type RoleName } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attackGround, codeOf, valueOf } from "./attack-ground.ts";

// What the product says that somebody can do is what it then lets them do: the answer is held against enter itself.

proves("RBAC-1", "RBAC-2");

const ground = attackGround(false);
let superuser: Client;
let api: Client;
let catalogue: string[];
beforeAll(async () => {
  superuser = await ground.superuser();
  api = await ground.connect();
  const { rows } = await superuser.query<{ key: string }>("select key from kernel.permission order by key");
  catalogue = rows.map(({ key }) => key);
});

const insight = ["role.read", "member.read", "security.read"];

interface Way {
  readonly kind: string;
  readonly keyId: string | null;
  readonly verdict: string;
}

/** What the product tells of one permission: by session, and by key. */
async function told(memberId: string, permission: string): Promise<{ may: string; ways: Way[] }> {
  const who = { token: ground.acme.owner.token, slug: "acme", needs: insight };
  const text = "select kernel.explain_access($1, $2, $3)";
  // The object that kernel.explain_access builds.
  return (await boundAs(api, who, () => valueOf(api, text, [memberId, permission, comesFrom]))) as {
    may: string;
    ways: Way[];
  };
}

/** What enter does: the same words. */
async function done(token: string, permission: string): Promise<string> {
  await api.query("begin");
  try {
    await api.query("select kernel.enter($1, 'acme', $2, $3, $4, 'a test')", [
      sha256(token),
      [permission],
      uuidv7(),
      comesFrom,
    ]);
    return (await valueOf(api, "select kernel.holds($1)", [permission])) === true ? "all" : "own";
  } catch (error) {
    if (/^RF40[34]$/.test(codeOf(error)) && error instanceof Error) return error.message;
    throw error;
  } finally {
    await api.query("rollback");
  }
}

/** Every permission, by the member's session and by each key: pairs that differ, as they stand. */
async function differences(member: Member, keys: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const ids = new Map<string, string>();
  for (const key of keys) {
    const id = await valueOf(superuser, "select id from kernel.credential where digest = $1", [
      sha256(sha256(key)),
    ]);
    ids.set(String(id), key);
  }
  for (const permission of catalogue) {
    const { ways } = await told(member.memberId, permission);
    for (const { kind, keyId, verdict } of ways) {
      const token = kind === "session" ? member.token : (ids.get(keyId ?? "") ?? "");
      const seen = await done(token, permission);
      compared += 1;
      if (seen !== verdict) found.push(`${permission} by ${kind}: told ${verdict}, seen ${seen}`);
    }
  }
  return found;
}
let compared = 0;
/** The address from which the member asks; the owner asks from 203.0.113.7. */
let comesFrom = "203.0.113.7";

/** What an organization may ask of whoever comes in, and a session may be. */
const circumstances = {
  "nothing is asked": "select 1",
  "a second factor is asked":
    "update kernel.tenant set mfa_roles = '{*}', mfa_grace_days = 0, mfa_from = now() - interval '1 day' where slug = 'acme'",
  "single sign-on is asked": "update kernel.tenant set sso_enforced = true where slug = 'acme'",
  "another network is asked": "update kernel.tenant set networks = '{203.0.113.7/32}' where slug = 'acme'",
  "the proof is old":
    "update kernel.credential set proved_at = now() - interval '11 min' where kind = 'session'",
  "sessions are bound to their address":
    "update kernel.tenant set session_bound = 'address' where slug = 'acme'; update kernel.credential set opened_ip = '198.51.100.1' where person_id <> (select person_id from kernel.membership m where m.id = '{owner}')",
} as const;

const asBefore = `update kernel.tenant set mfa_roles = null, sso_enforced = false, networks = null, session_bound = 'none' where slug = 'acme';
update kernel.credential set proved_at = now(), opened_ip = '203.0.113.7' where kind = 'session'`;

/** The circumstances hold for everybody but the owner, who asks. */
async function under<T>(change: string, work: () => Promise<T>): Promise<T> {
  await superuser.query(change.replace("{owner}", ground.acme.owner.memberId));
  await superuser.query(`update kernel.membership set break_glass = true where id = $1`, [
    ground.acme.owner.memberId,
  ]);
  try {
    return await work();
  } finally {
    await superuser.query(asBefore);
  }
}

/** The owner's own session is one that any organization lets in. */
async function strongOwner(): Promise<void> {
  await superuser.query(
    "update kernel.credential set second_factor_at = now(), opened_ip = '203.0.113.7' where digest = $1",
    [sha256(sha256(ground.acme.owner.token))],
  );
}

describe("what is told of a member is what enter does", () => {
  const roles: readonly RoleName[] = presets.crm.roles;

  test.each(roles)(
    "for every permission of the role %s, by session and keys",
    async (role) => {
      await strongOwner();
      const member = await ground.db.member(ground.acme, role);
      const keys =
        role === "viewer"
          ? []
          : [
              await ground.db.key(ground.acme, member),
              await ground.db.key(ground.acme, member, ["contact.read", "key.read", "contact.change"]),
            ];
      for (const [name, change] of Object.entries(circumstances)) {
        comesFrom = name === "another network is asked" ? "198.51.100.7" : "203.0.113.7";
        const seen = await under(change, () => differences(member, keys));
        comesFrom = "203.0.113.7";
        expect([name, seen]).toEqual([name, []]);
      }
    },
    240_000,
  );

  test("for keys that are taken from other networks only", async () => {
    const member = await ground.db.member(ground.acme, "manager");
    const key = await ground.db.key(ground.acme, member);
    await superuser.query("update kernel.credential set networks = '{10.0.0.0/8}' where digest = $1", [
      sha256(sha256(key)),
    ]);
    expect(await differences(member, [key])).toEqual([]);
    const { ways } = await told(member.memberId, "contact.read");
    expect(ways.map(({ kind, verdict }) => [kind, verdict])).toEqual([
      ["session", "all"],
      ["key", "address not allowed"],
    ]);
  });

  test("for roles of the organization's own, made at random, with rows of one's own", async () => {
    const who = { token: ground.acme.owner.token, slug: "acme", needs: ["role.read"] };
    // text[] of kernel.composable.
    const composable = (await boundAs(api, who, () =>
      valueOf(api, "select kernel.composable()"),
    )) as string[];
    const set = fc.subarray(composable, { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(
        set,
        fc.option(set),
        fc.option(fc.subarray(catalogue, { minLength: 1 })),
        async (one, two, ceiling) => {
          const member = await ground.db.member(ground.acme, "viewer");
          const keys: string[] = [];
          for (const permissions of two === null ? [one] : [one, two]) keys.push(await roleOf(permissions));
          await asOwner(["member.change"], "select kernel.change_roles($1, $2, null)", [
            member.memberId,
            keys,
          ]);
          const tokens: string[] = [];
          if (ceiling !== null) {
            const token = uuidv7();
            await superuser.query(
              "insert into kernel.credential (kind, class, digest, person_id, tenant_id, permissions) values ('key', 'personal', $1, $2, $3, $4)",
              [sha256(sha256(token)), member.personId, ground.acme.id, ceiling],
            );
            tokens.push(token);
          }
          expect(await differences(member, tokens)).toEqual([]);
          expect(await listed(member)).toEqual([]);
        },
      ),
      { numRuns: 12, endOnFailure: true },
    );
  }, 240_000);

  test("and nothing is told to whoever may not look into it, but of oneself", async () => {
    const [viewer, other] = [
      await ground.db.member(ground.acme, "viewer"),
      await ground.db.member(ground.acme, "owner"),
    ];
    const ask = (needs: readonly string[], memberId: string): Promise<string> =>
      boundAs(api, { token: viewer.token, slug: "acme", needs }, async () =>
        String((await api.query("select * from kernel.access_of($1)", [memberId])).rowCount),
      ).catch(codeOf);
    expect(await ask(["role.read"], viewer.memberId)).toBe(String(catalogue.length));
    expect(await ask(["role.read", "member.read"], other.memberId)).toBe("RF403");
    expect(await ask(insight, other.memberId)).toBe("RF403");
  });

  test("compared thousands of answers", () => {
    expect(compared).toBeGreaterThan(3000);
  });
});

async function asOwner(needs: readonly string[], text: string, values: unknown[]): Promise<unknown> {
  const who = { token: ground.acme.owner.token, slug: "acme", needs };
  return boundAs(api, who, () => valueOf(api, text, values));
}

async function roleOf(permissions: readonly string[]): Promise<string> {
  const id = await asOwner(["role.change"], "select kernel.create_role($1, '', $2)", [uuidv7(), permissions]);
  return String(await valueOf(superuser, "select key from kernel.custom_role where id = $1", [id]));
}

/** The list of everything that a member may do, held against the same of each; rows that differ. */
async function listed(member: Member): Promise<string[]> {
  const who = { token: ground.acme.owner.token, slug: "acme", needs: insight };
  const { rows } = await boundAs(api, who, () =>
    api.query<{ permission: string; may: string; roles: string[] }>("select * from kernel.access_of($1)", [
      member.memberId,
    ]),
  );
  const found: string[] = [];
  for (const { permission, may, roles } of rows) {
    const seen = await done(member.token, permission);
    const said = may === "no" ? "not allowed" : may;
    if (seen !== said || (may === "no") !== (roles.length === 0))
      found.push(`${permission}: ${said}, ${seen}`);
  }
  return found;
}
