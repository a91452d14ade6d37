type Listener = () => void;

/**
 * Tells once that the client has gone away: the part of an AbortSignal that the database room uses, at a hundredth of
 * its price, since every request has one.
 */
export class Abandonment {
  aborted = false;
  #listeners: Listener[] = [];

  addEventListener(_type: "abort", listener: Listener): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: Listener): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }

  /** Tells everybody who listens. */
  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
