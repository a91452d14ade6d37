import fc from "fast-check";
import type { Client } from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { boundAs, enter, type Member } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attackGround, codeOf, outcome, tried, valueOf } from "./attack-ground.ts";
import { less, mattersOn, sql } from "./take-away.ts";

// Nobody grants what they do not hold: not by making a role, nor by changing one that somebody has already, nor by giving it, inviting
// to it or putting it in another's place, nor to themselves.

proves("RBAC-2", "RBAC-3");

const ground = attackGround();
let superuser: Client;
let api: Client;
beforeAll(async () => {
  superuser = await ground.superuser();
  api = await ground.connect();
});
const matters = mattersOn(() => superuser);

const reading = ["contact.read", "member.read", "organization.read", "role.read"];
const acting = ["role.change", "member.change", "member.invite", "key.create"];

/** Runs one statement bound as this person with these needs; kept unless it was refused. */
async function as(
  token: string,
  needs: readonly string[],
  text: string,
  values: unknown[] = [],
): Promise<string> {
  try {
    return await boundAs(api, { token, slug: "acme", needs }, async () => {
      const { rows } = await api.query(text, values);
      return String(rows.length === 0 ? "none" : (Object.values(rows[0] as object)[0] ?? "done"));
    });
  } catch (error) {
    return codeOf(error);
  }
}

/** The same, undone at the end, as a count of rows or the SQLSTATE. */
async function attempt(
  token: string,
  needs: readonly string[],
  text: string,
  values: unknown[] = [],
): Promise<string> {
  await api.query("begin");
  try {
    await enter(api, token, "acme", needs);
    return await tried(api, text, values);
  } catch (error) {
    return codeOf(error);
  } finally {
    await api.query("rollback");
  }
}

let roles = 0;
async function roleOf(
  permissions: readonly string[],
  by = ground.acme.owner.token,
): Promise<{ id: string; key: string }> {
  roles += 1;
  const id = await as(by, ["role.change"], "select kernel.create_role($1, '', $2)", [
    `Role ${roles}`,
    permissions,
  ]);
  return {
    id,
    key: String(await valueOf(superuser, "select key from kernel.custom_role where id = $1", [id])),
  };
}

async function give(member: Pick<Member, "memberId">, keys: readonly string[]): Promise<string> {
  const text = "select kernel.change_roles($1, $2, null)";
  return as(ground.acme.owner.token, ["member.change"], text, [member.memberId, keys]);
}

/** Somebody who holds just this. */
async function holding(
  permissions: readonly string[],
): Promise<Member & { readonly role: { id: string; key: string } }> {
  const member = await ground.db.member(ground.acme, "viewer");
  const role = await roleOf(permissions);
  await give(member, [role.key]);
  return { ...member, role };
}

const heldBy = async (memberId: string): Promise<string[]> =>
  // text[] of the membership.
  (await valueOf(superuser, "select permissions from kernel.membership where id = $1", [
    memberId,
  ])) as string[];

const create = "select kernel.create_role('Above', '', '{contact.read,billing.change}')";
const ceiling = ["if not kernel.covers(kernel.held(), wanted || beside) then", "if false then"] as const;
const composed = "kernel.demand_composed(text[],text[])";
const admin = (): Promise<Member> => ground.db.member(ground.acme, "admin");

matters(
  "role-create",
  "the ceiling on a role that is made (thunderid #2103, superplane PR #6478)",
  ["RF403", "1 row"],
  async () => attempt((await admin()).token, ["role.change"], create),
  less(composed, ceiling),
);

matters(
  "role-edit",
  "the ceiling on a role that one has oneself and changes (thunderid #2103, superplane PR #6478)",
  ["RF403", "1 row"],
  async () => {
    const me = await holding([...reading, ...acting]);
    const text = `select kernel.change_role($1, '{"permissions":["billing.change"]}', null)`;
    return attempt(me.token, ["role.change"], text, [me.role.id]);
  },
  less(composed, ceiling),
);

matters(
  "role-own-to-all",
  "the ceiling that tells one's own records from everybody's",
  ["RF403", "1 row"],
  async () => {
    const me = await holding([...reading, ...acting, "contact.change:own"]);
    const text = `select kernel.create_role('All', '', '{contact.change}')`;
    return attempt(me.token, ["role.change"], text);
  },
  less(composed, ceiling),
);

