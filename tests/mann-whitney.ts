export interface Compared {
  /** The chance of a difference like this, or a larger one, between two samples of the same thing (two-sided). */
  readonly p: number;
  /** The first median less the second, in the samples' own unit. */
  readonly medianDifference: number;
  readonly medians: readonly [first: number, second: number];
}

/**
 * Mann and Whitney's test of whether one of two samples tends to be larger, by the normal approximation with its correction for ties: good
 * from some twenty values each. It asks for no shape of the distributions, and times of requests have none.
 */
export function mannWhitney(first: readonly number[], second: readonly number[]): Compared {
  const all = [
    ...first.map((value) => ({ value, first: true })),
    ...second.map((value) => ({ value, first: false })),
  ].toSorted((a, b) => a.value - b.value);
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < all.length;) {
    let to = from;
    while (to < all.length && all[to]?.value === all[from]?.value) to += 1;
    const count = to - from;
    ties += count ** 3 - count;
    rankSum += all.slice(from, to).filter((each) => each.first).length * ((from + 1 + to) / 2);
    from = to;
  }
  const [n, m] = [first.length, second.length];
  const u = rankSum - (n * (n + 1)) / 2;
  const spread = Math.sqrt(((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1))));
  const z = spread === 0 ? 0 : Math.max(0, Math.abs(u - (n * m) / 2) - 0.5) / spread;
  const medians = [median(first), median(second)] as const;
  return { p: 2 * upperTail(z), medianDifference: medians[0] - medians[1], medians };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const [low = 0, high = 0] =
    sorted.length % 2 === 1 ? [sorted[half], sorted[half]] : [sorted[half - 1], sorted[half]];
  return (low + high) / 2;
}

/** The upper tail of the normal distribution (Abramowitz and Stegun 26.2.17; off by less than 1e-7). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
