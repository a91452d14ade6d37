import { DatabaseError } from "./database-error.ts";

/** Gets each message: its type byte and where its body lies; the bytes are valid only during the call. */
export type OnMessage = (type: number, bytes: Buffer, start: number, end: number) => void;

const headerLength = 5;

/**
 * Cuts a stream of chunks into messages. A message that comes in many chunks is copied once, not once per chunk.
 *
 * Throws when a message claims to be longer than `bytesMax`.
 */
export function readMessages(onMessage: OnMessage, bytesMax: number): (chunk: Buffer) => void {
  let held = Buffer.alloc(0);
  let heldLength = 0;

  const take = (bytes: Buffer, length: number): number => {
    let at = 0;
    while (length - at >= headerLength) {
      const end = at + 1 + lengthOf(bytes, at, bytesMax);
      if (end > length) break;
      onMessage(bytes[at] ?? 0, bytes, at + headerLength, end);
      at = end;
    }
    return at;
  };

  const hold = (bytes: Buffer): void => {
    const whole = bytes.length < headerLength ? headerLength : 1 + bytes.readUInt32BE(1);
    held = Buffer.allocUnsafe(Math.max(whole, bytes.length));
    heldLength = bytes.copy(held);
  };

  return function read(chunk: Buffer): void {
    let rest = chunk;
    while (heldLength > 0 && rest.length > 0) {
      const copied = rest.copy(held, heldLength);
      heldLength += copied;
      rest = rest.subarray(copied);
      if (heldLength < held.length) return;
      const full = held;
      const taken = take(full, heldLength);
      heldLength = 0;
      if (taken < full.length) hold(full);
    }
    const taken = take(rest, rest.length);
    if (taken < rest.length) hold(rest.subarray(taken));
  };
}

function lengthOf(bytes: Buffer, at: number, bytesMax: number): number {
  const length = bytes.readUInt32BE(at + 1);
  if (length < 4) throw new DatabaseError("08P01", "the database sent a message of impossible length");
  if (length > bytesMax) throw new DatabaseError("54000", "an answer is too big to be read at once");
  return length;
}
