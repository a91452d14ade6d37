import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import { doorRoles, dsnAs, install, type Installed } from "../../server/kernel/install/index.ts";
import { emptyDatabase, superuserDsn } from "../cluster.ts";
import {
  boundAs,
  enter,
  installOptionsFor,
  withDoors,
  type InstalledDatabase,
  type Organization,
} from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { canary, outcome, summed, tried, undone, valueOf } from "./attack-ground.ts";
import { everythingTold } from "./everything-told.ts";
import { curious, destructive } from "./hostile-statements.ts";

// A platform that gives no superuser: the installer owns the database and may make roles, no more. What it may not take from
// PUBLIC stays open, and the walls hold all the same.

proves("ISO-1", "ISO-2", "ISO-6", "ISO-10");

const prefix = "plain";
const installer = "plain_installer";
let db: InstalledDatabase;
let installed: Installed;
let acme: Organization;
let rival: Organization;
const ours = (text: string): string => text.replaceAll("rf_", `${prefix}_`);

beforeAll(async () => {
  const password = randomBytes(18).toString("hex");
  const bare = await emptyDatabase("plain");
  const superuser = new Client({ connectionString: superuserDsn() });
  await superuser.connect();
  await superuser.query(`create role ${installer} login createrole nosuperuser password '${password}'`);
  await superuser.query(`alter database "${bare.name}" owner to ${installer}`);
  await superuser.end();
  installed = await install(installOptionsFor(dsnAs(bare.dsn, installer, password), prefix));
  db = await withDoors(bare, prefix);
  acme = await db.organization({ slug: "acme" });
  rival = await db.organization({ slug: "rival" });
  for (const { owner, slug } of [acme, rival]) {
    const api = await db.connectAs("api");
    await boundAs(api, { token: owner.token, slug, needs: ["contact.create"] }, () =>
      api.query(
        "insert into app.contact (tenant_id, id, notes) select kernel.bound('contact.create'), gen_random_uuid(), $1 from generate_series(1, 9)",
        [slug === "rival" ? canary : "nothing"],
      ),
    );
  }
});

afterAll(async () => {
  await db?.drop();
});

describe("an installer that is no superuser", () => {
  test("is told which measures of depth the platform refused, and no other", () => {
    const refused = installed.refused.map(({ measure }) => measure);
    // PostgreSQL 15 lets whoever may make roles grant pg_signal_backend.
    expect(refused.filter((measure) => measure !== "ending what outlasts a revoke")).toEqual([
      "set_config",
      "notify",
      "sleep",
      "signals",
      "advisory locks",
      "locks of others",
      "large objects",
      "text run as SQL",
      "snapshots",
      "messages in the log",
      "statistics",
      "procedural language",
    ]);
    for (const { reason } of installed.refused) expect(reason).not.toBe("");
  });
});

attack(
  { id: "U-unbound", title: "unprivileged installer: every verb without a binding", expected: "42501" },
  async () => {
    const seen: string[] = [];
    for (const role of doorRoles) {
      const client = await db.connectAs(role);
      for (const text of [
        "select * from app.contact",
        "insert into app.contact (tenant_id, id) values (gen_random_uuid(), gen_random_uuid())",
        "update app.contact set notes = 'x'",
        "delete from app.contact",
        "select * from kernel.credential",
        "select * from kernel.members",
      ]) {
        seen.push(await outcome(client, text));
      }
    }
    expect(summed(seen)).toBe("42501");
    return summed(seen);
  },
);

