import type { Client } from "pg";
import { beforeAll, expect } from "vitest";
import { newApiKey, newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { boundAs, enter, type Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, codeOf, outcome, summed, valueOf } from "./attack-ground.ts";
import { both, less, mattersOn, sql } from "./take-away.ts";

// Lists of networks, the rules for whoever comes in, and the owner who is always left: as the roles of the database see them.

proves("IAM-11", "ISO-10");

const ground = attackGround();
let superuser: Client;
beforeAll(async () => {
  superuser = await ground.superuser();
});
const matters = mattersOn(() => superuser);

const office = ["203.0.113.0/24", "2001:db8:0:1::/64"];
let count = 0;

/** An organization of its own, with these networks. */
async function guarded(networks: readonly string[] | null = office): Promise<Organization> {
  count += 1;
  const organization = await ground.db.organization({ slug: `guarded-${count}` });
  await superuser.query("update kernel.tenant set networks = $2::cidr[] where id = $1", [
    organization.id,
    networks,
  ]);
  return organization;
}

/** What comes of entering from there. */
async function from(
  ip: string | null,
  token: string,
  slug: string,
  needs: readonly string[] = ["contact.read"],
): Promise<string> {
  const api = await ground.connect();
  try {
    await api.query("begin");
    await api.query("select kernel.enter($1, $2, $3, $4, $5, 'a test')", [
      sha256(token),
      slug,
      needs,
      uuidv7(),
      ip,
    ]);
    return "entered";
  } catch (error) {
    return error instanceof Error && error.message === "address not allowed"
      ? "address not allowed"
      : codeOf(error);
  } finally {
    await api.end();
  }
}

const outside = [
  "203.0.114.1",
  "2001:db8:0:2::1",
  "2001:db8:0:0:ffff:ffff:ffff:ffff",
  // IPv4 dressed as IPv6 is not what the list says: whoever comes in by the server has taken it off before.
  "::ffff:203.0.113.7",
  "::cb00:7107",
  "64:ff9b::203.0.113.7",
  "0.0.0.0",
  "::",
  "203.0.112.0/22",
  "0.0.0.0/0",
  "::/0",
];

attack(
  {
    id: "N1",
    title:
      "come in with a good session from elsewhere, in every spelling (CVE-2026-47674), as the API's own role",
    expected: "address not allowed",
  },
  async () => {
    const { slug, owner } = await guarded();
    const seen: string[] = [];
    for (const ip of [...outside, null]) seen.push(await from(ip, owner.token, slug));
    expect(summed(seen)).toBe("address not allowed");
    for (const ip of ["203.0.113.7", "203.0.113.255", "2001:db8:0:1::1", "2001:0DB8:0000:0001:ffff::1"])
      expect([ip, await from(ip, owner.token, slug)]).toEqual([ip, "entered"]);
    return summed(seen);
  },
);

attack(
  {
    id: "N2",
    title: "the same with a key: of the organization's list, of its own, and of both",
    expected: "address not allowed",
  },
  async () => {
    const { slug, owner } = await guarded();
    const api = await ground.connect();
    const key = async (networks: readonly string[] | null): Promise<string> => {
      const { token, id } = newApiKey("personal");
      await api.query("begin");
      await api.query("select kernel.enter($1, $2, '{key.create}', null, '203.0.113.7', 'x')", [
        sha256(owner.token),
        slug,
      ]);
      await api.query("select kernel.create_key('k', $1, $2, null, null, 'personal', $3::cidr[])", [
        sha256(token),
        id,
        networks,
      ]);
      await api.query("commit");
      return token;
    };
    const [plain, own, elsewhere] = [
      await key(null),
      await key(["203.0.113.8/29"]),
      await key(["198.51.100.0/24"]),
    ];
    const seen = [
      await from("198.51.100.7", plain, slug),
      await from("203.0.113.7", own, slug),
      await from("198.51.100.7", elsewhere, slug),
      await from("203.0.113.7", elsewhere, slug),
    ];
    expect(summed(seen)).toBe("address not allowed");
    expect([await from("203.0.113.7", plain, slug), await from("203.0.113.9", own, slug)]).toEqual([
      "entered",
      "entered",
    ]);
    return summed(seen);
  },
);

attack(
  {
    id: "N3",
    title: "read by a pass that was made before there was a list, and mint one from outside",
    expected: "RF410",
  },
  async () => {
    const { slug, owner, id } = await guarded(null);
    const api = await ground.connect();
    await api.query("begin");
    await enter(api, owner.token, slug, ["contact.read"]);
    const pass = await valueOf(api, "select pass from kernel.mint_pass()");
    await api.query("commit");
    const present = async (): Promise<string> => {
      await api.query("begin");
      const seen = await outcome(api, "select kernel.present($1, $2)", [sha256(owner.token), pass]);
      await api.query("rollback");
      return seen;
    };
    expect(await present()).toBe("1 row");
    await boundAs(api, { token: owner.token, slug, needs: ["security.change"] }, () =>
      api.query(`select kernel.change_security('{"networks": ["203.0.113.0/24"]}', 1)`),
    );
    const seen = await present();
    expect(seen).toBe("RF410");
    expect(
      await valueOf(superuser, "select count(*)::integer from kernel.pass where tenant_id = $1", [id]),
    ).toBe(0);
    return seen;
  },
);

attack(
  {
    id: "N4",
    title: "set a list that names everybody, or nobody, or IPv4 dressed as IPv6",
    expected: "RF422, 23514",
  },
  async () => {
    const { slug, owner } = await guarded(null);
    const api = await ground.connect();
    const seen: string[] = [];
    for (const networks of [
      ["0.0.0.0/0"],
      ["::/0"],
      ["::ffff:203.0.113.0/120"],
      ["::ffff:0:0/96"],
      ["203.0.113.0/24", "0.0.0.0/0"],
    ]) {
      await api.query("begin");
      await enter(api, owner.token, slug, ["security.change"]);
      seen.push(await outcome(api, "select kernel.change_security($1, 1)", [{ networks }]));
      await api.query("rollback");
    }
    expect(summed(seen)).toBe("RF422");
    const empty = await outcome(superuser, "update kernel.tenant set networks = '{}' where slug = $1", [
      slug,
    ]);
    expect(empty).toBe("23514");
    return "RF422, 23514";
  },
);

const twoRaces = "two owners who remove each other, at the end of their transactions";

/** Two transactions that each remove one of two owners by hand, and end at the same time; how many owners are left. */
async function removeEachOther(
  organization: Organization,
  second: string,
  isolation = "read committed",
): Promise<string> {
  const [one, other] = [await ground.superuser(), await ground.superuser()];
  const text = "update kernel.membership set ended_at = now() where tenant_id = $1 and id = $2";
  for (const client of [one, other]) await client.query(`begin isolation level ${isolation}`);
  await one.query(text, [organization.id, organization.owner.memberId]);
  await other.query(text, [organization.id, second]);
  const ends = [one, other].map((client) => client.query("commit").then(() => "kept", codeOf));
  const came = (await Promise.all(ends)).toSorted();
  await Promise.all([one, other].map((client) => client.query("rollback")));
  const left = await valueOf(
    superuser,
    "select count(*)::integer from kernel.membership m join kernel.person p on p.id = m.person_id and p.kind = 'person' where m.tenant_id = $1 and m.ended_at is null and 'owner' = any (m.roles)",
    [organization.id],
  );
  return `${came.join(", ")}: ${String(left)} left`;
}

const triggers = (what: string): string =>
  `alter table kernel.membership ${what} trigger owner_left_update; alter table kernel.membership ${what} trigger owner_left_delete; alter table kernel.person ${what} trigger owner_left_person`;

matters(
  "owner-race",
  `the constraint that an owner is left, asked by ${twoRaces}`,
  ["RF409, kept: 1 left", "kept, kept: 0 left"],
  async () => {
    const organization = await guarded(null);
    const { memberId } = await ground.db.member(organization, "owner");
    return removeEachOther(organization, memberId);
  },
  sql(triggers("disable"), triggers("enable")),
);

matters(
  "owner-lock",
  `the lock by which they take turns, asked by ${twoRaces}`,
  ["RF409, kept: 1 left", "kept, kept: 0 left"],
  async () => {
    const organization = await guarded(null);
    const { memberId } = await ground.db.member(organization, "owner");
    return removeEachOther(organization, memberId);
  },
  // Slow after the look, so that both have looked before either has ended.
  less(
    "kernel.demand_owner_left()",
    ["for no key update", ""],
    ["end loop;", "perform count(*) from generate_series(1, 2000000); end loop;"],
  ),
);

attack(
  {
    id: "N5",
    title:
      "let the last owner vanish by any path: hand, role, person, service account, deletion, an old view of the world",
    expected: "RF409, 42501",
  },
  async () => {
    const organization = await guarded(null);
    const { id, owner } = organization;
    const api = await ground.connect();
    await boundAs(api, { token: owner.token, slug: organization.slug, needs: ["member.change"] }, () =>
      api.query("select kernel.create_service_account('Robot', '{owner}', null)"),
    );
    const ways: readonly (readonly [string, unknown[]])[] = [
      [
        "update kernel.membership set ended_at = now() where tenant_id = $1 and id = $2",
        [id, owner.memberId],
      ],
      [
        "update kernel.membership set roles = '{admin}' where tenant_id = $1 and id = $2",
        [id, owner.memberId],
      ],
      ["delete from kernel.membership where tenant_id = $1 and id = $2", [id, owner.memberId]],
      ["update kernel.membership set ended_at = now() where tenant_id = $1", [id]],
      ["update kernel.person set ended_at = now() where id = $1", [owner.personId]],
      [
        "update kernel.person set kind = 'service', answerable = id, recipe = null, verifier = null where id = $1",
        [owner.personId],
      ],
    ];
    const seen: string[] = [];
    for (const [text, values] of ways) {
      const client = await ground.superuser();
      await client.query("begin");
      expect([text, await outcome(client, text, values)]).toEqual([text, expect.stringMatching(/rows?$/)]);
      seen.push(await client.query("commit").then(() => "kept", codeOf));
      await client.end();
    }
    expect(summed(seen)).toBe("RF409");
    const second = await ground.db.member(organization, "owner");
    expect(await removeEachOther(organization, second.memberId, "repeatable read")).toBe(
      "42501, 42501: 2 left",
    );
    return "RF409, 42501";
  },
);

matters(
  "last-owner-service",
  "the rule that a service account is no owner, at the removal itself",
  ["RF409", "1 row"],
  async () => {
    const organization = await guarded(null);
    const { owner, slug } = organization;
    const api = await ground.connect();
    await boundAs(api, { token: owner.token, slug, needs: ["member.change"] }, () =>
      api.query("select kernel.create_service_account('Robot', '{owner}', null)"),
    );
    await api.query("begin");
    await enter(api, owner.token, slug, ["member.change"]);
    const seen = await outcome(api, "select kernel.change_roles($1, '{admin}', null)", [owner.memberId]);
    await api.query("rollback");
    return seen;
  },
  less("kernel.demand_other_owner(uuid,uuid)", [/and p.kind = 'person'/g, ""]),
);

matters(
  "lock-out",
  "the guard against locking oneself out",
  ["RF409", "1 row"],
  async () => {
    const { owner, slug } = await guarded(null);
    const api = await ground.connect();
    await api.query("begin");
    await enter(api, owner.token, slug, ["security.change"]);
    const seen = await outcome(api, `select kernel.change_security('{"networks": ["198.51.100.0/24"]}', 1)`);
    await api.query("rollback");
    return seen;
  },
  less(
    "kernel.change_security(jsonb,integer)",
    ["if reason is not null then", "if false then"],
    [/if kernel\.gate\([^;]*\) is not null then/g, "if false then"],
  ),
);

matters(
  "gate-networks",
  "the look at the organization's list in the gate",
  ["address not allowed", "entered"],
  async () => {
    const { owner, slug } = await guarded();
    return from("198.51.100.7", owner.token, slug);
  },
  both(
    sql("update kernel.tenant set networks = networks", "update kernel.tenant set networks = networks"),
    less("kernel.gate(uuid,uuid,uuid,inet,text[])", [/t\.networks IS NOT NULL/g, "false"]),
  ),
);

matters(
  "gate-ways",
  "the look at the ways in that an organization has closed, for a session that a stolen password opened",
  ["RF403", "entered"],
  async () => {
    const { id, owner, slug } = await guarded(null);
    await superuser.query("update kernel.tenant set closed_ways = '{password}' where id = $1", [id]);
    return from("198.51.100.7", owner.token, slug);
  },
  less("kernel.gate(uuid,uuid,uuid,inet,text[])", ["(s.factors[1] = ANY (t.closed_ways))", "false"]),
);

attack(
  {
    id: "N6",
    title:
      "use the operator's ways back: through other doors, for one who is no owner, twice, late, or two at once",
    expected: "42501, RF404, RF403; 1 of 50",
  },
  async () => {
    const organization = await guarded(null);
    const { slug, owner } = organization;
    const open = "select kernel.operator_open_restore($1, $2, $3, 900)";
    const seen: string[] = [];
    for (const role of ["api", "auth", "worker", "ingest", "live", "public"] as const) {
      const client = await ground.connect(role);
      seen.push(await outcome(client, open, [slug, owner.email, sha256("x")]));
      seen.push(await outcome(client, "select kernel.operator_clear_networks($1)", [slug]));
    }
    expect(summed(seen)).toBe("42501");
    const ops = await ground.connect("ops");
    const admin = await ground.db.member(organization, "admin");
    const refused = [
      await outcome(ops, open, [slug, admin.email, sha256("x")]),
      await outcome(ops, open, [slug, "nobody@example.com", sha256("x")]),
      await outcome(ops, open, ["no-such", owner.email, sha256("x")]),
    ];
    expect(summed(refused)).toBe("RF404");
    const auth = await ground.connect("auth");
    const redeem = (client: Client, ticket: string): Promise<string> =>
      outcome(client, "select kernel.restore_owner($1, null, null, $2, null, '203.0.113.7', 'x')", [
        sha256(ticket),
        sha256(newToken()),
      ]);
    const [first, second, late] = [newToken(), newToken(), newToken()];
    await ops.query(open, [slug, owner.email, sha256(first)]);
    await ops.query(open, [slug, owner.email, sha256(second)]);
    // A newer link kills the older.
    expect(await redeem(auth, first)).toBe("RF403");
    const clients = await Promise.all(Array.from({ length: 10 }, () => ground.connect("auth")));
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, at) => redeem(clients[at % 10] ?? auth, second)),
    );
    expect(all.filter((one) => one === "1 row")).toHaveLength(1);
    expect(new Set(all)).toEqual(new Set(["1 row", "RF403"]));
    await ops.query(open, [slug, owner.email, sha256(late)]);
    await superuser.query(
      "update kernel.ticket set expires_at = now() where purpose = 'owner-restore' and used_at is null",
    );
    expect(await redeem(auth, late)).toBe("RF403");
    return "42501, RF404, RF403; 1 of 50";
  },
);
