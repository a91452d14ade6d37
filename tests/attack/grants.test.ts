import { expect } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { boundAs, type Member, type RoleName } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, codeOf, outcome, summed, tried, valueOf } from "./attack-ground.ts";

// You can grant only what you hold; what is good once is good once; what a worker leased is nobody else's.

proves("RBAC-3", "ISO-10");

const ground = attackGround();

const invite = (role: string): [string, unknown[]] => [
  "select kernel.invite($1, $2, $3, 3600, $4, 'Join', '\\x00')",
  [`${uuidv7()}@x.example`, [role], sha256(newToken()), uuidv7()],
];
const createKey = (permissions: readonly string[] | null): [string, unknown[]] => [
  "select kernel.create_key('a key', $1, 'x', $2, null)",
  [sha256(newToken()), permissions],
];

/** What comes of one statement, as this person with these needs; nothing is kept. */
async function asMember(
  token: string,
  needs: readonly string[],
  [text, values]: [string, unknown[]],
): Promise<string> {
  const api = await ground.connect();
  try {
    await api.query("begin");
    await api.query("select kernel.enter($1, 'acme', $2, null, null, null)", [sha256(token), needs]);
    return await outcome(api, text, values);
  } catch (error) {
    return codeOf(error);
  } finally {
    await api.end();
  }
}

const roles: readonly RoleName[] = ["owner", "admin", "manager", "member", "viewer"];

attack(
  {
    id: "G-invite",
    title: "invite somebody with more than one holds oneself, as each role",
    expected: "only roles within one's own",
  },
  async () => {
    const seen: string[] = [];
    for (const role of roles) {
      const { token } = await ground.db.member(ground.acme, role);
      for (const wanted of roles) {
        const came = await asMember(token, ["member.invite"], invite(wanted));
        const allowed = role === "owner" || (role === "admin" && wanted !== "owner");
        expect(came, `${role} invites ${wanted}`).toBe(allowed ? "1 row" : "RF403");
        seen.push(came);
      }
      expect(await asMember(token, ["member.invite"], invite("no-such-role"))).toBe(
        role === "owner" || role === "admin" ? "RF422" : "RF403",
      );
    }
    return summed(seen);
  },
);

attack(
  {
    id: "G-roles",
    title:
      "raise one's own roles or somebody else's, or take from somebody above (decocms PR #4022, pocketpaw #1633, Keycloak CVE-2026-11986)",
    expected: "RF403",
  },
  async () => {
    const seen: string[] = [];
    for (const role of roles.filter((name) => name !== "owner")) {
      const { token, memberId } = await ground.db.member(ground.acme, role);
      const other = await ground.db.member(ground.acme, "viewer");
      const change = (member: string, wanted: string): Promise<string> =>
        asMember(token, ["member.change"], ["select kernel.change_roles($1, $2, null)", [member, [wanted]]]);
      seen.push(await change(memberId, "owner"), await change(other.memberId, "owner"));
      seen.push(await change(ground.acme.owner.memberId, "viewer"));
      seen.push(
        await asMember(
          token,
          ["member.change"],
          ["select kernel.end_membership($1)", [ground.acme.owner.memberId]],
        ),
      );
    }
    expect(summed(seen)).toBe("RF403");
    return summed(seen);
  },
);

attack(
  {
    id: "G-key",
    title: "make a key that may more than oneself, or more than the key that makes it (formbricks PR #8438)",
    expected: "RF403",
  },
  async () => {
    const member = await ground.db.member(ground.acme, "member");
    const seen = [
      await asMember(member.token, ["key.create"], createKey(["contact.erase"])),
      await asMember(member.token, ["key.create"], createKey(["key.create", "member.invite"])),
      await asMember(member.token, ["key.create"], createKey(["no.such"])),
    ];
    const { owner } = ground.acme;
    const narrow = await ground.db.key(ground.acme, owner, ["key.create", "member.invite", "member.change"]);
    const wide = await ground.db.member(ground.acme, "viewer");
    seen.push(await asMember(narrow, ["key.create"], createKey(["contact.read"])));
    seen.push(await asMember(narrow, ["member.invite"], invite("owner")));
    seen.push(await asMember(narrow, ["member.invite"], invite("viewer")));
    seen.push(
      await asMember(
        narrow,
        ["member.change"],
        ["select kernel.change_roles($1, '{owner}', null)", [wide.memberId]],
      ),
    );
    expect(summed(seen)).toBe("RF403");
    // A key that is asked for without limits gets those of the key that asks.
    const child = newToken();
    const api = await ground.connect();
    await boundAs(api, { token: narrow, slug: "acme", needs: ["key.create"] }, () =>
      api.query("select kernel.create_key('child', $1, 'x', null, null)", [sha256(child)]),
    );
    expect(await asMember(child, ["contact.read"], ["select 1", []])).toBe("RF403");
    return summed(seen);
  },
);

