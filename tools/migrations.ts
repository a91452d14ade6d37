import { readFile, writeFile } from "node:fs/promises";
import { account, contact, ownField } from "../server/features/crm/index.ts";
import { importRun } from "../server/features/imports/index.ts";
import { jobsOf, resources } from "../server/house.ts";
import { jobsScript } from "../server/jobs/index.ts";
import { ddlOf, type Resource, rolesScript } from "../server/kernel/resource/index.ts";

/** A migration whose text follows from declarations. */
export interface GeneratedMigration {
  readonly name: string;
  readonly text: () => string;
}

const table = (name: string, title: string, resource: Resource): GeneratedMigration => ({
  name,
  text: () => `-- ${title}\n-- Generated from the declaration (npm run migrations), reviewed, and never edited once released.\n\n${ddlOf(resource)}`,
});

/**
 * The migrations that declarations make. Until the first release they are rewritten in place; afterwards a changed
 * declaration needs a new file, and these stay as they were.
 */
export const generatedMigrations: readonly GeneratedMigration[] = [
  table("0010-accounts.sql", "Companies that an organization does business with.", account),
  table("0011-contacts.sql", "People that an organization does business with.", contact),
  table("0012-own-fields.sql", "Fields that organizations declare themselves.", ownField),
  table("0013-imports.sql", "Files on their way in.", importRun),
  { name: "0020-roles.sql", text: () => rolesScript(resources) },
  // Job kinds are declared without the pools that run them.
  { name: "0021-jobs.sql", text: () => jobsScript(jobsOf({} as Parameters<typeof jobsOf>[0])) },
];

const fileOf = (name: string): URL => new URL(`../server/migrations/${name}`, import.meta.url);

/** Names of the files that differ from what the declarations say. */
export async function staleMigrations(): Promise<string[]> {
  const stale = await Promise.all(
    generatedMigrations.map(async ({ name, text }) => {
      const there = await readFile(fileOf(name), "utf8").catch(() => "");
      return there === text() ? [] : [name];
    }),
  );
  return stale.flat();
}

if (process.argv[1]?.endsWith("migrations.ts") === true) {
  if (process.argv.includes("--check")) {
    const stale = await staleMigrations();
    if (stale.length > 0) {
      console.error(`Out of date: ${stale.join(", ")}. Run npm run migrations.`);
      process.exitCode = 1;
    }
  } else {
    for (const { name, text } of generatedMigrations) await writeFile(fileOf(name), text());
  }
}
