import type { Client } from "pg";
import { beforeAll, expect } from "vitest";
import { newApiKey, newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { doorRoles } from "../../server/kernel/install/index.ts";
import { doorWord, doorWordKeys } from "../../server/kernel/vault/index.ts";
import { boundAs, enter, type Member } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { trialDoorWords } from "../seed.ts";
import { attack } from "./attack.ts";
import { attackGround, codeOf, outcome, summed, valueOf } from "./attack-ground.ts";
import { both, less, mattersOn, sql } from "./take-away.ts";

// Keys of each class, as the roles of the database see them, and each defence taken away once.

proves("IAM-10", "RBAC-3");

const ground = attackGround();
let superuser: Client;
beforeAll(async () => {
  superuser = await ground.superuser();
});
const matters = mattersOn(() => superuser);

type KeyClass = "personal" | "secret" | "publishable";
interface Made {
  readonly token: string;
  readonly id: string;
}

/** A key of this class, made through the door of the API. */
async function keyOf(
  who: Member,
  kind: KeyClass,
  options: { wanted?: readonly string[]; networks?: readonly string[] } = {},
): Promise<Made> {
  const { token, id: hint } = newApiKey(kind);
  const api = await ground.connect();
  const id = await boundAs(api, { token: who.token, slug: "acme", needs: ["key.create"] }, () =>
    valueOf(api, "select kernel.create_key('a key', $1, $2, $3, null, $4, $5::cidr[])", [
      sha256(token),
      hint,
      options.wanted ?? null,
      kind,
      options.networks ?? null,
    ]),
  );
  return { token, id: String(id) };
}

/** What comes of entering, and of one statement then; nothing is kept. */
async function as(
  token: string,
  needs: readonly string[],
  text = "select 1",
  values: unknown[] = [],
  ip = "203.0.113.7",
): Promise<string> {
  const api = await ground.connect();
  try {
    await api.query("begin");
    await api.query("select kernel.enter($1, 'acme', $2, $3, $4, 'a test')", [
      sha256(token),
      needs,
      uuidv7(),
      ip,
    ]);
    return await outcome(api, text, values);
  } catch (error) {
    return codeOf(error);
  } finally {
    await api.end();
  }
}

/** A service account of acme with a key, made by this member and answered for by them. */
async function serviceOf(
  maker: Member,
  roles: readonly string[] = ["member"],
): Promise<Made & { readonly account: string }> {
  const api = await ground.connect();
  const { token, id: hint } = newApiKey("service");
  const account = await boundAs(api, { token: maker.token, slug: "acme", needs: ["member.change"] }, () =>
    valueOf(api, "select kernel.create_service_account('Robot', $1, null)", [roles]),
  );
  const id = await boundAs(
    api,
    { token: maker.token, slug: "acme", needs: ["member.change", "key.create"] },
    () =>
      valueOf(api, "select kernel.create_service_key($1, 'its key', $2, $3, null, null, null)", [
        account,
        sha256(token),
        hint,
      ]),
  );
  return { token, id: String(id), account: String(account) };
}

const change = (member: Member, roles: readonly string[]): Promise<unknown> => {
  return ground
    .connect()
    .then((api) =>
      boundAs(api, { token: ground.acme.owner.token, slug: "acme", needs: ["member.change"] }, () =>
        api.query("select kernel.change_roles($1, $2, null)", [member.memberId, roles]),
      ),
    );
};

/** What comes of an assertion that is said to be good, signed by this public key. */
function tokenFor(
  auth: Client,
  jwk: unknown,
  jti: string,
  life = "1 min",
  token = sha256(newToken()),
  words = trialDoorWords,
): Promise<unknown> {
  const word = doorWord(words, "service-token", String(jwk), sha256(jti), token);
  return valueOf(
    auth,
    "select kernel.service_token($1, $2, now() + $3::interval, $4, 'x', null, '203.0.113.7', 'x', $5)",
    [jwk, sha256(jti), life, token, word],
  );
}

/** A public key of a new service account. */
async function registered(): Promise<unknown> {
  const robot = await serviceOf(ground.acme.owner);
  const api = await ground.connect();
  return boundAs(
    api,
    { token: ground.acme.owner.token, slug: "acme", needs: ["member.change", "key.create"] },
    () =>
      valueOf(api, `select kernel.add_service_jwk($1, 'x', '{"kty":"EC"}', 'ES256', $2, null, null, null)`, [
        robot.account,
        newToken(),
      ]),
  );
}

attack(
  {
    id: "K1",
    title: "enter with a publishable key, through every door, whoever made it",
    expected: "RF401, 42501",
  },
  async () => {
    const { token } = await keyOf(ground.acme.owner, "publishable");
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
    const { token } = await keyOf(ground.acme.owner, "publishable");
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
    const ended = await keyOf(ground.acme.owner, "publishable");
    const late = await keyOf(ground.acme.owner, "publishable");
    const bound = await keyOf(ground.acme.owner, "publishable", { networks: ["198.51.100.0/24"] });
    const leaver = await ground.db.member(ground.acme, "member");
    const theirs = await keyOf(leaver, "publishable");
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
      (await keyOf(ground.acme.owner, "secret")).token,
      (await keyOf(ground.acme.owner, "personal")).token,
      (await serviceOf(ground.acme.owner)).token,
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
        owner.token,
        ["key.create"],
        "select kernel.create_key('x', $1, 'x', '{contact.erase}', null, 'secret')",
        [sha256(newToken())],
      ),
      await as(
        owner.token,
        ["key.create"],
        "select kernel.create_key('x', $1, 'x', '{contact.read}', null, 'publishable')",
        [sha256(newToken())],
      ),
      await as(owner.token, ["key.create"], "select kernel.create_key('x', $1, 'x', null, null, 'scim')", [
        sha256(newToken()),
      ]),
      await as(owner.token, ["key.create"], "select kernel.create_key('x', $1, 'x', null, null, 'service')", [
        sha256(newToken()),
      ]),
    ];
    const { id } = await keyOf(owner, "secret");
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
    const { token, id } = await keyOf(ground.acme.owner, "secret");
    await superuser.query("alter table kernel.credential drop constraint credential_secret_reach");
    try {
      await superuser.query("update kernel.credential set permissions = '{contact.erase}' where id = $1", [
        id,
      ]);
      return await as(token, ["contact.erase"]);
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
  async () => as((await keyOf(ground.acme.owner, "publishable")).token, ["contact.read"]),
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
    const { id } = await keyOf(ground.acme.owner, "publishable");
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
    const robot = await serviceOf(ground.acme.owner, ["manager"]);
    const api = await ground.connect();
    const { token, id: hint } = newApiKey("service");
    await boundAs(api, { token: admin.token, slug: "acme", needs: ["member.change", "key.create"] }, () =>
      api.query("select kernel.create_service_key($1, 'its key', $2, $3, null, null, null)", [
        robot.account,
        sha256(token),
        hint,
      ]),
    );
    expect(await as(token, ["contact.archive"])).toBe("1 row");
    await change(admin, ["viewer"]);
    return as(token, ["contact.archive"]);
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
    await change(admin, ["viewer"]);
    return as(token, ["contact.archive"]);
  },
  sql(
    "alter table kernel.membership disable trigger within_answerable",
    "alter table kernel.membership enable trigger within_answerable",
  ),
);

