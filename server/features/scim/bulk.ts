import { Problem } from "../../foundation/problem/index.ts";
import { explainFault } from "../../http/index.ts";
import type { TenantScope } from "../../kernel/tenancy/index.ts";
import { type Asking, note } from "./act.ts";
import { createGroup, deleteGroup, modifyGroup, replaceMembersOf } from "./groups.ts";
import { bulkRequestSchema, bulkResponseSchema, type Document, limits } from "./names.ts";
import { demandObject } from "./read-value.ts";
import { scimError, ScimRefusal } from "./refusal.ts";
import { changeOf, changeUsers, createUser, deleteUser, modifyUser, replaceUser } from "./users.ts";

interface Operation {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly kind: "Users" | "Groups";
  /** An id, or `bulkId:…` of another operation; null for POST. */
  readonly target: string | null;
  readonly bulkId: string | null;
  readonly version: string | null;
  readonly data: unknown;
}

interface Outcome {
  readonly id: string | null;
  readonly version: string | null;
  readonly error: ReturnType<typeof scimError> | null;
}

/**
 * Does what a bulk asks for, each operation as if it had come alone (RFC 7644 section 3.7). One that names the `bulkId` of a later
 * one waits for it; what waits for itself is refused. Changes of different users that follow each other go into one transaction;
 * when one of them is refused, nothing of it is kept, and each goes alone.
 */
export async function bulk(scope: TenantScope, body: unknown, base: string): Promise<Document> {
  const { operations, failOnErrors } = bulkOf(body);
  const outcomes: (Outcome | undefined)[] = operations.map(() => undefined);
  const ids = new Map<string, string | null>();
  let errors = 0;
  for (let waiting = operations.map((_, at) => at); waiting.length > 0 && errors < failOnErrors;) {
    const ready = waiting.filter((at) => isReady(operations[at], ids, operations));
    // What is left waits for itself.
    const next = ready.length > 0 ? ready : waiting;
    for (const run of runsOf(next, operations)) {
      const together = await outcomesOf(
        scope,
        run.flatMap((at) => operations[at] ?? []),
      );
      for (const [nth, at] of run.entries()) {
        const operation = operations[at];
        if (operation === undefined || errors >= failOnErrors) continue;
        const outcome = together?.[nth] ?? (await outcomeOf(scope, operation, ids));
        outcomes[at] = outcome;
        if (operation.bulkId !== null) ids.set(operation.bulkId, outcome.id);
        if (outcome.error !== null) errors += 1;
      }
    }
    const done = new Set(next);
    waiting = waiting.filter((at) => !done.has(at));
  }
  return {
    schemas: [bulkResponseSchema],
    Operations: operations.flatMap((operation, at) => {
      const outcome = outcomes[at];
      return outcome === undefined ? [] : [told(operation, outcome, base)];
    }),
  };
}

function bulkOf(body: unknown): { operations: Operation[]; failOnErrors: number } {
  const given = demandObject(body);
  if (Array.isArray(given["schemas"]) && !given["schemas"].includes(bulkRequestSchema))
    throw new ScimRefusal("invalidSyntax", `A bulk is of the schema ${bulkRequestSchema}.`);
  const list = given["Operations"];
  if (!Array.isArray(list)) throw new ScimRefusal("invalidSyntax", "A bulk holds a list of Operations.");
  if (list.length > limits.bulkOperations)
    throw new Problem("too-large", { detail: `A bulk holds at most ${limits.bulkOperations} operations.` });
  const failOnErrors = given["failOnErrors"] ?? limits.bulkOperations;
  if (typeof failOnErrors !== "number" || !Number.isInteger(failOnErrors) || failOnErrors < 1)
    throw new ScimRefusal("invalidValue", '"failOnErrors" is a whole number from 1 on.');
  const operations = list.map(operationOf);
  const named = operations.flatMap(({ bulkId }) => (bulkId === null ? [] : [bulkId]));
  if (new Set(named).size < named.length) throw new ScimRefusal("invalidValue", "A bulkId is there twice.");
  return { operations, failOnErrors };
}

const address =
  /^\/(Users|Groups)(?:\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|bulkId:[\w.:-]{1,100}))?$/i;

function operationOf(given: unknown): Operation {
  const { method, path, bulkId = null, version = null, data } = demandObject(given);
  const verb = typeof method === "string" ? method.toUpperCase() : "";
  if (verb !== "POST" && verb !== "PUT" && verb !== "PATCH" && verb !== "DELETE")
    throw new ScimRefusal("invalidSyntax", "An operation is a POST, PUT, PATCH or DELETE.");
  const [, kind, target = null] = (typeof path === "string" ? address.exec(path) : null) ?? [];
  if (kind === undefined || (verb === "POST") !== (target === null))
    throw new ScimRefusal("invalidPath", "A path of an operation is such as /Users or /Users/{id}.");
  if (verb === "POST" && bulkId === null) throw new ScimRefusal("invalidSyntax", "A POST has a bulkId.");
  if ((bulkId !== null && !isName(bulkId)) || (version !== null && !isName(version)))
    throw new ScimRefusal("invalidSyntax", "bulkId and version are texts of 1 to 100 characters.");
  return {
    method: verb,
    kind: kind.toLowerCase() === "users" ? "Users" : "Groups",
    target,
    bulkId,
    version,
    data,
  };
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length >= 1 && value.length <= 100;
}

