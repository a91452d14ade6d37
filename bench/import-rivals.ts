import type { Administration } from "../server/foundation/database/index.ts";
import { usageOfTree } from "./process-tree.ts";

/**
 * What the same rows cost PostgreSQL alone: put into a twin of the table without row security, triggers, checks and
 * indexes, and into one with the indexes but nothing else. Rows are read from the table that the import has just filled.
 */
export async function rivalFigures(db: Administration, postmaster: number, rows: number): Promise<void> {
  await db.script("create schema rival; create table rival.bare as select * from app.contact limit 0");
  await db.script("create table rival.indexed (like rival.bare)");
  const indexes = await db.query(
    "select pg_get_indexdef(indexrelid) as text from pg_index where indrelid = 'app.contact'::regclass order by indexrelid",
  );
  for (const { text } of indexes) await db.script(String(text).replace("ON app.contact", "ON rival.indexed"));
  for (const name of ["bare", "indexed"]) {
    const before = usageOfTree(postmaster).cpu;
    const started = performance.now();
    await db.script(`insert into rival.${name} select * from app.contact`);
    const seconds = (performance.now() - started) / 1000;
    const cpu = (usageOfTree(postmaster).cpu - before) / rows;
    console.log(
      `rival: insert … select into a table ${name}: ${seconds.toFixed(1)} s, ${Math.round(rows / seconds)} rows/s, CPU per row ${cpu.toFixed(1)} µs`,
    );
  }
  await db.script("drop schema rival cascade");
}
