import type { Client } from "pg";
import { beforeAll, expect } from "vitest";
import { newApiKey, newToken, sha256 } from "../../server/foundation/ids/index.ts";
import { doorRoles } from "../../server/kernel/install/index.ts";
import { doorWordKeys } from "../../server/kernel/vault/index.ts";
import { boundAs, enter } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, codeOf, outcome, summed, valueOf } from "./attack-ground.ts";
import { as, change, keyOf, registered, serviceOf, tokenFor } from "./key-ground.ts";
import { both, less, mattersOn, sql } from "./take-away.ts";

// Service accounts, their keys and their assertions, as the roles of the database see them.

proves("IAM-10", "RBAC-3");

const ground = attackGround();
let superuser: Client;
beforeAll(async () => {
  superuser = await ground.superuser();
});
const matters = mattersOn(() => superuser);

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
      const robot = await serviceOf(ground, made === "answerable" ? admin : ground.acme.owner, ["manager"]);
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
      await change(ground, admin, ["manager"]);
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
    const robot = await serviceOf(ground, ground.acme.owner);
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
    const robot = await serviceOf(ground, ground.acme.owner);
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
    const robot = await serviceOf(ground, ground.acme.owner, ["owner"]);
    const seen = [
      await as(ground, robot.token, ["key.create"], "select kernel.create_key('x', $1, 'x', null, null)", [
        sha256(newToken()),
      ]),
      await as(ground, robot.token, ["key.create"], "select kernel.reroll_key($1, $2, 'x', 0)", [
        robot.id,
        sha256(newToken()),
      ]),
      await as(
        ground,
        robot.token,
        ["key.create", "member.change"],
        "select kernel.create_service_key($1, 'x', $2, 'x', null, null, null)",
        [robot.account, sha256(newToken())],
      ),
      await as(
        ground,
        robot.token,
        ["member.change"],
        "select kernel.create_service_account('x', '{viewer}', $1)",
        [ground.acme.owner.memberId],
      ),
      await as(
        ground,
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
    const strong = await serviceOf(ground, ground.acme.owner, ["owner"]);
    const both_ = ["member.change", "key.create"];
    const seen = [
      await as(ground, admin.token, both_, "select kernel.create_service_account('x', '{owner}', null)"),
      await as(
        ground,
        admin.token,
        both_,
        "select kernel.create_service_key($1, 'x', $2, 'x', '{billing.change}', null, null)",
        [strong.account, sha256(newToken())],
      ),
      await as(
        ground,
        admin.token,
        both_,
        'select kernel.change_service_account($1, \'{"roles": ["owner"]}\', null)',
        [(await serviceOf(ground, admin)).account],
      ),
      await as(ground, admin.token, both_, "select kernel.change_service_account($1, $2, null)", [
        strong.account,
        { answerableId: admin.memberId },
      ]),
      await as(ground, admin.token, both_, "select kernel.end_service_account($1)", [strong.account]),
      await as(
        ground,
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
    seen.push(await as(ground, capped, ["billing.change"]));
    expect(summed(seen)).toBe("RF403");
    return summed(seen);
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
    const robot = await serviceOf(ground, leaver);
    const other = await serviceOf(ground, ground.acme.owner);
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
    expect(await as(ground, token, ["contact.read"])).toBe("1 row");
    await boundAs(api, { token: ground.acme.owner.token, slug: "acme", needs: ["member.change"] }, () =>
      api.query("select kernel.end_membership($1)", [leaver.memberId]),
    );
    const seen = [
      await as(ground, robot.token, ["contact.read"]),
      await as(ground, own, ["contact.read"]),
      await as(ground, token, ["contact.read"]),
    ];
    seen.push(String(await ask("second", sha256(newToken()))));
    expect(summed(seen)).toBe("RF401, ended");
    expect(await as(ground, other.token, ["contact.read"])).toBe("1 row");
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
      await registered(ground),
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
    const jwk = await registered(ground);
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
  async () => String(await tokenFor(await ground.connect("auth"), await registered(ground), "long", "6 min")),
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
    const { id } = await keyOf(ground, member, "personal");
    return as(
      ground,
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
    const strong = await serviceOf(ground, ground.acme.owner, ["owner"]);
    return as(
      ground,
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