matters(
  "role-above",
  "the demand to hold what a role gave before it is changed, here its name (Keycloak CVE-2026-9796)",
  ["RF403", "1 row"],
  async () => {
    const [me, above] = [await admin(), await roleOf(["contact.read", "billing.change"])];
    const text = `select kernel.change_role($1, '{"name":"Harmless"}', null)`;
    return attempt(me.token, ["role.change"], text, [above.id]);
  },
  less("kernel.role_to_change(uuid,uuid,integer)", [
    "if not kernel.covers(kernel.held(), was.permissions) then",
    "if false then",
  ]),
);

const grantable = less("kernel.demand_grantable(uuid,text[])", [
  "if not kernel.covers(kernel.held(), kernel.permissions_of(tenant, roles)) then",
  "if false then",
]);

matters(
  "role-assign",
  "the ceiling on a role of the organization's own that is given, here to oneself (thunderid #2103, netrock #271, superplane PR #6478)",
  ["RF403", "1 row"],
  async () => {
    const [me, above] = [await admin(), await roleOf(["contact.read", "billing.change"])];
    return attempt(me.token, ["member.change"], "select kernel.change_roles($1, $2, null)", [
      me.memberId,
      [above.key],
    ]);
  },
  grantable,
);

matters(
  "role-invite",
  "the ceiling on a role that an invitation names",
  ["RF403", "1 row"],
  async () => {
    const [me, above] = [await admin(), await roleOf(["contact.read", "billing.change"])];
    return attempt(me.token, ["member.invite"], inviting, invitation([above.key]));
  },
  grantable,
);

matters(
  "role-replace",
  "the ceiling on a role that takes another's place",
  ["RF403", "1 row"],
  async () => {
    const [me, above] = [
      await holding([...reading, ...acting]),
      await roleOf(["contact.read", "billing.change"]),
    ];
    return attempt(me.token, ["role.change"], "select kernel.end_role($1, $2, null)", [
      me.role.id,
      above.key,
    ]);
  },
  grantable,
);

matters(
  "role-platform",
  "the list of what may stand in a role, for what only the platform does",
  ["RF422", "1 row"],
  () => {
    const text = "select kernel.create_role('Platform', '', '{contact.read,contact.read:own}')";
    return attempt(ground.acme.owner.token, ["role.change"], text);
  },
  less(composed, ["or not wanted <@ kernel.composable()", ""]),
);

