import { measure, type Survey } from "./survey.ts";

/** Lines to the nearest hundred, so that the page does not change with every edit. */
export function aboutLines(lines: number): string {
  if (lines === 0) return "0";
  return lines < 100 ? "< 100" : `${Math.round(lines / 100) * 100}`;
}

/** The house as a page: each room, its size, the rooms it enters, and where each package lives. */
export function describeHouse(found: Survey): string {
  const { plan } = found;
  const floors = plan.floors.toReversed().map((floor) => {
    const rooms = plan.rooms.filter((room) => room.floor === floor && measure(found, room.name).files > 0);
    if (rooms.length === 0) return "";
    return [
      `## ${floor.level}. ${floor.name}`,
      "",
      sentence(floor.says),
      "",
      "| room | what it does | files | lines | enters |",
      "| --- | --- | ---: | ---: | --- |",
      ...rooms.map((room) => row(found, room.name, room.does)),
      "",
    ].join("\n");
  });
  return [
    "# The house",
    "",
    "Written by `npm run docs` from the source and `tools/floors.json`; do not edit. Imports go down, or sideways through",
    "a door that is listed there; `npm run check` fails on any other. Tests are not counted.",
    "",
    "![The house](house.svg)",
    "",
    ...floors.filter((text) => text !== ""),
    "## Where packages live",
    "",
    "| package | rooms |",
    "| --- | --- |",
    ...Object.entries(plan.packages).map(
      ([name, rooms]) => `| \`${name}\` | ${rooms.join(", ") || "none"} |`,
    ),
    "",
    "## What only some rooms may touch",
    "",
    "| what | rooms | why |",
    "| --- | --- | --- |",
    ...Object.entries(plan.guarded).map(
      ([name, { rooms, why }]) => `| \`${name}\` | ${rooms.join(", ") || "none"} | ${why} |`,
    ),
    "",
  ].join("\n");
}

function row(found: Survey, name: string, does: string): string {
  const { files, lines } = measure(found, name);
  const entered = (found.entries.get(name) ?? []).map((other) => shortName(other)).join(", ");
  return `| ${name} | ${does} | ${files} | ${aboutLines(lines)} | ${entered} |`;
}

/** The name of a room without its floor, as the drawing shows it. */
export function shortName(room: string): string {
  return room.split("/").at(-1) ?? room;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
