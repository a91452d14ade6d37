import type { Client } from "pg";
import { describe, expect, test } from "vitest";
import { boundAs } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import {
  accountId,
  attackGround,
  canary,
  contactId,
  outcome,
  summed,
  tried,
  valueOf,
} from "./attack-ground.ts";

// Section C of the leak checklist: constraints are checked below row security, so they must not reach across it.

proves("ISO-1", "ISO-4");

const ground = attackGround();
const needs = ["contact.read", "contact.create", "contact.change", "account.read", "account.create"];
const insertContact = "insert into app.contact (tenant_id, id, email, external_id, account_id)";
const tenant = "kernel.bound('contact.create')";

attack(
  {
    id: "C1",
    title: "learn from a unique index whether another organization has a value",
    expected: "1 row",
  },
  async () => {
    const api = await ground.connect();
    const seen = await ground.inAcme(api, needs, async () => [
      await tried(
        api,
        `${insertContact} values (${tenant}, gen_random_uuid(), 'person1@${canary}.example', null, null)`,
      ),
      await tried(api, `${insertContact} values (${tenant}, gen_random_uuid(), null, '${canary}1', null)`),
      await tried(
        api,
        `insert into app.account (tenant_id, id, name, domain) values (${tenant}, gen_random_uuid(), 'x', '1.${canary}.example')`,
      ),
    ]);
    expect(summed(seen)).toBe("1 row");
    return summed(seen);
  },
);

attack({ id: "C2", title: "use an id that another organization uses", expected: "1 row" }, async () => {
  const superuser = await ground.superuser();
  const id = await valueOf(superuser, "select gen_random_uuid()");
  const api = await ground.connect();
  const { owner } = ground.rival;
  const insert = `${insertContact} values (${tenant}, $1, null, null, null)`;
  await boundAs(api, { token: owner.token, slug: "rival", needs }, () => api.query(insert, [id]));
  const seen = await ground.inAcme(api, needs, () => tried(api, insert, [id]));
  expect(seen).toBe("1 row");
  return seen;
});

attack({ id: "C3", title: "use ON CONFLICT as an oracle for hidden rows", expected: "1 row" }, async () => {
  const api = await ground.connect();
  const row = `${insertContact} values (${tenant}, gen_random_uuid(), 'person1@${canary}.example', null, null)`;
  const seen = await ground.inAcme(api, needs, async () => [
    await tried(api, `${row} on conflict do nothing`),
    await tried(
      api,
      `${row} on conflict (tenant_id, email) where archived_at is null and email is not null do update set source = 'x'`,
    ),
  ]);
  expect(summed(seen)).toBe("1 row");
  return summed(seen);
});

/** A row of each kind that only the rival has. */
async function onlyTheirs(client: Client): Promise<{ account: unknown; member: string }> {
  const { owner, slug } = ground.rival;
  const account = await boundAs(client, { token: owner.token, slug, needs }, async () => {
    return valueOf(
      client,
      `insert into app.account (tenant_id, id, name) values (${tenant}, gen_random_uuid(), 'theirs') returning id`,
    );
  });
  return { account, member: owner.memberId };
}

attack(
  { id: "C4", title: "refer to another organization's account or member", expected: "23503" },
  async () => {
    const api = await ground.connect();
    const { account, member } = await onlyTheirs(api);
    const seen = await ground.inAcme(api, needs, async () => [
      await tried(api, `${insertContact} values (${tenant}, gen_random_uuid(), null, null, $1)`, [account]),
      await tried(api, "update app.contact set account_id = $1", [account]),
      await tried(api, "update app.contact set owner_id = $1", [member]),
      await tried(api, "update app.contact set owner_id = gen_random_uuid()"),
    ]);
    expect(summed(seen)).toBe("23503");
    return summed(seen);
  },
);

const eraseAccounts = "select app.erase_account(array[$1]::uuid[])";

attack(
  { id: "C5", title: "block another organization's delete by referring to the same id", expected: "1 row" },
  async () => {
    const api = await ground.connect();
    const { owner, slug } = ground.rival;
    const who = {
      token: owner.token,
      slug,
      needs: ["account.read", "account.erase", "contact.read", "contact.change"],
    };
    const seen = await boundAs(api, who, async () => {
      await api.query("savepoint before");
      await api.query("update app.contact set account_id = null");
      // Acme's contacts still point to an account of that id: their own.
      const erased = await tried(api, eraseAccounts, [accountId]);
      await api.query("rollback to savepoint before");
      return erased;
    });
    expect(seen).toBe("1 row");
    return seen;
  },
);

attack(
  { id: "C6", title: "cascade a delete into another organization", expected: "their rows stand" },
  async () => {
    const superuser = await ground.superuser();
    const count = (): Promise<unknown> =>
      valueOf(superuser, "select count(*)::int from app.import_chunk where tenant_id = $1", [
        ground.rival.id,
      ]);
    const before = await count();
    const api = await ground.connect();
    await ground.inAcme(api, ["import.read", "import.erase"], async () => {
      const { rowCount } = await api.query("select app.erase_import(array(select id from app.import))");
      expect(rowCount).toBe(2);
      expect(await outcome(api, "select * from app.import_chunk")).toBe("0 rows");
      expect(await count()).toBe(before);
    });
    return "their rows stand";
  },
);

