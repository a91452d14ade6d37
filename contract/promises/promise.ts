/** One thing that Ringfence promises. A kept promise has a test that fails when it is broken. */
export interface Vow {
  readonly says: string;
  readonly state: "kept" | "planned";
  /** Of a planned promise of which a part is proven: what is still to come. */
  readonly waitsFor?: string;
}

/** Promises about one subject, each under an id that never changes. */
export interface Chapter {
  readonly title: string;
  readonly promises: Readonly<Record<string, Vow>>;
}

/** A promise that a passing test proves; the build fails when no test does. */
export function kept(says: string): Vow {
  return { says, state: "kept" };
}

/** A promise that is still to be built, or whose proof is still to be written; `waitsFor` says what of it, when the rest is there. */
export function planned(says: string, waitsFor?: string): Vow {
  return { says, state: "planned", ...(waitsFor === undefined ? {} : { waitsFor }) };
}
