import { preparedGround } from "./ground.ts";

/**
 * How fast a database fills with all triggers on, and how big it gets:
 * `npm run bench seed [organizations] [contacts of each]` (200 and 5000 unless told; `1 1000000` is one big customer).
 */

const [organizations = 200, contactsEach = 5000] = process.argv.slice(2).map(Number);
const ground = await preparedGround({ name: "org", organizations, contactsEach });
try {
  const sizes = await ground.db.query(
    `select c.oid::regclass::text as relation, pg_size_pretty(pg_table_size(c.oid)) as rows, pg_size_pretty(pg_indexes_size(c.oid)) as indexes
  from pg_class c where c.relkind = 'r' and c.relnamespace in ('app'::regnamespace, 'kernel'::regnamespace)
 order by pg_total_relation_size(c.oid) desc limit 5`,
  );
  console.table(sizes);
} finally {
  await ground.stop();
}
