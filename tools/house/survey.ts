import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { planFaults, readPlan, roomOf, type Plan } from "./floors.ts";
import { oddLettersInProse, oddLettersInSource } from "./letters.ts";
import { filesBelow, readModules, type Module } from "./modules.ts";
import { nameFault } from "./names.ts";
import { circleFaults, entriesBetweenRooms, isAside, moduleFaults, type Fault } from "./rules.ts";

/** What a walk through the house found. */
export interface Survey {
  readonly plan: Plan;
  readonly modules: readonly Module[];
  /** The rooms that each room enters. */
  readonly entries: ReadonlyMap<string, readonly string[]>;
  readonly faults: readonly Fault[];
}

/** The files and lines of a room, tests not counted. */
export interface Measure {
  readonly files: number;
  readonly lines: number;
}

/**
 * Walks through the whole tree and names every fault.
 *
 * A walk that saw no modules is itself a fault: a check that looks at nothing must not pass.
 */
export function survey(root: string): Survey {
  const plan = readPlan(join(root, "tools/floors.json"));
  const folders = [...new Set(plan.rooms.map(({ at }) => at.split("/")[0] ?? at)), "docs"];
  const paths = filesBelow(root, folders);
  const modules = readModules(root, paths);
  const faults: Fault[] = [
    ...planFaults(plan),
    ...modules.flatMap((module) => [...nameFaults(module), ...moduleFaults(plan, root, module)]),
    ...circleFaults(plan, modules),
    ...modules.flatMap(({ path, text, syntax }) => lettersAsFaults(path, oddLettersInSource(text, syntax))),
    ...proseFaults(root, [...paths, ...filesBelowTop(root)]),
  ];
  if (!modules.some(({ path }) => path.startsWith("server/")))
    faults.push("saw no modules in server/; nothing was checked");
  return { plan, modules, entries: entriesBetweenRooms(plan, modules), faults };
}

/** How large a room is. */
export function measure({ plan, modules }: Survey, room: string): Measure {
  const inside = modules.filter(
    ({ path }) => roomOf(plan, path)?.name === room && (!isAside(path) || room === "tests"),
  );
  return { files: inside.length, lines: inside.reduce((sum, { lines }) => sum + lines, 0) };
}

/** Sideways doors that are listed and that no import uses: candidates for removal, no faults. */
export function idleDoors({ plan, entries }: Survey): string[] {
  return plan.rooms.flatMap(({ name, doors, floor }) =>
    floor.free
      ? []
      : doors.filter((door) => entries.get(name)?.includes(door) !== true).map((door) => `${name} → ${door}`),
  );
}

function nameFaults({ path }: Module): Fault[] {
  const why = nameFault(path);
  return why === null ? [] : [`${path}: ${why}`];
}

function filesBelowTop(root: string): string[] {
  return ["README", "ARCHITECTURE", "STYLE", "SECURITY", "CONTRIBUTING", "CHANGELOG", "AGENTS"]
    .map((name) => `${name}.md`)
    .filter((path) => existsSync(join(root, path)));
}

function proseFaults(root: string, paths: readonly string[]): Fault[] {
  return paths
    .filter((path) => /\.(md|sql)$/.test(path))
    .flatMap((path) => lettersAsFaults(path, oddLettersInProse(readFileSync(join(root, path), "utf8"))));
}

function lettersAsFaults(path: string, letters: ReturnType<typeof oddLettersInProse>): Fault[] {
  return letters.map(({ letter, line, why }) => `${path}:${line} holds ${letter}: ${why}`);
}
