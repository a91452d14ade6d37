import type { Client } from "pg";
import { beforeAll, expect } from "vitest";
import { newApiKey, newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { doorRoles } from "../../server/kernel/install/index.ts";
import { boundAs, enter } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, codeOf, outcome, summed, valueOf } from "./attack-ground.ts";
import { as, change, keyOf, serviceOf } from "./key-ground.ts";
import { less, mattersOn, sql } from "./take-away.ts";

// Keys of each class, as the roles of the database see them, and each defence taken away once.

proves("IAM-10", "RBAC-3");

const ground = attackGround();
let superuser: Client;
beforeAll(async () => {
  superuser = await ground.superuser();
});
const matters = mattersOn(() => superuser);

attack(
  {
    id: "K1",
    title: "enter with a publishable key, through every door, whoever made it",
    expected: "RF401, 42501",
  },
  async () => {
    const { token } = await keyOf(ground, ground.acme.owner, "publishable");
    const seen: string[] = [];
    for (const role of doorRoles) {
      const client = await ground.connect(role);
      await client.query("begin");
      seen.push(await enter(client, token, "acme", ["contact.read"]).then(() => "entered", codeOf));
      await client.query("rollback");
    }
    expect(new Set(seen)).toEqual(new Set(["RF401", "42501"]));
    return "RF401, 42501";
  },
);

attack(
  {
    id: "K2",
    title: "resolve a publishable key through any door but that of events",
    expected: "42501; 1 row at rf_ingest",
  },
  async () => {
    const { token } = await keyOf(ground, ground.acme.owner, "publishable");
    const text = "select * from kernel.publishable($1)";
    const seen: string[] = [];
    for (const role of doorRoles.filter((name) => name !== "ingest"))
      seen.push(await outcome(await ground.connect(role), text, [sha256(token)]));
    expect(summed(seen)).toBe("42501");
    const there = await outcome(await ground.connect("ingest"), text, [sha256(token)]);
    expect(there).toBe("1 row");
    return "42501; 1 row at rf_ingest";
  },
);

attack(
  {
    id: "K3",
    title:
      "resolve anything else as a publishable key: sessions, keys of other classes, ended and expired ones",
    expected: "0 rows",
  },
  async () => {
    const ingest = await ground.connect("ingest");
    const text = "select * from kernel.publishable($1, $2)";
    const ended = await keyOf(ground, ground.acme.owner, "publishable");
    const late = await keyOf(ground, ground.acme.owner, "publishable");
    const bound = await keyOf(ground, ground.acme.owner, "publishable", { networks: ["198.51.100.0/24"] });
    const leaver = await ground.db.member(ground.acme, "member");
    const theirs = await keyOf(ground, leaver, "publishable");
    const api = await ground.connect();
    await boundAs(api, { token: ground.acme.owner.token, slug: "acme", needs: ["key.end"] }, () =>
      api.query("select kernel.end_key($1)", [ended.id]),
    );
    await superuser.query("update kernel.credential set expires_at = now() where id = $1", [late.id]);
    await boundAs(api, { token: ground.acme.owner.token, slug: "acme", needs: ["member.change"] }, () =>
      api.query("select kernel.end_membership($1)", [leaver.memberId]),
    );
    const seen: string[] = [];
    for (const token of [
      ground.acme.owner.token,
      (await keyOf(ground, ground.acme.owner, "secret")).token,
      (await keyOf(ground, ground.acme.owner, "personal")).token,
      (await serviceOf(ground, ground.acme.owner)).token,
      ended.token,
      late.token,
      theirs.token,
      bound.token,
      newToken(),
    ])
      seen.push(await outcome(ingest, text, [sha256(token), "203.0.113.7"]));
    seen.push(await outcome(ingest, text, [sha256(bound.token), null]));
    expect(summed(seen)).toBe("0 rows");
    expect(await outcome(ingest, text, [sha256(bound.token), "198.51.100.7"])).toBe("1 row");
    return "0 rows";
  },
);