attack(
  {
    id: "K5",
    title: "hold a pass of a service account's key while its maker, or whoever answers for it, loses a right",
    expected: "RF410",
  },
  async () => {
    const seen: string[] = [];
    for (const made of ["maker", "answerable"] as const) {
      const admin = await ground.db.member(ground.acme, "admin");
      const robot = await serviceOf(made === "answerable" ? admin : ground.acme.owner, ["manager"]);
      const api = await ground.connect();
      const { token, id: hint } = newApiKey("service");
      const maker = made === "maker" ? admin : ground.acme.owner;
      await boundAs(api, { token: maker.token, slug: "acme", needs: ["member.change", "key.create"] }, () =>
        api.query("select kernel.create_service_key($1, 'its key', $2, $3, null, null, null)", [
          robot.account,
          sha256(token),
          hint,
        ]),
      );
      await api.query("begin");
      await enter(api, token, "acme", ["contact.read"]);
      const pass = await valueOf(api, "select pass from kernel.mint_pass()");
      await api.query("commit");
      expect(Buffer.isBuffer(pass)).toBe(true);
      // Even a right that the pass does not need: it is judged anew.
      await change(admin, ["manager"]);
      await api.query("begin");
      seen.push(await outcome(api, "select kernel.present($1, $2)", [sha256(token), pass]));
      await api.query("rollback");
    }
    expect(summed(seen)).toBe("RF410");
    return summed(seen);
  },
);

