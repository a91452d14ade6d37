const entriesMax = 1000;

/** Remembers what `read` gave for the texts seen so far: for columns with few different values, such as countries. */
export function remembered<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = read(text);
    if (known.size >= entriesMax) known.clear();
    // Copied, because a piece of a string holds on to the whole block that it came from.
    known.set(Buffer.from(text).toString(), value);
    return value;
  };
}