attack(
  {
    id: "K4",
    title: "give a secret key more than its ceiling: on request, by hand in the table, by another class",
    expected: "RF422, 23514, 42501",
  },
  async () => {
    const { owner } = ground.acme;
    const seen = [
      await as(
        ground,
        owner.token,
        ["key.create"],
        "select kernel.create_key('x', $1, 'x', '{contact.erase}', null, 'secret')",
        [sha256(newToken())],
      ),
      await as(
        ground,
        owner.token,
        ["key.create"],
        "select kernel.create_key('x', $1, 'x', '{contact.read}', null, 'publishable')",
        [sha256(newToken())],
      ),
      await as(
        ground,
        owner.token,
        ["key.create"],
        "select kernel.create_key('x', $1, 'x', null, null, 'scim')",
        [sha256(newToken())],
      ),
      await as(
        ground,
        owner.token,
        ["key.create"],
        "select kernel.create_key('x', $1, 'x', null, null, 'service')",
        [sha256(newToken())],
      ),
    ];
    const { id } = await keyOf(ground, owner, "secret");
    for (const permissions of ["'{contact.read,contact.erase}'", "null", "'{}'"])
      seen.push(
        await outcome(
          superuser,
          `update kernel.credential set permissions = ${permissions} where id = '${id}'`,
        ),
      );
    expect(new Set(seen)).toEqual(new Set(["RF422", "42501", "23514"]));
    return "RF422, 23514, 42501";
  },
);

matters(
  "secret-reach",
  "the ceiling of secret keys where they are used (the table's own check aside)",
  ["RF403", "1 row"],
  async () => {
    const { token, id } = await keyOf(ground, ground.acme.owner, "secret");
    await superuser.query("alter table kernel.credential drop constraint credential_secret_reach");
    try {
      await superuser.query("update kernel.credential set permissions = '{contact.erase}' where id = $1", [
        id,
      ]);
      return await as(ground, token, ["contact.erase"]);
    } finally {
      await superuser.query("delete from kernel.credential where id = $1", [id]);
      await superuser.query(
        "alter table kernel.credential add constraint credential_secret_reach check (class is distinct from 'secret' or coalesce(permissions <@ kernel.secret_ceiling() and cardinality(permissions) > 0, false))",
      );
    }
  },
  less(
    "kernel.enter_otherwise(boolean,boolean,text[],text[],text[],uuid,uuid,uuid,uuid,uuid,inet,text,text)",
    ["kernel.within(held, kernel.key_reach(credential))", "held"],
  ),
);

matters(
  "publishable",
  "the refusal of publishable keys in enter",
  ["RF401", "RF403"],
  async () => as(ground, (await keyOf(ground, ground.acme.owner, "publishable")).token, ["contact.read"]),
  less("kernel.enter(bytea,text,text[],uuid,inet,text,text)", [
    "c.class is distinct from 'publishable'",
    "true",
  ]),
);

matters(
  "publishable-permissions",
  "the table's check that a publishable key has no permission",
  ["23514", "1 row"],
  async () => {
    const { id } = await keyOf(ground, ground.acme.owner, "publishable");
    return outcome(superuser, "update kernel.credential set permissions = null where id = $1", [id]);
  },
  sql(
    "alter table kernel.credential drop constraint credential_publishable_reach",
    "delete from kernel.credential where class = 'publishable'; alter table kernel.credential add constraint credential_publishable_reach check (class is distinct from 'publishable' or coalesce(permissions = '{}', false))",
  ),
);

matters(
  "service-maker",
  "what its maker may do now, for a key of a service account (keygen PR #1108)",
  ["RF403", "1 row"],
  async () => {
    const admin = await ground.db.member(ground.acme, "admin");
    const robot = await serviceOf(ground, ground.acme.owner, ["manager"]);
    const api = await ground.connect();
    const { token, id: hint } = newApiKey("service");
    await boundAs(api, { token: admin.token, slug: "acme", needs: ["member.change", "key.create"] }, () =>
      api.query("select kernel.create_service_key($1, 'its key', $2, $3, null, null, null)", [
        robot.account,
        sha256(token),
        hint,
      ]),
    );
    expect(await as(ground, token, ["contact.archive"])).toBe("1 row");
    await change(ground, admin, ["viewer"]);
    return as(ground, token, ["contact.archive"]);
  },
  less(
    "kernel.enter_otherwise(boolean,boolean,text[],text[],text[],uuid,uuid,uuid,uuid,uuid,inet,text,text)",
    ["kernel.within(held, kernel.key_reach(credential))", "held"],
  ),
);

