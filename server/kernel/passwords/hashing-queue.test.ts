import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Problem } from "../../foundation/problem/index.ts";
import { openQueue, type HashingQueue } from "./hashing-queue.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A queue whose works end one by one, when told to, in the order in which they started. */
function openTrial(limits = { atOnce: 2, waitingMax: 4, waitMsMax: 2000 }) {
  const queue = openQueue(limits);
  const started: string[] = [];
  const refused: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (source: string, name = source, known = false): void => {
    const work = (): Promise<void> => {
      started.push(name);
      return new Promise((end) => ends.push(end));
    };
    queue.run({ name: source, known }, work).catch(() => refused.push(name));
  };
  const endOne = async (): Promise<void> => {
    ends.shift()?.();
    await settle();
  };
  return { queue, started, refused, ask, endOne };
}

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

async function refusalOf(queue: HashingQueue): Promise<unknown> {
  return queue.run({ name: "x", known: false }, () => Promise.resolve()).catch((refusal: unknown) => refusal);
}

describe("the hashing queue", () => {
  test("runs no more at once than there are cores, and the rest in turn", async () => {
    const { queue, started, ask, endOne } = openTrial();
    for (const name of ["1", "2", "3", "4"]) ask("a", name);
    expect([queue.running, queue.waiting]).toEqual([2, 2]);
    await endOne();
    expect(started).toEqual(["1", "2", "3"]);
    await endOne();
    await endOne();
    await endOne();
    expect(started).toEqual(["1", "2", "3", "4"]);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  test("hands on result and failure of the work, and goes on after a failure", async () => {
    const queue = openQueue({ atOnce: 1, waitingMax: 2, waitMsMax: 2000 });
    await expect(queue.run({ name: "a", known: false }, () => Promise.resolve(7))).resolves.toBe(7);
    await expect(
      queue.run({ name: "a", known: false }, () => Promise.reject(new Error("broken"))),
    ).rejects.toThrow("broken");
    await expect(queue.run({ name: "a", known: false }, () => Promise.resolve(8))).resolves.toBe(8);
    expect(queue.running).toBe(0);
  });

  test("refuses with busy and Retry-After when the line is full", async () => {
    const { queue, ask } = openTrial();
    for (let index = 0; index < 6; index += 1) ask("x");
    const refusal = await refusalOf(queue);
    expect(refusal).toBeInstanceOf(Problem);
    expect(refusal).toMatchObject({ key: "busy", status: 503, retryAfterSeconds: 2 });
  });

  test("tells beforehand who would find no place, and sends nobody away for that", async () => {
    const { queue, refused, ask } = openTrial();
    const room = (source: string, known = false): string => {
      try {
        queue.demandRoom({ name: source, known });
        return "room";
      } catch (refusal) {
        return refusal instanceof Problem ? refusal.key : String(refusal);
      }
    };
    for (let index = 0; index < 5; index += 1) ask("x");
    expect(room("x")).toBe("room");
    ask("x");
    expect([room("x"), room("y"), room("z", true)]).toEqual(["busy", "room", "room"]);
    await settle();
    expect(refused).toEqual([]);
  });

  test("refuses whoever has waited for two seconds, and never starts that work", async () => {
    const { queue, started, refused, ask, endOne } = openTrial();
    for (const name of ["1", "2", "3"]) ask("a", name);
    await vi.advanceTimersByTimeAsync(1999);
    expect(refused).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(refused).toEqual(["3"]);
    expect(queue.waiting).toBe(0);
    await endOne();
    expect(started).toEqual(["1", "2"]);
  });

  test("lets sources take turns, so a flood delays another by one turn", async () => {
    const { started, ask, endOne } = openTrial({ atOnce: 1, waitingMax: 10, waitMsMax: 2000 });
    for (const name of ["f1", "f2", "f3", "f4"]) ask("flood", name);
    ask("other", "o1");
    for (let index = 0; index < 4; index += 1) await endOne();
    expect(started).toEqual(["f1", "f2", "o1", "f3", "f4"]);
  });

  test("makes room for another source by sending away the newest of the flood", async () => {
    const { started, refused, ask, endOne } = openTrial();
    for (const name of ["f1", "f2", "f3", "f4", "f5", "f6", "f7"]) ask("flood", name);
    await settle();
    expect(refused).toEqual(["f7"]);
    ask("other", "o1");
    await settle();
    expect(refused).toEqual(["f7", "f6"]);
    for (let index = 0; index < 3; index += 1) await endOne();
    expect(started).toContain("o1");
  });

  test("does not let sources of one place each send each other away", async () => {
    const { refused, ask } = openTrial();
    for (const source of ["r", "r", "a", "b", "c", "d", "e"]) ask(source);
    await settle();
    expect(refused).toEqual(["e"]);
  });

  test("puts a browser that is known before a flood from as many sources as there are places", async () => {
    const { started, refused, ask, endOne } = openTrial({ atOnce: 1, waitingMax: 4, waitMsMax: 2000 });
    for (const source of ["a", "b", "c", "d", "e"]) ask(source);
    ask("stranger");
    ask("device", "mine", true);
    await settle();
    expect(refused).toHaveLength(2);
    expect(refused[0]).toBe("stranger");
    await endOne();
    expect(started).toEqual(["a", "mine"]);
  });

  test("lets no stranger send away who is known, and the known take turns", async () => {
    const { started, refused, ask, endOne } = openTrial({ atOnce: 1, waitingMax: 4, waitMsMax: 2000 });
    for (const name of ["k0", "k1", "k2", "k3", "k4"]) ask("k", name, true);
    ask("stranger");
    ask("other", "o", true);
    await settle();
    expect(refused).toEqual(["stranger", "k4"]);
    for (let index = 0; index < 3; index += 1) await endOne();
    expect(started).toEqual(["k0", "k1", "o", "k2"]);
  });

  test("forgets sources that have left, after ten thousand of them", async () => {
    const { queue, ask, endOne } = openTrial({ atOnce: 1, waitingMax: 4, waitMsMax: 2000 });
    for (let index = 0; index < 10_000; index += 1) ask(`source ${index}`);
    await settle();
    expect(queue.waiting).toBe(4);
    for (let index = 0; index < 5; index += 1) await endOne();
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });
});