attack(
  {
    id: "G-key-longer",
    title: "make a key for ever with a key that runs out",
    expected: "it runs out as early",
  },
  async () => {
    const first = await ground.db.key(ground.acme, ground.acme.owner, ["key.create"]);
    const superuser = await ground.superuser();
    await superuser.query(
      "update kernel.credential set expires_at = '2126-01-01Z' where digest = sha256($1)",
      [sha256(first)],
    );
    const api = await ground.connect();
    const ends: unknown[] = [];
    for (const asked of ["infinity", "2127-01-01Z", "2125-01-01Z"]) {
      const child = newToken();
      await boundAs(api, { token: first, slug: "acme", needs: ["key.create"] }, () =>
        api.query("select kernel.create_key('child', $1, 'x', null, $2)", [sha256(child), asked]),
      );
      ends.push(
        await valueOf(
          superuser,
          "select extract(year from expires_at)::int from kernel.credential where digest = sha256($1)",
          [sha256(child)],
        ),
      );
    }
    expect(ends).toEqual([2126, 2126, 2125]);
    return "it runs out as early";
  },
);

attack(
  {
    id: "G-viewer",
    title: "a viewer's injection that deletes, archives, writes, enqueues or invites",
    expected: "refused, nothing changed",
  },
  async () => {
    const { token } = await ground.db.member(ground.acme, "viewer");
    const texts = [
      "delete from app.contact",
      "with gone as (delete from app.import_chunk returning 1) select * from gone",
      "select app.erase_contact(array(select id from app.contact))",
      "select app.archive_contact(array(select id from app.contact), null, true)",
      "insert into app.contact (tenant_id, id) select kernel.bound('contact.read'), gen_random_uuid()",
      "select kernel.enqueue('imports.undo', '{}')",
      "select kernel.store_tenant_key(1, '\\x00')",
      "select kernel.invite('x@x.example', '{viewer}', '\\x00', 60, gen_random_uuid(), 'x', '\\x00')",
    ];
    const seen: string[] = [];
    for (const text of texts) seen.push(await asMember(token, ["contact.read", "account.read"], [text, []]));
    for (const need of ["contact.erase", "contact.change", "member.invite", "audit.read", "contact.export"]) {
      seen.push(await asMember(token, [need], ["select 1", []]));
    }
    // A row that the policy of its command does not show is not there for it.
    seen.push(await asMember(token, ["contact.read"], ["update app.contact set notes = 'x'", []]));
    expect([...new Set(seen)].toSorted()).toEqual(["0 rows", "42501", "RF403"]);
    return [...new Set(seen)].toSorted().join(", ");
  },
);

attack(
  {
    id: "G-last-owner",
    title: "two owners remove each other at the same moment",
    expected: "one owner stays",
  },
  async () => {
    const superuser = await ground.superuser();
    for (let round = 0; round < 5; round += 1) {
      const slug = `pair-${round}`;
      const organization = await ground.db.organization({ slug });
      const other = await ground.db.member(organization, "owner");
      const removing = async (who: Member, whom: Member): Promise<string> => {
        const api = await ground.connect();
        const done = boundAs(api, { token: who.token, slug, needs: ["member.change"] }, () =>
          api.query("select kernel.end_membership($1)", [whom.memberId]),
        );
        return done.then(() => "removed", codeOf);
      };
      const seen = await Promise.all([
        removing(organization.owner, other),
        removing(other, organization.owner),
      ]);
      expect(seen.filter((came) => came === "removed")).toHaveLength(1);
      const owners =
        "select count(*)::int from kernel.membership where tenant_id = $1 and ended_at is null and 'owner' = any (roles)";
      expect(await valueOf(superuser, owners, [organization.id])).toBe(1);
      const last = seen[0] === "removed" ? organization.owner : other;
      const api = await ground.connect();
      const leaving = boundAs(api, { token: last.token, slug, needs: ["member.change"] }, () =>
        api.query("select kernel.end_membership($1)", [last.memberId]),
      );
      expect(await leaving.then(() => "left", codeOf)).toBe("RF409");
    }
    return "one owner stays";
  },
  60_000,
);

attack({ id: "G-ticket", title: "redeem one invitation 50 times at once", expected: "once" }, async () => {
  const ticket = newToken();
  const api = await ground.connect();
  const [text, values] = invite("member");
  values[2] = sha256(ticket);
  await boundAs(api, { token: ground.acme.owner.token, slug: "acme", needs: ["member.invite"] }, () =>
    api.query(text, values),
  );
  const doors = await Promise.all(Array.from({ length: 10 }, () => ground.connect("auth")));
  const accept = "select kernel.accept_invitation($1, null, 'X', '{}', $2, $3, null, null, null)";
  const seen = await Promise.all(
    Array.from({ length: 50 }, (_, at) => {
      const door = doors[at % doors.length];
      return door
        ?.query(accept, [sha256(ticket), sha256("v"), sha256(newToken())])
        .then(() => "joined", codeOf);
    }),
  );
  expect(seen.filter((came) => came === "joined")).toHaveLength(1);
  expect(seen.filter((came) => came === "RF403")).toHaveLength(49);
  return "once, RF403 49 times";
});

