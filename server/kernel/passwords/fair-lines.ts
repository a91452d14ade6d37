/** One who waits, and the source whose line it stands in. */
export interface Place {
  readonly source: string;
}

/** Lines of waiting ones, one line per source, served in turns. */
export interface FairLines<P extends Place> {
  readonly length: number;
  join(one: P): void;
  /** Takes one out of its line, wherever it stands; nothing happens when it has left already. */
  leave(one: P): void;
  /** Takes out the first of the source whose turn it is. */
  next(): P | undefined;
  /** The newest of the longest line, if that line is longer than the source's own would be with one more. */
  toDisplaceFor(source: string): P | undefined;
}

/**
 * Sources take turns whatever the length of their lines. A flood from one address delays another by one turn.
 */
export function openLines<P extends Place>(): FairLines<P> {
  const lines = new Map<string, P[]>();
  let length = 0;

  const leave = (one: P): void => {
    const line = lines.get(one.source) ?? [];
    const place = line.indexOf(one);
    if (place < 0) return;
    line.splice(place, 1);
    length -= 1;
    if (line.length === 0) lines.delete(one.source);
  };

  return {
    get length() {
      return length;
    },
    join(one) {
      lines.set(one.source, [...(lines.get(one.source) ?? []), one]);
      length += 1;
    },
    leave,
    next() {
      for (const [source, line] of lines) {
        const [one] = line;
        if (one === undefined) continue;
        leave(one);
        // To the end of the round: a Map keeps the order in which its keys came.
        if (lines.delete(source)) lines.set(source, line);
        return one;
      }
      return undefined;
    },
    toDisplaceFor(source) {
      let longest: readonly P[] = [];
      for (const line of lines.values()) if (line.length > longest.length) longest = line;
      return longest.length > (lines.get(source)?.length ?? 0) + 1 ? longest.at(-1) : undefined;
    },
  };
}