matters(
  "service-answerable",
  "what whoever answers for a service account may do now",
  ["RF403", "1 row"],
  async () => {
    const admin = await ground.db.member(ground.acme, "admin");
    const api = await ground.connect();
    const account = await boundAs(
      api,
      { token: ground.acme.owner.token, slug: "acme", needs: ["member.change"] },
      () => valueOf(api, "select kernel.create_service_account('Lent', '{manager}', $1)", [admin.memberId]),
    );
    const { token, id: hint } = newApiKey("service");
    await boundAs(
      api,
      { token: ground.acme.owner.token, slug: "acme", needs: ["member.change", "key.create"] },
      () =>
        api.query("select kernel.create_service_key($1, 'its key', $2, $3, null, null, null)", [
          account,
          sha256(token),
          hint,
        ]),
    );
    await change(ground, admin, ["viewer"]);
    return as(ground, token, ["contact.archive"]);
  },
  sql(
    "alter table kernel.membership disable trigger within_answerable",
    "alter table kernel.membership enable trigger within_answerable",
  ),
);

attack(
  {
    id: "K9",
    title: "re-roll or change another one's personal key, a key of another organization, an ended one",
    expected: "RF404",
  },
  async () => {
    const member = await ground.db.member(ground.acme, "member");
    const other = await ground.db.member(ground.acme, "member");
    const theirs = await keyOf(ground, other, "personal");
    const secret = await keyOf(ground, other, "secret");
    const gone = await keyOf(ground, member, "personal");
    await superuser.query("update kernel.credential set ended_at = now() where id = $1", [gone.id]);
    const rivals = String(
      await valueOf(
        superuser,
        "insert into kernel.credential (kind, class, digest, person_id, tenant_id) values ('key', 'personal', sha256('rival'), $1, $2) returning id",
        [ground.rival.owner.personId, ground.rival.id],
      ),
    );
    const seen: string[] = [];
    for (const id of [theirs.id, secret.id, gone.id, rivals, uuidv7()]) {
      seen.push(
        await as(ground, member.token, ["key.create"], "select kernel.reroll_key($1, $2, 'x', 0)", [
          id,
          sha256(newToken()),
        ]),
      );
      seen.push(
        await as(ground, member.token, ["key.create"], 'select kernel.change_key($1, \'{"name": "mine"}\')', [
          id,
        ]),
      );
    }
    // Not even an admin becomes somebody else by renewing their key.
    seen.push(
      await as(
        ground,
        ground.acme.owner.token,
        ["key.create", "key.end"],
        "select kernel.reroll_key($1, $2, 'x', 0)",
        [theirs.id, sha256(newToken())],
      ),
    );
    expect(summed(seen)).toBe("RF404");
    return summed(seen);
  },
);

attack(
  {
    id: "K10",
    title: "re-roll a key into one that may more or lives longer than the key that asks",
    expected: "RF403; not longer",
  },
  async () => {
    const { owner } = ground.acme;
    const wide = await keyOf(ground, owner, "personal", {
      wanted: ["contact.read", "contact.erase", "key.create"],
    });
    const narrow = await keyOf(ground, owner, "personal", {
      wanted: ["key.create", "key.end", "contact.read"],
    });
    const refused = await as(
      ground,
      narrow.token,
      ["key.create", "key.end"],
      "select kernel.reroll_key($1, $2, 'x', 900)",
      [wide.id, sha256(newToken())],
    );
    expect(refused).toBe("RF403");
    const whole = await keyOf(ground, owner, "personal");
    await superuser.query(
      "update kernel.credential set expires_at = now() + interval '1 day' where id = $1",
      [narrow.id],
    );
    const api = await ground.connect();
    const made = await boundAs(
      api,
      { token: narrow.token, slug: "acme", needs: ["key.create", "key.end"] },
      () => valueOf(api, "select kernel.reroll_key($1, $2, 'x', 900)", [whole.id, sha256(newToken())]),
    );
    const { rows } = await superuser.query(
      "select permissions, expires_at <= now() + interval '1 day' as in_time from kernel.credential where id = $1",
      [made],
    );
    expect(rows[0].in_time).toBe(true);
    expect(rows[0].permissions.toSorted()).toEqual(["contact.read", "key.create", "key.end"]);
    return "RF403; not longer";
  },
);