attack(
  {
    id: "U-forge",
    title: "unprivileged installer: choose a tenant with set_config, which stays open there",
    expected: "42501",
  },
  async () => {
    const api = await db.connectAs("api");
    const seen = await undone(api, acme, ["contact.read"], async () => {
      const genuine = String(await valueOf(api, "select current_setting('ringfence.binding')"));
      const forged = genuine.replace(acme.id, rival.id);
      const set = `set_config('ringfence.binding', '${forged}', true)`;
      await api.query("savepoint forged");
      expect(await outcome(api, `select ${set}`)).toBe("1 row");
      const read = await outcome(api, "select * from app.contact");
      await api.query("rollback to savepoint forged");
      return [
        read,
        await tried(
          api,
          `with s as materialized (select ${set}) select c.* from s, app.contact c where s is not null`,
        ),
        await tried(
          api,
          `select query_to_xml('select * from app.contact', true, true, '') from (select ${set} offset 0) s`,
        ),
      ];
    });
    // An expression may be judged before or after it forged; it never sees another's row.
    for (const code of seen) expect(["42501", "9 rows"]).toContain(code);
    expect(seen[0]).toBe("42501");
    return "42501";
  },
);

attack(
  {
    id: "U-hostile",
    title: `unprivileged installer: ${curious.length + destructive.length} hostile statements, with no credential and with one`,
    expected: "nothing told, nothing changed",
  },
  async () => {
    // Without the revoke a role may end its own sessions, the one that asks among them.
    const statements = [...curious, ...destructive]
      .filter((text) => !text.includes("pg_terminate_backend"))
      .map(ours);
    const before = await fingerprint();
    const unbound = await everythingTold(db, "api", statements);
    const enterText = `select * from kernel.enter('\\x${sha256(acme.owner.token).toString("hex")}', 'acme', '{contact.read}', null, null, null)`;
    const bound = await everythingTold(db, "api", ["begin", enterText, ...statements, "commit"]);
    for (const answer of [unbound, bound]) expect(answer.includes(canary)).toBe(false);
    expect(unbound.includes("nothing")).toBe(false);
    expect(bound.includes("nothing")).toBe(true);
    expect(await fingerprint()).toEqual(before);
    return "nothing told, nothing changed";
  },
  120_000,
);

async function fingerprint(): Promise<unknown[]> {
  const superuser = await db.connectAsSuperuser();
  const sums: unknown[] = [];
  for (const relation of [
    "app.contact",
    "app.account",
    "kernel.membership",
    "kernel.credential",
    "kernel.person",
    "kernel.audit_event",
    "kernel.job",
  ]) {
    sums.push(
      await valueOf(
        superuser,
        `select md5(coalesce(string_agg(x::text, '|' order by x::text), '')) from ${relation} x`,
      ),
    );
  }
  return sums;
}

attack(
  {
    id: "U-revoke",
    title:
      "unprivileged installer: keep a revoke from happening with an open transaction and a session's advisory lock",
    expected: "revoked, and the next statement refused",
  },
  async () => {
    const member = await db.member(acme, "member");
    const auth = await db.connectAs("auth");
    const phone = newToken();
    await auth.query("select kernel.sign_in($1, $2, $3, null, null, null, null, null)", [
      member.email,
      member.derived,
      sha256(phone),
    ]);
    const thief = await db.connectAs("api");
    await thief.query("set idle_in_transaction_session_timeout = 0");
    await thief.query("begin");
    await enter(thief, member.token, "acme", ["contact.read"]);
    const squatter = await db.connectAs("api");
    const lock = "('x' || encode(substring(sha256($1::bytea) from 1 for 8), 'hex'))::bit(64)::bigint";
    await squatter.query(`select pg_advisory_lock_shared(${lock})`, [sha256(member.token)]);
    await auth.query("select kernel.end_session($1, null, null, null, null)", [sha256(phone)]);
    const seen = await outcome(thief, "select * from app.contact").catch(() => "ended");
    expect(["42501", "57P01", "ended"]).toContain(seen);
    const again = await db.connectAs("api");
    await again.query("begin");
    expect(
      await tried(again, "select kernel.enter($1, 'acme', '{contact.read}', null, null, null)", [
        sha256(member.token),
      ]),
    ).toBe("RF401");
    return "revoked, refused";
  },
  60_000,
);
