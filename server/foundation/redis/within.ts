/** Somebody else took longer than we wait. */
export class Late extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.name = "Late";
  }
}

/** What the work comes to, or `Late` after so many milliseconds. */
export function within<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    // Timers come before the network in each turn of the event loop: where our own process has stalled, the answer may
    // lie in the socket already, and is read before what setImmediate defers.
    const timer = setTimeout(() => setImmediate(reject, new Late(ms)), ms);
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error instanceof Error ? error : new Error("something else was thrown", { cause: error }));
      },
    );
  });
}
