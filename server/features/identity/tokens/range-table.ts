/** Ranges by where they begin, in typed arrays that grow by half. */
export class RangeTable {
  #starts = new BigUint64Array(1024);
  #ends = new BigUint64Array(1024);
  #labels = new Uint32Array(1024);
  #count = 0;
  #sorted = true;

  add(start: bigint, end: bigint, label: number): void {
    if (this.#count === this.#starts.length) this.#grow();
    if (this.#count > 0 && start < (this.#starts[this.#count - 1] ?? 0n)) this.#sorted = false;
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    this.#labels[this.#count] = label;
    this.#count += 1;
  }

  settle(): void {
    if (this.#sorted) return;
    const order = Uint32Array.from({ length: this.#count }, (_, at) => at).toSorted((a, b) => {
      const [one, other] = [this.#starts[a] ?? 0n, this.#starts[b] ?? 0n];
      return one < other ? -1 : Number(one > other);
    });
    const [starts, ends, labels] = [this.#starts, this.#ends, this.#labels];
    this.#starts = BigUint64Array.from(order, (at) => starts[at] ?? 0n);
    this.#ends = BigUint64Array.from(order, (at) => ends[at] ?? 0n);
    this.#labels = Uint32Array.from(order, (at) => labels[at] ?? 0);
    this.#sorted = true;
  }

  /** The label of the last range that begins at or before the value, if it reaches so far. */
  find(value: bigint): number | null {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0n) <= value) low = middle + 1;
      else high = middle;
    }
    const at = low - 1;
    return at >= 0 && value <= (this.#ends[at] ?? 0n) ? (this.#labels[at] ?? null) : null;
  }

  #grow(): void {
    const size = Math.ceil(this.#starts.length * 1.5);
    const [starts, ends, labels] = [
      new BigUint64Array(size),
      new BigUint64Array(size),
      new Uint32Array(size),
    ];
    starts.set(this.#starts);
    ends.set(this.#ends);
    labels.set(this.#labels);
    [this.#starts, this.#ends, this.#labels] = [starts, ends, labels];
  }
}
