import { DatabaseError, type Statement } from "../../foundation/database/index.ts";
import { log } from "../../foundation/log/index.ts";
import { job, type Job, type JobContext, type JobScope } from "../../jobs/index.ts";
import { columnOf, permission, type Resource, statementsOf } from "../../kernel/resource/index.ts";

const batchSize = 500;

/** A field of one resource that names records of another. */
interface Reference {
  readonly from: Resource;
  readonly column: string;
}

/**
 * Erases for good what has been archived for longer than its resource keeps it, organization by organization.
 *
 * What still names an erased record loses the reference first, as a change in the trail like any other; a record that
 * something else holds on to stays archived, is counted in the log, and is tried again at the next run.
 */
export function purgeJob(resources: readonly Resource[]): Job {
  return job({
    kind: "lifecycle.purge",
    requires: null,
    needs: needsOf(resources),
    tries: 5,
    every: "1 hour",
    run: async (context) => {
      for (const resource of inOrder(resources))
        await purge(resource, referencesTo(resource, resources), context);
    },
  });
}

function needsOf(resources: readonly Resource[]): string[] {
  const needs = resources.flatMap((resource) => [
    permission(resource, "read"),
    permission(resource, "erase"),
    ...referencesTo(resource, resources).flatMap(({ from }) => [
      permission(from, "read"),
      permission(from, "change"),
    ]),
  ]);
  return [...new Set(needs)].toSorted();
}

/** Records that name others go before those, so that fewer references have to be cleared. */
function inOrder(resources: readonly Resource[]): Resource[] {
  return resources.toSorted((a, b) => referencesTo(a, resources).length - referencesTo(b, resources).length);
}

function referencesTo(resource: Resource, resources: readonly Resource[]): Reference[] {
  return resources.flatMap((from) =>
    Object.entries(from.fields)
      .filter(([, { kind, to, isRequired }]) => kind === "ref" && to === resource.name && !isRequired)
      .map(([name]) => ({ from, column: columnOf(name) })),
  );
}

async function purge(
  resource: Resource,
  references: readonly Reference[],
  { scope, signal }: JobContext,
): Promise<void> {
  let after: string | null = null;
  let [erased, held] = [0, 0];
  for (;;) {
    if (signal.aborted) throw new Error("stopped; the next lease goes on");
    const ids = await dueAfter(scope, resource, after);
    const last = ids.at(-1);
    if (last === undefined) break;
    const gone = await eraseOrSplit(scope, resource, references, ids);
    erased += gone;
    held += ids.length - gone;
    after = last;
  }
  if (erased > 0) log.event("task-finished", { task: `purge.${resource.name}`, count: erased });
  if (held > 0) log.event("task-finished", { task: `purge.${resource.name}.held`, count: held });
}

async function dueAfter(scope: JobScope, resource: Resource, after: string | null): Promise<string[]> {
  const { rows } = await scope.run({
    text: `select id from ${resource.relation} where archived_at < now() - make_interval(days => $1)
  and ($2::uuid is null or id > $2) order by id limit ${batchSize}`,
    values: [resource.keepArchivedDays, after],
  });
  return rows.map((row) => String(row["id"]));
}

/** Erases all of these; when something holds on to one of them, halves find out which. Returns how many are gone. */
async function eraseOrSplit(
  scope: JobScope,
  resource: Resource,
  references: readonly Reference[],
  ids: readonly string[],
): Promise<number> {
  try {
    const results = await scope.batch([
      ...references.map((reference) => clear(reference, ids)),
      statementsOf(resource).erase(ids),
    ]);
    return results.at(-1)?.rows.length ?? 0;
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== "23503") throw error;
    if (ids.length === 1) return 0;
    const middle = Math.ceil(ids.length / 2);
    const first = await eraseOrSplit(scope, resource, references, ids.slice(0, middle));
    return first + (await eraseOrSplit(scope, resource, references, ids.slice(middle)));
  }
}

function clear({ from, column }: Reference, ids: readonly string[]): Statement {
  return {
    text: `update ${from.relation} set ${column} = null where ${column} = any ($1::uuid[])`,
    values: [ids],
  };
}
