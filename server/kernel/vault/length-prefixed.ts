/**
 * Joins parts so that no two lists of parts give the same bytes: each is preceded by its length (32 bit). Joined by a
 * delimiter, ("ab", "c") and ("a", "bc") could meet.
 */
export function lengthPrefixed(parts: readonly (string | Buffer)[]): Buffer {
  const lengths = parts.map((part) => Buffer.byteLength(part));
  const joined = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, 0));
  let end = 0;
  for (const [index, part] of parts.entries()) {
    end = joined.writeUInt32BE(lengths[index] ?? 0, end);
    end += typeof part === "string" ? joined.write(part, end) : part.copy(joined, end);
  }
  return joined;
}
