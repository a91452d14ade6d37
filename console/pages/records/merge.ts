import { same, type Draft } from "./record-values.ts";

/** A field that both changed: the person here, and somebody else meanwhile. */
export interface Clash {
  readonly key: string;
  readonly mine: unknown;
  readonly theirs: unknown;
}

export interface Merge {
  /** Theirs with my changes on top; where both changed a field, mine, until the person decides. */
  readonly draft: Draft;
  readonly clashes: readonly Clash[];
  /** Fields that only the other one changed. */
  readonly theirsOnly: readonly string[];
}

/** Brings an edit that began at `base` together with what somebody else saved meanwhile; nothing is dropped silently. */
export function mergeThreeWay(base: Draft, mine: Draft, theirs: Draft): Merge {
  const draft: Record<string, unknown> = { ...theirs };
  const clashes: Clash[] = [];
  const theirsOnly: string[] = [];
  for (const key of Object.keys(mine)) {
    const iChanged = !same(base[key], mine[key]);
    const theyChanged = !same(base[key], theirs[key]);
    if (iChanged) draft[key] = mine[key];
    if (iChanged && theyChanged && !same(mine[key], theirs[key])) {
      clashes.push({ key, mine: mine[key], theirs: theirs[key] });
    } else if (theyChanged && !iChanged) {
      theirsOnly.push(key);
    }
  }
  return { draft, clashes, theirsOnly };
}