attack(
  { id: "C8", title: "read values out of error details", expected: "no value in the error" },
  async () => {
    const api = await ground.connect();
    const told: string[] = [];
    await ground.inAcme(api, needs, async () => {
      for (const text of [
        `update app.contact set email = 'same@${canary}.example'`,
        `${insertContact} select ${tenant}, '${contactId}', '${canary}@x', null, null`,
        `update app.contact set stage = '${canary}'`,
        `update app.contact set account_id = '0198c0de-0000-7000-8000-00000000ffff'`,
      ]) {
        await api.query("savepoint told");
        const error: unknown = await api.query(text).catch((thrown: unknown) => thrown);
        await api.query("rollback to savepoint told");
        told.push(JSON.stringify(error, ["message", "detail", "hint", "where"]));
      }
    });
    expect(told).toHaveLength(4);
    for (const text of told) expect(text).not.toContain(canary);
    return "no value in the error";
  },
);

attack({ id: "C9", title: "move a row to another organization by UPDATE", expected: "42501" }, async () => {
  const api = await ground.connect();
  const seen = await ground.inAcme(api, needs, async () => [
    await tried(api, `update app.contact set tenant_id = '${ground.rival.id}'`),
    await tried(api, "update app.contact set id = gen_random_uuid()"),
    await tried(api, "update app.contact set version = 1"),
    await tried(api, "update app.contact set archived_at = now()"),
  ]);
  expect(summed(seen)).toBe("42501");
  return summed(seen);
});

attack({ id: "C10", title: "go round the policies with MERGE", expected: "42501" }, async () => {
  const api = await ground.connect();
  const theirs = `select '${ground.rival.id}'::uuid as tenant_id, '${contactId}'::uuid as id`;
  const seen = await ground.inAcme(api, needs, async () => [
    await tried(
      api,
      `merge into app.contact c using (${theirs}) s on c.tenant_id = s.tenant_id and c.id = s.id
                        when not matched then insert (tenant_id, id) values (s.tenant_id, gen_random_uuid())`,
    ),
    await tried(api, `merge into app.contact c using (${theirs}) s on c.id = s.id when matched then delete`),
    await tried(
      api,
      `merge into app.contact c using (${theirs}) s on c.id = s.id when matched then update set tenant_id = s.tenant_id`,
    ),
  ]);
  expect(summed(seen)).toBe("42501");
  const matched = await ground.inAcme(api, needs, () =>
    tried(
      api,
      `merge into app.contact c using (${theirs}) s on c.tenant_id = s.tenant_id and c.id = s.id when matched then update set source = 'x'`,
    ),
  );
  expect(matched).toBe("0 rows");
  return summed(seen);
});

const perRelation = `
  select c.oid::regclass::text as relation, a.attname as first, coalesce(a.attnotnull, false) as required, k.kind, k.name
    from (
      select i.indrelid as relid, i.indkey[0] as attnum, 'index' as kind, i.indexrelid::regclass::text as name from pg_index i
      union all
      select k.conrelid, k.conkey[1], k.contype::text, k.conname from pg_constraint k where k.contype in ('p', 'u', 'f', 'x')
      union all
      select k.confrelid, k.confkey[1], 'referred to', k.conname from pg_constraint k
       where k.contype = 'f' and k.conrelid in (select oid from pg_class where relnamespace = 'app'::regnamespace)) k
    join pg_class c on c.oid = k.relid
    left join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
   where c.relnamespace = 'app'::regnamespace or k.kind = 'referred to'`;

interface Led {
  readonly relation: string;
  readonly first: string | null;
  readonly required: boolean;
  readonly kind: string;
  readonly name: string;
}

attack(
  {
    id: "C7",
    title: "find an index, key, exclusion or reference of a tenant table that does not start with tenant_id",
    expected: "none",
  },
  async () => {
    const { rows } = await (await ground.superuser()).query<Led>(perRelation);
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter(({ first, required }) => first !== "tenant_id" || !required)).toEqual([]);
    expect(rows.filter(({ kind }) => kind === "x")).toEqual([]);
    return "none";
  },
);

attack(
  { id: "C11", title: "find a tenant table whose tenant_id may be null", expected: "none" },
  async () => {
    const { rows } = await (
      await ground.superuser()
    ).query(`
      select c.oid::regclass from pg_class c
       where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p') and not exists (
         select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull and a.atttypid = 'uuid'::regtype)`);
    expect(rows).toEqual([]);
    return "none";
  },
);

describe("references of tenant tables", () => {
  test("neither null a key nor cascade an update, and carry the organization on both sides", async () => {
    const { rows } = await (
      await ground.superuser()
    ).query<{ name: string }>(`
      select conname as name from pg_constraint
       where contype = 'f' and conrelid in (select oid from pg_class where relnamespace = 'app'::regnamespace)
         and (confdeltype not in ('r', 'c') or confupdtype <> 'a' or cardinality(conkey) <> cardinality(confkey))`);
    expect(rows).toEqual([]);
  });
});