/** The names of other operations that this one uses. */
function namesIn(operation: Operation): string[] {
  const found: string[] = [];
  collect(operation.target, found);
  collect(operation.data, found);
  return found;
}

function collect(value: unknown, found: string[]): void {
  if (typeof value === "string") {
    for (const [, name] of value.matchAll(/bulkId:([\w.:-]{1,100})/g))
      if (name !== undefined) found.push(name);
  } else if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) collect(inner, found);
  }
}

function isReady(
  operation: Operation | undefined,
  ids: ReadonlyMap<string, unknown>,
  all: readonly Operation[],
): boolean {
  if (operation === undefined) return false;
  return namesIn(operation).every((name) => ids.has(name) || !all.some(({ bulkId }) => bulkId === name));
}

/** A bulk that off-boards thousands is done in seconds when these go together; more would hold the directory's lock for long. */
const togetherMax = 100;

/** The operations in runs: of changes of users, each another one's, and everything else alone. */
function runsOf(positions: readonly number[], operations: readonly Operation[]): number[][] {
  const runs: number[][] = [];
  let targets = new Set<string>();
  for (const at of positions) {
    const target = ownTarget(operations[at]);
    const run = runs.at(-1);
    if (
      target !== null &&
      run !== undefined &&
      targets.size > 0 &&
      !targets.has(target) &&
      run.length < togetherMax
    )
      run.push(at);
    else {
      runs.push([at]);
      targets = new Set();
    }
    if (target !== null) targets.add(target);
  }
  return runs;
}

/** Whom a change of a user that names nothing of this bulk is about; null for every other operation. */
function ownTarget(operation: Operation | undefined): string | null {
  if (operation === undefined || operation.kind !== "Users" || operation.target === null) return null;
  if (operation.method !== "PUT" && operation.method !== "PATCH") return null;
  return namesIn(operation).length > 0 ? null : operation.target.toLowerCase();
}

/** What became of these changes, done together; null when one was refused, or there is but one. */
async function outcomesOf(scope: TenantScope, run: readonly Operation[]): Promise<Outcome[] | null> {
  if (run.length < 2) return null;
  try {
    const changes = run.map(({ method, target, version, data }) =>
      changeOf(method === "PUT" ? "PUT" : "PATCH", String(target), version, data),
    );
    const rows = await changeUsers(scope, changes);
    return rows.map(({ id, version }) => ({ id, version: `"v${version}"`, error: null }));
  } catch {
    // Which of them it was, and whether it was one of them at all, shows when each is done alone.
    return null;
  }
}

async function outcomeOf(
  scope: TenantScope,
  operation: Operation,
  ids: ReadonlyMap<string, string | null>,
): Promise<Outcome> {
  try {
    const data = resolved(operation.data, ids);
    const target = operation.target === null ? null : String(resolved(operation.target, ids));
    const made = await perform({ scope, match: operation.version }, operation, target, data);
    return made === null
      ? { id: target, version: null, error: null }
      : { id: made.id, version: `"v${made.version}"`, error: null };
  } catch (thrown) {
    const problem = explainFault(thrown, operation.method);
    // Whoever is nobody any more would fare no better with the rest.
    if (problem.key === "not-signed-in") throw thrown;
    await note(scope, `${operation.method} ${operation.kind} (bulk)`, thrown);
    return { id: null, version: null, error: scimError(problem) };
  }
}

/** Puts ids in the place of names; refuses one that names nothing that was made. */
function resolved(value: unknown, ids: ReadonlyMap<string, string | null>): unknown {
  if (typeof value === "string") {
    return value.replace(/bulkId:([\w.:-]{1,100})/g, (_, name: string) => {
      const id = ids.get(name);
      if (id === undefined || id === null)
        throw new Problem("wrong-state", {
          detail: "It names a bulkId that stands for nothing that was made.",
        });
      return id;
    });
  }
  if (Array.isArray(value)) return value.map((one) => resolved(one, ids));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolved(inner, ids)]));
}

interface Versioned {
  readonly id: string;
  readonly version: number;
}

async function perform(
  asking: Asking,
  { method, kind }: Operation,
  target: string | null,
  data: unknown,
): Promise<Versioned | null> {
  if (target === null) return (kind === "Users" ? createUser : createGroup)(asking, data);
  switch (method) {
    case "PUT":
      return (kind === "Users" ? replaceUser : replaceMembersOf)(asking, target, data);
    case "PATCH":
      return kind === "Users" ? modifyUser(asking, target, data) : modifyGroup(asking, target, data, false);
    default:
      await (kind === "Users" ? deleteUser : deleteGroup)(asking, target);
      return null;
  }
}

function told(
  { method, kind, target, bulkId }: Operation,
  { id, version, error }: Outcome,
  base: string,
): Document {
  const place = id ?? (target?.startsWith("bulkId:") === true ? null : target);
  return {
    method,
    ...(bulkId === null ? {} : { bulkId }),
    ...(place === null ? {} : { location: `${base}/${kind}/${place}` }),
    ...(version === null ? {} : { version }),
    status: error?.status ?? (method === "POST" ? "201" : method === "DELETE" ? "204" : "200"),
    ...(error === null ? {} : { response: error }),
  };
}
