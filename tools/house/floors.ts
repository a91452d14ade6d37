import { readFileSync } from "node:fs";
import { circlesIn } from "./circles.ts";

/** One room: a folder (or a single file) with one front door, its `index.ts`. */
export interface Room {
  readonly name: string;
  readonly at: string;
  readonly does: string;
  readonly floor: Floor;
  /** Rooms of the same floor that this one may enter. */
  readonly doors: readonly string[];
  /** The only rooms that this one may enter, whatever its floor allows. */
  readonly only?: readonly string[];
  /** Every file of it may be imported, not only its front door. */
  readonly open: boolean;
}

export interface Floor {
  readonly name: string;
  readonly says: string;
  readonly level: number;
  /** May look at everything and use any package: tests and tools. */
  readonly free: boolean;
}

/** Something global that only some rooms may touch, and why. */
export interface Guarded {
  readonly rooms: readonly string[];
  readonly why: string;
}

/** The plan of the house, as `tools/floors.json` tells it. */
export interface Plan {
  readonly floors: readonly Floor[];
  readonly rooms: readonly Room[];
  readonly packages: Readonly<Record<string, readonly string[]>>;
  readonly guarded: Readonly<Record<string, Guarded>>;
}

interface WrittenRoom {
  readonly name: string;
  readonly at: string;
  readonly does: string;
  readonly doors?: readonly string[];
  readonly only?: readonly string[];
  readonly open?: boolean;
}

interface WrittenPlan {
  readonly floors: readonly {
    readonly name: string;
    readonly says: string;
    readonly free?: boolean;
    readonly rooms: readonly WrittenRoom[];
  }[];
  readonly packages: Readonly<Record<string, readonly string[]>>;
  readonly guarded: Readonly<Record<string, Guarded>>;
}

/** Reads the plan; the floors are listed from the ground up. */
export function readPlan(path: string): Plan {
  // The file is ours and checked in; what it may hold wrongly, `planFaults` names.
  const written = JSON.parse(readFileSync(path, "utf8")) as WrittenPlan;
  const rooms: Room[] = [];
  const floors = written.floors.map(({ name, says, free = false, rooms: onFloor }, level): Floor => {
    const floor = { name, says, level, free };
    for (const room of onFloor) {
      rooms.push({ ...room, floor, doors: room.doors ?? [], open: room.open ?? false });
    }
    return floor;
  });
  return { floors, rooms, packages: written.packages, guarded: written.guarded };
}

/** What is wrong with the plan itself: unknown rooms, doors to other floors, sideways doors that form a circle. */
export function planFaults({ rooms, packages, guarded }: Plan): string[] {
  const named = new Map(rooms.map((room) => [room.name, room]));
  const faults: string[] = [];
  for (const room of rooms) {
    for (const door of [...room.doors, ...(room.only ?? [])]) {
      if (!named.has(door)) faults.push(`the plan: ${room.name} has a door to ${door}, which is no room`);
    }
    for (const door of room.doors) {
      const other = named.get(door);
      if (other !== undefined && other.floor !== room.floor) {
        faults.push(`the plan: the door ${room.name} → ${door} is not sideways; going down needs no door`);
      }
    }
  }
  for (const circle of circlesIn(new Map(rooms.map((room) => [room.name, room.doors])))) {
    faults.push(`the plan: sideways doors form a circle: ${circle.join(" → ")}`);
  }
  const listed = [...Object.values(packages), ...Object.values(guarded).map((entry) => entry.rooms)].flat();
  for (const pattern of new Set(listed)) {
    if (!rooms.some((room) => matches(pattern, room.name))) faults.push(`the plan: ${pattern} names no room`);
  }
  return faults;
}

/** The room in which a file stands, by its path from the root of the tree; the innermost, where one holds another. */
export function roomOf({ rooms }: Plan, path: string): Room | undefined {
  return rooms
    .filter(({ at }) => path === at || path.startsWith(`${at}/`))
    .reduce<Room | undefined>(
      (inner, room) => (inner === undefined || room.at.length > inner.at.length ? room : inner),
      undefined,
    );
}

/** Whether a name is the pattern, or begins with it where the pattern ends in `/*`. */
export function matches(pattern: string, name: string): boolean {
  return pattern.endsWith("/*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