attack(
  {
    id: "G-sessions",
    title: "sign in 60 times at once to hold more sessions than allowed",
    expected: "20 live ones",
  },
  async () => {
    const member = await ground.db.member(ground.acme, "member");
    const doors = await Promise.all(Array.from({ length: 10 }, () => ground.connect("auth")));
    await Promise.all(
      Array.from({ length: 60 }, (_, at) =>
        doors[at % doors.length]?.query("select kernel.sign_in($1, $2, $3, null, null, null, null, null)", [
          member.email,
          member.derived,
          sha256(newToken()),
        ]),
      ),
    );
    const superuser = await ground.superuser();
    const live = await valueOf(
      superuser,
      "select count(*)::int from kernel.credential where person_id = $1 and ended_at is null",
      [member.personId],
    );
    expect(live).toBe(20);
    return "20";
  },
);

attack(
  {
    id: "N-enqueue",
    title: "enqueue work for another organization, or work that the route may not start",
    expected: "RF403, 42501",
  },
  async () => {
    const api = await ground.connect();
    const enqueue = `select kernel.enqueue('imports.check', jsonb_build_object('tenant_id', '${ground.rival.id}', 'tenantId', '${ground.rival.id}'))`;
    const seen = [await outcome(api, enqueue)];
    await ground.inAcme(api, ["contact.read", "import.read"], async () => {
      seen.push(
        await tried(api, enqueue),
        await tried(api, "select kernel.enqueue('lifecycle.purge', '{}')"),
      );
      seen.push(
        await tried(
          api,
          "insert into kernel.job (tenant_id, kind, payload, actor_email) values (kernel.bound_tenant(), 'mail.send', '{}', 'x')",
        ),
      );
    });
    expect([...new Set(seen)].toSorted()).toEqual(["42501", "RF403"]);
    const owner = { token: ground.acme.owner.token, slug: "acme", needs: ["import.change"] };
    const job = await boundAs(api, owner, () => valueOf(api, enqueue));
    const tenant = await valueOf(await ground.superuser(), "select tenant_id from kernel.job where id = $1", [
      job,
    ]);
    expect(tenant).toBe(ground.acme.id);
    return [...new Set(seen)].toSorted().join(", ");
  },
);

attack(
  { id: "N-lease", title: "enter, settle or keep a job whose lease is another worker's", expected: "RF401" },
  async () => {
    const [api, one, other] = [
      await ground.connect(),
      await ground.connect("worker"),
      await ground.connect("worker"),
    ];
    const superuser = await ground.superuser();
    await superuser.query("delete from kernel.job");
    const owner = { token: ground.acme.owner.token, slug: "acme", needs: ["import.change"] };
    await boundAs(api, owner, () => api.query("select kernel.enqueue('imports.check', '{}')"));
    const lease = "select id from kernel.lease_jobs('{imports.check}', $1, 60, 5)";
    const job = await valueOf(one, lease, [sha256("one")]);
    expect(job).toBeDefined();
    expect(await valueOf(other, lease, [sha256("other")])).toBeUndefined();
    const entering = async (client: typeof one, hash: Buffer): Promise<string> => {
      await client.query("begin");
      const entered = await outcome(client, "select kernel.enter_job($1, $2)", [job, hash]);
      const read = entered === "1 row" ? await outcome(client, "select * from app.contact") : entered;
      await client.query("rollback");
      return read;
    };
    const digest = await valueOf(superuser, "select lease_digest from kernel.job where id = $1", [job]);
    const seen = [
      await entering(other, sha256("other")),
      await entering(other, sha256("")),
      await entering(other, digest as Buffer),
    ];
    expect(await entering(one, sha256("one"))).toBe("9 rows");
    expect(
      await valueOf(other, "select kernel.settle_job($1, $2, null, null)", [job, sha256("other")]),
    ).toBeNull();
    // Its worker is thought dead, and another takes over: the first has lost it.
    await superuser.query("update kernel.job set leased_until = now() - interval '1 s'");
    expect(await valueOf(other, lease, [sha256("other")])).toBe(job);
    seen.push(await entering(one, sha256("one")));
    expect(await entering(other, sha256("other"))).toBe("9 rows");
    // Without its member it enters no more.
    await superuser.query("update kernel.membership set permissions = '{}' where id = $1", [
      ground.acme.owner.memberId,
    ]);
    expect(await entering(other, sha256("other"))).toBe("RF403");
    await superuser.query("call kernel.refresh_permissions()");
    expect(summed(seen)).toBe("RF401");
    return summed(seen);
  },
);