matters(
  "service-session",
  "the trigger that keeps service accounts from having sessions",
  ["42501", "1 row"],
  async () => {
    const robot = await serviceOf(ground.acme.owner);
    await superuser.query("begin");
    try {
      return await outcome(
        superuser,
        "select kernel.mint_session((select person_id from kernel.membership where id = $1), $2, null, 'x')",
        [robot.account, sha256(newToken())],
      );
    } finally {
      await superuser.query("rollback");
    }
  },
  sql(
    "alter table kernel.credential disable trigger keep_service_apart",
    "alter table kernel.credential enable trigger keep_service_apart",
  ),
);

attack(
  {
    id: "K6",
    title: "give a service account a password, or a person a key of a service account",
    expected: "23514, 42501",
  },
  async () => {
    const robot = await serviceOf(ground.acme.owner);
    const person = String(
      await valueOf(superuser, "select person_id from kernel.membership where id = $1", [robot.account]),
    );
    const seen = [
      await outcome(
        superuser,
        "update kernel.person set verifier = sha256('x'), recipe = '{}' where id = $1",
        [person],
      ),
      await outcome(
        superuser,
        "insert into kernel.credential (kind, class, digest, person_id, tenant_id, permissions) values ('key', 'service', sha256('y'), $1, $2, '{}')",
        [ground.acme.owner.personId, ground.acme.id],
      ),
      await outcome(
        superuser,
        "insert into kernel.credential (kind, class, digest, person_id, tenant_id) values ('key', 'personal', sha256('z'), $1, $2)",
        [person, ground.acme.id],
      ),
    ];
    expect(new Set(seen)).toEqual(new Set(["23514", "42501"]));
    return "23514, 42501";
  },
);

attack(
  {
    id: "K7",
    title: "as a service account: make keys, or a service account, or re-roll its own key",
    expected: "RF403",
  },
  async () => {
    const robot = await serviceOf(ground.acme.owner, ["owner"]);
    const seen = [
      await as(robot.token, ["key.create"], "select kernel.create_key('x', $1, 'x', null, null)", [
        sha256(newToken()),
      ]),
      await as(robot.token, ["key.create"], "select kernel.reroll_key($1, $2, 'x', 0)", [
        robot.id,
        sha256(newToken()),
      ]),
      await as(
        robot.token,
        ["key.create", "member.change"],
        "select kernel.create_service_key($1, 'x', $2, 'x', null, null, null)",
        [robot.account, sha256(newToken())],
      ),
      await as(robot.token, ["member.change"], "select kernel.create_service_account('x', '{viewer}', $1)", [
        ground.acme.owner.memberId,
      ]),
      await as(
        robot.token,
        ["key.create", "member.change"],
        "select kernel.add_service_jwk($1, 'x', '{}', 'ES256', 'x', null, null, null)",
        [robot.account],
      ),
    ];
    expect(summed(seen)).toBe("RF403");
    return summed(seen);
  },
);

