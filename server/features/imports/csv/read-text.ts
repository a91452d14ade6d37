import type { FileFaultCode } from "./csv-fault.ts";
import type { Decoded, Decoder } from "./decode-text.ts";

/** A piece of the file's text; the last one has `last` or `broken` set, and no other follows. */
export interface Piece {
  readonly text: string;
  readonly bytesRead: number;
  readonly last: boolean;
  /** Why nothing after this text can be decoded. */
  readonly broken: FileFaultCode | null;
}

/** Decodes blocks as they come; `first` was read before, to sniff the encoding, and starts with `skip` bytes of mark. */
export async function* readText(
  first: Buffer,
  skip: number,
  blocks: AsyncIterator<Buffer, void>,
  decoder: Decoder,
): AsyncGenerator<Piece, void> {
  let block: Buffer | undefined = first.subarray(skip);
  let bytesRead = skip;
  while (block !== undefined) {
    bytesRead += block.length;
    const decoded = decoder.decode(block, false);
    yield { text: decoded.text, bytesRead, last: false, broken: brokenBy(decoded, decoder) };
    if (decoded.broken) return;
    const next: IteratorResult<Buffer, void> = await blocks.next();
    block = next.done === true ? undefined : next.value;
  }
  const rest = decoder.decode(Buffer.alloc(0), true);
  yield { text: rest.text, bytesRead, last: !rest.broken, broken: brokenBy(rest, decoder) };
}

function brokenBy(decoded: Decoded, decoder: Decoder): FileFaultCode | null {
  if (!decoded.broken) return null;
  return decoder.encoding() === "utf-8" ? "not-utf8" : "not-utf16";
}
