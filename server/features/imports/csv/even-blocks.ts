/** Cuts a stream into blocks of exactly `size` bytes (the last may be shorter), so that nothing later depends on how it came. */
export async function* evenBlocks(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Buffer, void> {
  let parts: Buffer[] = [];
  let held = 0;
  for await (const chunk of source) {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (held + bytes.length >= size) {
      const taken = bytes.subarray(0, size - held);
      bytes = bytes.subarray(taken.length);
      yield parts.length === 0 ? taken : Buffer.concat([...parts, taken]);
      parts = [];
      held = 0;
    }
    if (bytes.length > 0) {
      // Copied, since a source may use its buffer again once it is asked for more.
      parts.push(Buffer.from(bytes));
      held += bytes.length;
    }
  }
  if (held > 0) yield Buffer.concat(parts);
}