/** Somebody is given a role in a transaction that is open while the role loses what it gave. */
async function givenMeanwhile(): Promise<string> {
  const [member, role] = [
    await ground.db.member(ground.acme, "viewer"),
    await roleOf(["contact.read", "audit.read"]),
  ];
  const slow = await ground.connect();
  await slow.query("begin");
  await enter(slow, ground.acme.owner.token, "acme", ["member.change"]);
  await slow.query("select kernel.change_roles($1, $2, null)", [member.memberId, [role.key]]);
  const narrowed = as(
    ground.acme.owner.token,
    ["role.change"],
    `select kernel.change_role($1, '{"permissions":["contact.read"]}', null)`,
    [role.id],
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  await slow.query("commit");
  await narrowed;
  return (await heldBy(member.memberId)).includes("audit.read") ? "audit.read kept" : "audit.read gone";
}

matters(
  "role-hold",
  "the wait of a role's change for those who are just giving it (Keycloak CVE-2026-9796)",
  ["audit.read gone", "audit.read kept"],
  givenMeanwhile,
  less("kernel.hold_roles(uuid,text[])", ["order by c.id for share", "order by c.id"]),
);

matters(
  "role-settle",
  "working out a member's permissions from their roles, whoever wrote them",
  ["contact.read gone", "contact.erase kept"],
  async () => {
    const { memberId } = await ground.db.member(ground.acme, "viewer");
    await superuser.query(
      "update kernel.membership set roles = '{manager}', permissions = '{contact.erase}' where id = $1",
      [memberId],
    );
    return (await heldBy(memberId)).includes("contact.erase") ? "contact.erase kept" : "contact.read gone";
  },
  sql(
    "alter table kernel.membership disable trigger settle",
    "alter table kernel.membership enable trigger settle",
  ),
);

test("a role of the product that comes later under an organization's key gives nobody anything", async () => {
  const member = await holding(["contact.read"]);
  const values = [member.role.key];
  await superuser.query(
    "insert into kernel.role (preset, key, permissions) values ('crm', $1, '{billing.change}')",
    values,
  );
  await superuser.query("call kernel.refresh_permissions()");
  expect(await heldBy(member.memberId)).toEqual(["contact.read"]);
  await superuser.query("delete from kernel.role where key = $1", values);
});

test("an operator's role is nobody's to give, and no role takes its name", async () => {
  const { token } = ground.acme.owner;
  const member = await ground.db.member(ground.acme, "viewer");
  const given = await attempt(token, ["member.change"], "select kernel.change_roles($1, '{support}', null)", [
    member.memberId,
  ]);
  const named = await attempt(
    token,
    ["role.change"],
    "select kernel.create_role('Support', '', '{contact.read}')",
  );
  expect([given, named]).toEqual(["RF422", "23514"]);
});

const inviting = "select kernel.invite($1, $2, $3, 3600, $4, 'Join', 'sealed')";
function invitation(keys: readonly string[], ticket = newToken()): unknown[] {
  return [`somebody-${uuidv7()}@acme.example`, keys, sha256(ticket), uuidv7()];
}

describe("whatever somebody does", () => {
  /** One call that somebody of a gang makes; numbers choose among what there is. */
  interface Call {
    readonly what: "make" | "edit" | "end" | "give" | "take" | "invite" | "key";
    readonly who: number;
    readonly whom: number;
    readonly role: number;
    readonly other: number;
    readonly permissions: readonly string[];
    /** Asks for nothing but what the gang holds, so that many calls are allowed and lead further. */
    readonly within: boolean;
  }

  let allowed = 0;

  /** Random calls by somebody who holds a random few permissions, and by everybody whom they let in. */
  async function property(): Promise<fc.IAsyncProperty<[string[], string[], Call[]]>> {
    const text = "select kernel.composable()";
    const who = { token: ground.acme.owner.token, slug: "acme", needs: ["role.read"] };
    // text[] of kernel.composable.
    const catalogue = (await boundAs(api, who, () => valueOf(api, text))) as string[];
    const above = await roleOf(["billing.change", "audit.export", "contact.erase"]);
    const some = fc.subarray(catalogue.toSorted(), { minLength: 1 });
    const call: fc.Arbitrary<Call> = fc.record({
      what: fc.constantFrom("make", "edit", "end", "give", "take", "invite", "key"),
      who: fc.nat(50),
      whom: fc.nat(50),
      role: fc.nat(50),
      other: fc.nat(50),
      permissions: fc.oneof(some, fc.subarray(catalogue, { minLength: 1, maxLength: 3 })),
      within: fc.boolean(),
    });
    return fc.asyncProperty(
      fc.subarray(catalogue, { minLength: 1, maxLength: 12 }),
      fc.subarray(acting, { minLength: 3 }),
      fc.array(call, { minLength: 10, maxLength: 40 }),
      async (few, acts, calls) => {
        const mine = [...new Set([...few, ...acts])];
        const covers = (one: string): boolean =>
          mine.includes(one) || mine.includes(one.replace(/:own$/, ""));
        const me = await holding(mine);
        const gang: Pick<Member, "token" | "memberId">[] = [me];
        for (const each of calls) {
          const lesser = [...each.permissions.filter(covers), ...mine.slice(each.other % mine.length)];
          const permissions = each.within ? [...new Set(lesser)] : each.permissions;
          allowed += (await perform({ ...each, permissions }, gang, above)) ? 1 : 0;
        }
        for (const { memberId } of gang) {
          const beyond = (await heldBy(memberId)).filter((one) => !covers(one));
          expect(beyond).toEqual([]);
        }
      },
    );
  }

  test("no sequence of allowed calls gives them, or anybody they let in, more than they had", async () => {
    await fc.assert(await property(), { numRuns: 40, endOnFailure: true });
    // The sequences did something: a property over refusals alone would say nothing.
    expect(allowed).toBeGreaterThan(40);
  }, 240_000);

  test.each([
    ["on what is made and changed", less(composed, ceiling)],
    ["on what is given", grantable],
  ] as const)(
    "such a sequence is found when the ceiling %s is gone",
    async (_, gone) => {
      const restore = await gone(superuser);
      try {
        const { failed } = await fc.check(await property(), { numRuns: 60, endOnFailure: true });
        expect(failed).toBe(true);
      } finally {
        await restore();
      }
    },
    240_000,
  );

  async function perform(
    { what, who, whom, role, other, permissions }: Call,
    gang: Pick<Member, "token" | "memberId">[],
    above: { readonly key: string },
  ): Promise<boolean> {
    const { rows } = await superuser.query<{ id: string; key: string }>(
      `select id, key from kernel.custom_role where tenant_id = $1 and ended_at is null
        order by key = $2 desc, created_at desc limit 8`,
      [ground.acme.id, above.key],
    );
    const keys = [...rows.map(({ key }) => key), "viewer", "member", "manager", "admin", "owner"];
    const [actor, target] = [gang[who % gang.length], gang[whom % gang.length]];
    const [chosen, key, second] = [
      rows[role % rows.length],
      keys[role % keys.length] ?? "",
      keys[other % keys.length] ?? "",
    ];
    if (actor === undefined || target === undefined || chosen === undefined) return false;
    const run = (need: string, text: string, values: unknown[]): Promise<string> =>
      as(actor.token, [need], text, values);
    switch (what) {
      case "make":
        return done(
          await run("role.change", "select kernel.create_role($1, '', $2)", [
            `Made ${uuidv7()}`,
            permissions,
          ]),
        );
      case "edit":
        return done(
          await run("role.change", "select kernel.change_role($1, $2::jsonb, null)", [
            chosen.id,
            JSON.stringify({ permissions }),
          ]),
        );
      case "end":
        return done(await run("role.change", "select kernel.end_role($1, $2, null)", [chosen.id, second]));
      case "give":
      case "take":
        return done(
          await run("member.change", "select kernel.change_roles($1, $2, null)", [
            target.memberId,
            what === "give" ? [...new Set([key, second])] : [key],
          ]),
        );
      case "key":
        return makeKey(actor, permissions, gang);
      case "invite":
        return letIn(actor.token, [key], gang);
    }
  }

  const done = (seen: string): boolean => !/^(RF\d{3}|\d[\dA-Z]{4})$/.test(seen);

  /** A key acts as its owner, so what it holds is what its owner's membership holds, at most. */
  async function makeKey(
    actor: Pick<Member, "token" | "memberId">,
    permissions: readonly string[],
    gang: Pick<Member, "token" | "memberId">[],
  ): Promise<boolean> {
    const token = newToken();
    const wanted = permissions.map((permission) => permission.replace(/:own$/, ""));
    const text = "select kernel.create_key('key', $1, 'tail', $2, null)";
    if (!done(await as(actor.token, ["key.create"], text, [sha256(token), [...new Set(wanted)]])))
      return false;
    gang.push({ token, memberId: actor.memberId });
    return true;
  }

  async function letIn(
    token: string,
    keys: readonly string[],
    gang: Pick<Member, "token" | "memberId">[],
  ): Promise<boolean> {
    const [ticket, session] = [newToken(), newToken()];
    const values = invitation(keys, ticket);
    if (!done(await as(token, ["member.invite"], inviting, values))) return false;
    const auth = await ground.connect("auth");
    const accept =
      "select kernel.accept_invitation($1, null, 'Puppet', '{}', sha256('x'), $2, $3, null, 'a test')";
    const joined = await outcome(auth, accept, [sha256(ticket), sha256(session), uuidv7()]);
    await auth.end();
    if (joined !== "1 row") return false;
    const memberId = await valueOf(
      superuser,
      "select m.id from kernel.membership m join kernel.person p on p.id = m.person_id where lower(p.email) = lower($1)",
      [values[0]],
    );
    gang.push({ token: session, memberId: String(memberId) });
    return true;
  }
});
