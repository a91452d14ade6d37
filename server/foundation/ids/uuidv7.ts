import { randomFillSync } from "node:crypto";
import { nowMs } from "../clock/index.ts";

const idsPerRefill = 256;
const randomBytesPerId = 10;
const pool = Buffer.allocUnsafe(idsPerRefill * randomBytesPerId);
const counterMax = 2 ** 30 - 1;

let poolAt = pool.length;
let lastMs = 0;
let counter = 0;

/**
 * A new UUIDv7 (RFC 9562): later calls of this process compare greater, also within one millisecond and when the
 * machine's clock is set back, so that new rows land at the end of their index.
 *
 * 48 bits of time, a 30-bit counter that starts at a random place every millisecond (RFC 9562 section 6.2, method 1),
 * 44 random bits. An id is a name, never a secret: use `newToken` for what must not be guessed.
 */
export function uuidv7(): string {
  const at = nextRandom();
  advance(at);
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | (counter >>> 18), 6);
  bytes.writeUInt16BE(0x8000 | ((counter >>> 4) & 0x3fff), 8);
  pool.copy(bytes, 10, at + 4, at + 10);
  bytes[10] = ((counter & 0xf) << 4) | (pool.readUInt8(at + 4) & 0xf);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function advance(at: number): void {
  const ms = nowMs();
  if (ms > lastMs) {
    lastMs = ms;
    counter = seed(at);
  } else if (counter < counterMax) {
    counter += 1;
  } else {
    lastMs += 1; // A full counter borrows from the next millisecond rather than wrapping round (RFC 9562, 6.2).
    counter = seed(at);
  }
}

/** The top bit stays free, so that a millisecond has room for half a thousand million ids. */
function seed(at: number): number {
  return pool.readUInt32BE(at) >>> 3;
}

function nextRandom(): number {
  if (poolAt === pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  const at = poolAt;
  poolAt += randomBytesPerId;
  return at;
}
