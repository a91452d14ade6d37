import { DatabaseError } from "./database-error.ts";
import type { Encoded } from "./encode-value.ts";
import type { Leg } from "./leg.ts";
import type { PreparedNames } from "./prepared-names.ts";

const describePortal = Buffer.from("D\0\0\0\x06P\0", "latin1");
const executeAll = Buffer.from("E\0\0\0\x09\0\0\0\0\0", "latin1");
const sync = Buffer.from("S\0\0\0\x04", "latin1");
const bindFixedPart = 1 + 4 + 2 + 2 + 2;
const bytesPerUtf16Unit = 3;

/** What one flight may weigh; more belongs into several. */
export const flightBytesMax = 64 * 1024 * 1024;

/**
 * The messages of a flight as one buffer: [Parse] Bind [Describe] Execute for each leg, then one Sync.
 *
 * Marks on each leg what it sends and therefore must be answered. Throws before any mark when the flight is too big.
 */
export function writeFlight(legs: readonly Leg[], names: PreparedNames): Buffer {
  let bytes = sync.length;
  for (const leg of legs) bytes += spaceFor(leg);
  if (bytes > flightBytesMax) throw new DatabaseError("54000", "a batch is too big to be sent at once");
  for (const leg of legs) mark(leg, names);
  const out = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const leg of legs) at = writeLeg(out, at, leg);
  at += sync.copy(out, at);
  return out.subarray(0, at);
}

function spaceFor({ plan, values }: Leg): number {
  if (plan === null) return executeAll.length;
  let bytes =
    plan.parse.length + bindFixedPart + plan.bindHead.length + describePortal.length + executeAll.length;
  for (const value of values) bytes += 6 + spaceForValue(value);
  return bytes;
}

function spaceForValue(value: Encoded): number {
  if (value === null) return 0;
  if (typeof value !== "string") return value.length;
  return value.length < 256 ? value.length * bytesPerUtf16Unit : Buffer.byteLength(value);
}

function mark(leg: Leg, names: PreparedNames): void {
  if (leg.plan === null) return;
  const prepared = names.take(leg.plan, leg.withoutName);
  leg.prepared = prepared;
  leg.parses = !prepared.parseSent;
  leg.describes = !prepared.describeSent;
  prepared.parseSent = true;
  prepared.describeSent = true;
}

function writeLeg(out: Buffer, start: number, leg: Leg): number {
  let at = start;
  if (leg.prepared !== null) {
    if (leg.parses) at += leg.prepared.plan.parse.copy(out, at);
    at = writeBind(out, at, leg.prepared.plan.bindHead, leg.values);
    if (leg.describes) at += describePortal.copy(out, at);
  }
  at += executeAll.copy(out, at);
  if (leg.rowLimit > 0) out.writeInt32BE(leg.rowLimit, at - 4);
  return at;
}

function writeBind(out: Buffer, start: number, head: Buffer, values: readonly Encoded[]): number {
  out[start] = 0x42;
  let at = start + 5;
  at += head.copy(out, at);
  at = writeFormats(out, at, values);
  at = out.writeUInt16BE(values.length, at);
  for (const value of values) at = writeValue(out, at, value);
  // No result formats: every column comes as text.
  at = out.writeInt16BE(0, at);
  out.writeInt32BE(at - start - 1, start + 1);
  return at;
}

/** One format per parameter (0 text, 1 binary), or none at all when every parameter is text. */
function writeFormats(out: Buffer, start: number, values: readonly Encoded[]): number {
  if (values.every(isText)) return out.writeInt16BE(0, start);
  let at = out.writeUInt16BE(values.length, start);
  for (const value of values) at = out.writeInt16BE(isText(value) ? 0 : 1, at);
  return at;
}

function isText(value: Encoded): boolean {
  return typeof value === "string" || value === null;
}

function writeValue(out: Buffer, at: number, value: Encoded): number {
  if (value === null) return out.writeInt32BE(-1, at);
  if (typeof value !== "string") {
    out.set(value, out.writeInt32BE(value.length, at));
    return at + 4 + value.length;
  }
  const length = out.write(value, at + 4, "utf8");
  out.writeInt32BE(length, at);
  return at + 4 + length;
}
