import { openAdministration } from "../server/foundation/database/index.ts";

/** The role that the rival logs in as. */
export const rivalRole = { name: "rival_web", password: "rival" } as const;

/**
 * Copies accounts and contacts into two schemas: `bare`, which nothing guards, and `rival`, whose rows a setting guards:
 * the usual way, `tenant_id = current_setting(…)`, on the same keys. `rival_web` may read it.
 */
export async function copyTables(dsn: string): Promise<void> {
  const db = await openAdministration(dsn);
  try {
    for (const schema of ["bare", "rival"]) {
      await db.script(`create schema ${schema}`);
      for (const table of ["account", "contact"]) {
        await db.script(`create table ${schema}.${table} as table app.${table};
alter table ${schema}.${table} add primary key (tenant_id, id);
create index on ${schema}.${table} (tenant_id, sort_name, id) where archived_at is null`);
        await db.script(`vacuum analyze ${schema}.${table}`);
      }
    }
    await db.script(guards);
  } finally {
    await db.close();
  }
}

const guards = `
alter table rival.contact add foreign key (tenant_id, account_id) references rival.account (tenant_id, id);
create role ${rivalRole.name} login noinherit password '${rivalRole.password}';
grant usage on schema rival to ${rivalRole.name};
grant select on rival.account, rival.contact to ${rivalRole.name};
grant execute on function pg_catalog.set_config(text, text, boolean) to ${rivalRole.name};
do $$ begin execute format('grant connect on database %I to ${rivalRole.name}', current_database()); end $$;
alter table rival.account enable row level security;
alter table rival.account force row level security;
alter table rival.contact enable row level security;
alter table rival.contact force row level security;
create policy wall on rival.account using (tenant_id = (select nullif(current_setting('rival.tenant', true), '')::uuid));
create policy wall on rival.contact using (tenant_id = (select nullif(current_setting('rival.tenant', true), '')::uuid));
`;
