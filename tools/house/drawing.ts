import { aboutLines, shortName } from "./page.ts";
import { measure, type Survey } from "./survey.ts";
import type { Floor, Room } from "./floors.ts";

const width = 1180;
const gutter = 180;
const gap = 14;
const boxHeight = 86;
const perRow = 5;
const head = 18;
const between = gap + head;
const boxWidth = (width - gutter - 3 * gap) / perRow - gap;

interface Box {
  readonly room: Room;
  readonly x: number;
  readonly y: number;
}

interface Band {
  readonly floor: Floor;
  readonly y: number;
  readonly height: number;
  readonly boxes: readonly Box[];
}

/** Draws the house: a band for each floor, the top one first, a box for each room, an arrow for each door in use. */
export function drawHouse(found: Survey): string {
  const bands = layOut(found);
  const last = bands.at(-1);
  const height = last === undefined ? 0 : last.y + last.height + gap;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="The floors and rooms of the source" font-family="system-ui, sans-serif">`,
    `<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#b4560f"/></marker></defs>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...bands.map((band) => drawBand(found, band)),
    ...bands.map((band) => drawDoors(found, band)),
    "</svg>",
    "",
  ].join("\n");
}

function layOut(found: Survey): Band[] {
  const bands: Band[] = [];
  let y = gap;
  for (const floor of found.plan.floors.toReversed()) {
    const rooms = found.plan.rooms.filter(
      (room) => room.floor === floor && measure(found, room.name).files > 0,
    );
    if (rooms.length === 0) continue;
    const rows = Math.ceil(rooms.length / perRow);
    const height = head + rows * boxHeight + (rows - 1) * between + gap;
    const top = y + head;
    const boxes = rooms.map((room, at) => ({
      room,
      x: gutter + gap + (at % perRow) * (boxWidth + gap),
      y: top + Math.floor(at / perRow) * (boxHeight + between),
    }));
    bands.push({ floor, y, height, boxes });
    y += height + gap;
  }
  return bands;
}

function drawBand(found: Survey, { floor, y, height, boxes }: Band): string {
  const fill = floor.level % 2 === 0 ? "#f3f5f8" : "#eaeef4";
  return [
    `<rect x="${gap}" y="${y}" width="${width - 2 * gap}" height="${height}" rx="8" fill="${fill}"/>`,
    text(gap * 2, y + 30, `${floor.level}  ${floor.name}`, 15, "#1d2733", 600),
    ...wrap(floor.says, 24).map((line, at) => text(gap * 2, y + 50 + at * 15, line, 11.5, "#4a5866")),
    text(gap * 2, y + height - 10, floorsBelow(found, floor), 10.5, "#b4560f"),
    ...boxes.map((box) => drawBox(found, box)),
  ].join("\n");
}

/** The other floors that the rooms of this one enter; drawing each of these ways would hide the house. */
function floorsBelow({ plan, entries }: Survey, floor: Floor): string {
  if (floor.free) return "";
  const own = plan.rooms
    .filter((room) => room.floor === floor)
    .flatMap((room) => entries.get(room.name) ?? []);
  const entered = plan.floors.filter(
    (other) => other !== floor && plan.rooms.some((room) => room.floor === other && own.includes(room.name)),
  );
  return entered.length === 0
    ? ""
    : `enters ${entered
        .map(({ level }) => level)
        .toReversed()
        .join(", ")}`;
}

function drawBox(found: Survey, { room, x, y }: Box): string {
  const { files, lines } = measure(found, room.name);
  const size = `${files} ${files === 1 ? "file" : "files"} · ${aboutLines(lines)} lines`;
  return [
    `<rect x="${round(x)}" y="${y}" width="${round(boxWidth)}" height="${boxHeight}" rx="6" fill="#ffffff" stroke="#9aa8b8"/>`,
    text(x + 10, y + 20, shortName(room.name), 14, "#12344d", 600),
    ...wrap(room.does, 30)
      .slice(0, 3)
      .map((line, at) => text(x + 10, y + 37 + at * 13, line, 10.5, "#4a5866")),
    text(x + 10, y + boxHeight - 7, size, 10, "#66717d"),
  ].join("\n");
}

function drawDoors(found: Survey, { boxes }: Band): string {
  const arrows = boxes.flatMap((from) =>
    boxes
      .filter((to) => to !== from && (found.entries.get(from.room.name) ?? []).includes(to.room.name))
      .map((to) => arrow(from, to)),
  );
  return arrows.join("\n");
}

/** An arc above the row, or a curve between rows; it leaves and lands a little off centre, so that two do not meet. */
function arrow(from: Box, to: Box): string {
  const right = to.x > from.x;
  const startX = from.x + boxWidth * (right ? 0.7 : 0.3);
  const endX = to.x + boxWidth * (right ? 0.4 : 0.6);
  const startY = to.y > from.y ? from.y + boxHeight : from.y;
  const endY = to.y < from.y ? to.y + boxHeight : to.y;
  const bend = to.y === from.y ? -16 : 0;
  const middle = to.y === from.y ? from.y + bend : (startY + endY) / 2;
  const path = `M${round(startX)} ${startY}C${round(startX)} ${middle} ${round(endX)} ${middle} ${round(endX)} ${endY}`;
  return `<path d="${path}" fill="none" stroke="#b4560f" stroke-width="1.2" opacity="0.75" marker-end="url(#tip)"><title>${from.room.name} enters ${to.room.name}</title></path>`;
}

function text(x: number, y: number, words: string, size: number, colour: string, weight = 400): string {
  return `<text x="${round(x)}" y="${y}" font-size="${size}" fill="${colour}" font-weight="${weight}">${escape(words)}</text>`;
}

function wrap(words: string, letters: number): string[] {
  const lines: string[] = [];
  for (const word of words.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < letters)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function escape(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
