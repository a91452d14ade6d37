/** Who waits in one line. */
export interface Source {
  readonly name: string;
  /** A browser that has signed in before, or somebody who is signed in: goes before strangers. */
  readonly known: boolean;
}

/** One who waits, and the source whose line it stands in. */
export interface Place {
  readonly source: Source;
}

/** Lines of waiting ones, one line per source, served in turns. */
export interface FairLines<P extends Place> {
  readonly length: number;
  join(one: P): void;
  /** Takes one out of its line, wherever it stands; nothing happens when it has left already. */
  leave(one: P): void;
  /** Takes out the first of the source whose turn it is. */
  next(): P | undefined;
  /**
   * The newest of the longest line, if that line is longer than the source's own would be with one more. For a known source
   * any stranger, and for a stranger none that is known.
   */
  toDisplaceFor(source: Source): P | undefined;
}

type Lines<P> = Map<string, P[]>;

/**
 * Sources take turns whatever the length of their lines: a flood from one address delays another by one turn. A flood from
 * more addresses than there are places keeps strangers out, but nobody who is known.
 */
export function openLines<P extends Place>(): FairLines<P> {
  const lines = { known: new Map<string, P[]>(), strange: new Map<string, P[]>() };
  let length = 0;

  const linesOf = ({ known }: Source): Lines<P> => (known ? lines.known : lines.strange);

  const leave = (one: P): void => {
    const { name } = one.source;
    const line = linesOf(one.source).get(name) ?? [];
    const place = line.indexOf(one);
    if (place < 0) return;
    line.splice(place, 1);
    length -= 1;
    if (line.length === 0) linesOf(one.source).delete(name);
  };

  return {
    get length() {
      return length;
    },
    join(one) {
      const { name } = one.source;
      linesOf(one.source).set(name, [...(linesOf(one.source).get(name) ?? []), one]);
      length += 1;
    },
    leave,
    next() {
      for (const each of [lines.known, lines.strange]) {
        for (const [name, line] of each) {
          const [one] = line;
          if (one === undefined) continue;
          leave(one);
          // To the end of the round: a Map keeps the order in which its keys came.
          if (each.delete(name)) each.set(name, line);
          return one;
        }
      }
      return undefined;
    },
    toDisplaceFor(source) {
      const stranger = longestOf(lines.strange).at(-1);
      if (source.known && stranger !== undefined) return stranger;
      const longest = longestOf(linesOf(source));
      const own = linesOf(source).get(source.name)?.length ?? 0;
      return longest.length > own + 1 ? longest.at(-1) : undefined;
    },
  };
}

function longestOf<P>(lines: Lines<P>): readonly P[] {
  let longest: readonly P[] = [];
  for (const line of lines.values()) if (line.length > longest.length) longest = line;
  return longest;
}
