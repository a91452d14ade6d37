import { existsSync } from "node:fs";
import { join } from "node:path";
import { circlesIn } from "./circles.ts";
import { guardedUses } from "./guarded.ts";
import { matches, roomOf, type Plan, type Room } from "./floors.ts";
import type { Import, Module } from "./modules.ts";

/** One thing that is wrong, with the place to look at. */
export type Fault = string;

const tests = /\.test(-d)?\.tsx?$/;
const builtFiles = /(^|\/)(vite|vitest)\.config\.ts$/;

/** Tests and build files may use any package and any global: they are not part of what runs. */
export function isAside(path: string): boolean {
  return tests.test(path) || builtFiles.test(path);
}

/** Checks one module against the plan: where it stands, whom it enters, which packages and globals it touches. */
export function moduleFaults(plan: Plan, root: string, module: Module): Fault[] {
  const room = roomOf(plan, module.path);
  if (room === undefined) {
    if (builtFiles.test(module.path)) return [];
    return [`${module.path} stands in no room; give it one in tools/floors.json`];
  }
  const faults = module.imports.flatMap((asked) => {
    const why = importFault(plan, root, module, room, asked);
    return why === null ? [] : [`${module.path}:${asked.line} ${why}`];
  });
  if (room.floor.free || isAside(module.path)) return faults;
  for (const { what, line } of guardedUses(module.syntax)) {
    const guarded = plan.guarded[what];
    if (guarded === undefined || guarded.rooms.some((pattern) => matches(pattern, room.name))) continue;
    faults.push(
      `${module.path}:${line} touches ${what}: ${guarded.why} (${guarded.rooms.join(", ") || "no room"})`,
    );
  }
  return faults;
}

function importFault(
  plan: Plan,
  root: string,
  module: Module,
  room: Room,
  { asked, file }: Import,
): string | null {
  if (asked === null) return "imports what cannot be known before it runs; write the path out";
  if (file === null) return packageFault(plan, module, room, asked);
  if (!existsSync(join(root, file))) return `imports ${asked}, which is not there`;
  const other = roomOf(plan, file);
  if (other === undefined)
    return room.floor.free || isAside(module.path) ? null : `imports ${file}, which stands in no room`;
  if (other === room || room.floor.free) return null;
  return doorFault(module, room, other, file);
}

function doorFault({ path }: Module, room: Room, other: Room, file: string): string | null {
  if (tests.test(path) && other.name === "tests") return null;
  if (room.only !== undefined && !room.only.includes(other.name)) {
    return `enters ${other.name}; ${room.name} may enter ${room.only.join(", ")} only`;
  }
  if (other.floor.level > room.floor.level)
    return `reaches up to ${file} (${room.floor.name} → ${other.floor.name})`;
  if (other.floor === room.floor && !room.doors.includes(other.name)) {
    return `has no door to ${other.name}; doors between rooms of a floor are listed in tools/floors.json`;
  }
  if (other.open || file === other.at || file === `${other.at}/index.ts`) return null;
  return `enters ${other.name} beside its front door: ${file} instead of ${other.at}/index.ts`;
}

/** Every package that the product uses is listed with its rooms; of Node's own modules only those that are listed. */
function packageFault(plan: Plan, { path }: Module, room: Room, asked: string): string | null {
  if (room.floor.free || isAside(path)) return null;
  if (asked.startsWith("/") || asked.startsWith("#")) return `imports ${asked}; paths are relative`;
  const name = asked.startsWith("node:") ? asked : asked.split("/", asked.startsWith("@") ? 2 : 1).join("/");
  const listed = Object.entries(plan.packages).find(([pattern]) => matches(pattern, name));
  if (listed === undefined) {
    return name.startsWith("node:") ? null : `uses ${name}, which tools/floors.json gives to no room`;
  }
  if (listed[1].some((pattern) => matches(pattern, room.name))) return null;
  return `uses ${name}, which lives in ${listed[1].join(", ") || "no room"}`;
}

/** Circles among files, and among rooms (tests aside: they look in from outside). Type imports count. */
export function circleFaults(plan: Plan, modules: readonly Module[]): Fault[] {
  const known = new Set(modules.map(({ path }) => path));
  const files = new Map(
    modules.map(({ path, imports }) => [
      path,
      imports.flatMap(({ file }) => (file !== null && known.has(file) ? [file] : [])),
    ]),
  );
  return [
    ...circlesIn(files).map((circle) => `files form a circle: ${circle.join(" → ")}`),
    ...circlesIn(entriesBetweenRooms(plan, modules)).map(
      (circle) => `rooms form a circle: ${circle.join(" → ")}`,
    ),
  ];
}

/** Which rooms each room enters, leaving out tests, build files and the floor that may look at everything. */
export function entriesBetweenRooms(plan: Plan, modules: readonly Module[]): Map<string, string[]> {
  const entries = new Map<string, Set<string>>();
  for (const { path, imports } of modules) {
    const room = roomOf(plan, path);
    if (room === undefined || room.floor.free || isAside(path)) continue;
    const entered = entries.get(room.name) ?? new Set();
    entries.set(room.name, entered);
    for (const { file } of imports) {
      const other = file === null ? undefined : roomOf(plan, file);
      if (other !== undefined && other !== room) entered.add(other.name);
    }
  }
  return new Map([...entries].map(([name, entered]) => [name, [...entered].toSorted()]));
}
