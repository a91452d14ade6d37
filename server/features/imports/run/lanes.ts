/** Work that may overlap, unless it touches the same keys. */
export interface Lanes {
  /** Begins the work once a lane is free and nobody under way holds one of its keys. Rejects with what failed before. */
  begin(keys: readonly string[], work: () => Promise<void>): Promise<void>;
  /** Resolves when all is done; rejects with the first failure. */
  drain(): Promise<void>;
}

interface Lane {
  readonly keys: ReadonlySet<string>;
  readonly over: Promise<void>;
}

/** Runs up to `width` pieces of work at once; after a failure nothing more begins. */
export function openLanes(width: number): Lanes {
  const busy = new Set<Lane>();
  const failures: unknown[] = [];
  const rethrow = (): void => {
    if (failures.length > 0) throw failures[0];
  };
  const holds = (keys: readonly string[]): boolean =>
    [...busy].some((lane) => keys.some((key) => lane.keys.has(key)));
  return {
    begin: async (keys, work) => {
      while (busy.size >= width || holds(keys)) await Promise.race([...busy].map(({ over }) => over));
      rethrow();
      const lane: Lane = {
        keys: new Set(keys),
        over: work().then(
          () => void busy.delete(lane),
          (error: unknown) => {
            failures.push(error);
            busy.delete(lane);
          },
        ),
      };
      busy.add(lane);
    },
    drain: async () => {
      await Promise.all([...busy].map(({ over }) => over));
      rethrow();
    },
  };
}