attack(
  { id: "K8", title: "through a service account that may more than oneself, get at more", expected: "RF403" },
  async () => {
    const admin = await ground.db.member(ground.acme, "admin");
    const strong = await serviceOf(ground.acme.owner, ["owner"]);
    const both_ = ["member.change", "key.create"];
    const seen = [
      await as(admin.token, both_, "select kernel.create_service_account('x', '{owner}', null)"),
      await as(
        admin.token,
        both_,
        "select kernel.create_service_key($1, 'x', $2, 'x', '{billing.change}', null, null)",
        [strong.account, sha256(newToken())],
      ),
      await as(
        admin.token,
        both_,
        'select kernel.change_service_account($1, \'{"roles": ["owner"]}\', null)',
        [(await serviceOf(admin)).account],
      ),
      await as(admin.token, both_, "select kernel.change_service_account($1, $2, null)", [
        strong.account,
        { answerableId: admin.memberId },
      ]),
      await as(admin.token, both_, "select kernel.end_service_account($1)", [strong.account]),
      await as(
        admin.token,
        both_,
        "select kernel.add_service_jwk($1, 'x', '{}', 'ES256', 'x', '{billing.change}', null, null)",
        [strong.account],
      ),
    ];
    const capped = newToken();
    const api = await ground.connect();
    await boundAs(api, { token: admin.token, slug: "acme", needs: both_ }, () =>
      api.query("select kernel.create_service_key($1, 'x', $2, 'x', null, null, null)", [
        strong.account,
        sha256(capped),
      ]),
    );
    seen.push(await as(capped, ["billing.change"]));
    expect(summed(seen)).toBe("RF403");
    return summed(seen);
  },
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
    const theirs = await keyOf(other, "personal");
    const secret = await keyOf(other, "secret");
    const gone = await keyOf(member, "personal");
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
        await as(member.token, ["key.create"], "select kernel.reroll_key($1, $2, 'x', 0)", [
          id,
          sha256(newToken()),
        ]),
      );
      seen.push(
        await as(member.token, ["key.create"], 'select kernel.change_key($1, \'{"name": "mine"}\')', [id]),
      );
    }
    // Not even an admin becomes somebody else by renewing their key.
    seen.push(
      await as(
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
    const wide = await keyOf(owner, "personal", { wanted: ["contact.read", "contact.erase", "key.create"] });
    const narrow = await keyOf(owner, "personal", { wanted: ["key.create", "key.end", "contact.read"] });
    const refused = await as(
      narrow.token,
      ["key.create", "key.end"],
      "select kernel.reroll_key($1, $2, 'x', 900)",
      [wide.id, sha256(newToken())],
    );
    expect(refused).toBe("RF403");
    const whole = await keyOf(owner, "personal");
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

attack(
  {
    id: "K11",
    title: "keep a service account's keys after leaving: those that one made, answered for or registered",
    expected: "RF401, ended",
  },
  async () => {
    const leaver = await ground.db.member(ground.acme, "admin");
    const robot = await serviceOf(leaver);
    const other = await serviceOf(ground.acme.owner);
    const api = await ground.connect();
    const own = newToken();
    await boundAs(api, { token: leaver.token, slug: "acme", needs: ["member.change", "key.create"] }, () =>
      api.query("select kernel.create_service_key($1, 'x', $2, 'x', null, null, null)", [
        other.account,
        sha256(own),
      ]),
    );
    const jwk = await boundAs(
      api,
      { token: leaver.token, slug: "acme", needs: ["member.change", "key.create"] },
      () =>
        valueOf(
          api,
          `select kernel.add_service_jwk($1, 'x', '{"kty":"EC"}', 'ES256', 'print', null, null, null)`,
          [other.account],
        ),
    );
    const auth = await ground.connect("auth");
    const token = newToken();
    const ask = (jti: string, hash: Buffer): Promise<unknown> => tokenFor(auth, jwk, jti, "1 min", hash);
    expect(await ask("first", sha256(token))).toBe("minted");
    expect(await as(token, ["contact.read"])).toBe("1 row");
    await boundAs(api, { token: ground.acme.owner.token, slug: "acme", needs: ["member.change"] }, () =>
      api.query("select kernel.end_membership($1)", [leaver.memberId]),
    );
    const seen = [
      await as(robot.token, ["contact.read"]),
      await as(own, ["contact.read"]),
      await as(token, ["contact.read"]),
    ];
    seen.push(String(await ask("second", sha256(newToken()))));
    expect(summed(seen)).toBe("RF401, ended");
    expect(await as(other.token, ["contact.read"])).toBe("1 row");
    return summed(seen);
  },
);

matters(
  "assertion-word",
  "the server's word that it has checked a signature",
  ["RF403", "minted"],
  async () => {
    const another = doorWordKeys(Buffer.alloc(32, 1));
    return tokenFor(
      await ground.connect("auth"),
      await registered(),
      newToken(),
      "1 min",
      sha256(newToken()),
      another,
    ).then(String, codeOf);
  },
  less("kernel.demand_word(bytea,text)", ["if not exists", "if false and not exists"]),
);

matters(
  "jti",
  "the single use of an assertion",
  ["minted, replayed", "minted, minted"],
  async () => {
    const jwk = await registered();
    const auth = await ground.connect("auth");
    const seen: unknown[] = [];
    for (let times = 0; times < 2; times += 1) seen.push(await tokenFor(auth, jwk, "jti"));
    return seen.join(", ");
  },
  less("kernel.service_token(uuid,bytea,timestamptz,bytea,text,uuid,inet,text,bytea)", [
    "verdict := 'replayed';",
    "verdict := null;",
  ]),
);

matters(
  "assertion-life",
  "the end of long assertions in the database",
  ["too-long", "minted"],
  async () => String(await tokenFor(await ground.connect("auth"), await registered(), "long", "6 min")),
  less("kernel.service_token(uuid,bytea,timestamptz,bytea,text,uuid,inet,text,bytea)", [
    "interval '5 min'",
    "interval '1 day'",
  ]),
);

attack(
  {
    id: "K12",
    title: "call what only the kernel or the sign-in door may call, through every other door",
    expected: "42501",
  },
  async () => {
    const inside = [
      "select kernel.key_to_manage(gen_random_uuid())",
      "select kernel.key_permissions('personal', null)",
      "select kernel.service_membership(gen_random_uuid(), gen_random_uuid())",
      "select kernel.restore_owner('x', null, null, 'x', null, null, null)",
      "select kernel.service_token(gen_random_uuid(), 'x', now(), 'x', 'x', null, null, 'x', 'x')",
      "select kernel.locks_out(null::kernel.tenant)",
      "select * from kernel.service_jwk",
      "select * from kernel.access_review",
    ];
    const seen: string[] = [];
    for (const role of doorRoles) {
      const client = await ground.connect(role);
      for (const text of inside) {
        if (role === "auth" && /restore_owner|service_token/.test(text)) continue;
        seen.push(await outcome(client, text));
      }
    }
    expect(summed(seen)).toBe("42501");
    return summed(seen);
  },
);

matters(
  "reroll-personal",
  "the rule that only its owner renews a personal key",
  ["RF404", "1 row"],
  async () => {
    const member = await ground.db.member(ground.acme, "member");
    const { id } = await keyOf(member, "personal");
    return as(
      ground.acme.owner.token,
      ["key.create", "key.end"],
      "select kernel.reroll_key($1, $2, 'x', 0)",
      [id, sha256(newToken())],
    );
  },
  less("kernel.reroll_key(uuid,bytea,text,integer)", [
    "old.class = 'personal' and old.person_id <> field[5]::uuid",
    "false",
  ]),
);

matters(
  "grant-service",
  "the demand that nobody gives a service account's key more than they hold",
  ["RF403", "1 row"],
  async () => {
    const admin = await ground.db.member(ground.acme, "admin");
    const strong = await serviceOf(ground.acme.owner, ["owner"]);
    return as(
      admin.token,
      ["member.change", "key.create"],
      "select kernel.create_service_key($1, 'x', $2, 'x', '{billing.change}', null, null)",
      [strong.account, sha256(newToken())],
    );
  },
  both(
    less("kernel.service_key_terms(uuid,text,text[],timestamptz,cidr[])", [
      "if not permissions <@",
      "if false and not permissions <@",
    ]),
  ),
);
