import { readdir, readFile, writeFile } from "node:fs/promises";
import { account, contact, ownField } from "../server/features/crm/index.ts";
import { importRun } from "../server/features/imports/index.ts";
import { jobsOf, resources } from "../server/house.ts";
import { jobsScript } from "../server/jobs/index.ts";
import { ddlOf, type Resource, rolesScript } from "../server/kernel/resource/index.ts";

// `npm run migrations` writes the migrations that follow from declarations. With --check it writes nothing and fails when
// one is out of date. Until the first release they are rewritten in place; afterwards a changed declaration needs a new
// file, and these stay as they were.

interface GeneratedMigration {
  readonly name: string;
  readonly text: string;
}

const directory = new URL("../server/migrations/", import.meta.url);

const table = (name: string, title: string, resource: Resource): GeneratedMigration => ({
  name,
  text: `-- ${title}\n-- Generated from the declaration (npm run migrations), reviewed, and never edited once released.\n\n${ddlOf(resource)}`,
});

/** The tables whose migrations have a title and a number of their own. */
const titled: ReadonlyMap<Resource, readonly [string, string]> = new Map<Resource, readonly [string, string]>(
  [
    [account, ["0010-accounts.sql", "Companies that an organization does business with."]],
    [contact, ["0011-contacts.sql", "People that an organization does business with."]],
    [ownField, ["0012-own-fields.sql", "Fields that organizations declare themselves."]],
    [importRun, ["0013-imports.sql", "Files on their way in."]],
  ],
);

async function generated(): Promise<GeneratedMigration[]> {
  const there = await readdir(directory);
  const last = Math.max(...there.map((name) => Number.parseInt(name, 10) || 0));
  const fresh = resources.filter((resource) => !titled.has(resource));
  return [
    ...[...titled].map(([resource, [name, title]]) => table(name, title, resource)),
    ...fresh.map((resource, index) =>
      table(fileFor(resource, there, last + 1 + index), `${resource.many}.`, resource),
    ),
    { name: "0020-roles.sql", text: rolesScript(resources) },
    // Job kinds are declared without the pools that run them.
    { name: "0021-jobs.sql", text: jobsScript(jobsOf({} as Parameters<typeof jobsOf>[0])) },
  ];
}

/** The file that a resource got when it was added, or the next number. */
function fileFor({ many }: Resource, there: readonly string[], next: number): string {
  const name = many.replaceAll("_", "-");
  const existing = there.find((file) => file.replace(/^\d{4}-/, "") === `${name}.sql`);
  return existing ?? `${String(next).padStart(4, "0")}-${name}.sql`;
}

const stale: GeneratedMigration[] = [];
for (const migration of await generated()) {
  const there = await readFile(new URL(migration.name, directory), "utf8").catch(() => "");
  if (there !== migration.text) stale.push(migration);
}
const names = stale.map(({ name }) => name).join(", ");
if (process.argv.includes("--check")) {
  if (stale.length > 0) console.error(`Out of date: ${names}. Run npm run docs.`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const { name, text } of stale) await writeFile(new URL(name, directory), text);
  if (stale.length > 0) console.log(`wrote ${names}`);
}
