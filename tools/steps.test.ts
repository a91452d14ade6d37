import { expect, test } from "vitest";
import { outcomeLine, runBeside, runStep } from "./steps.ts";

const say = (name: string, script: string) => ({ name, run: ["node", "-e", script] as const });

test("a step that fails says so, with all that it printed", async () => {
  const outcome = await runStep(say("a", "console.log('out'); console.error('err'); process.exit(3)"));
  expect(outcome).toMatchObject({ name: "a", ok: false });
  expect(outcome.output).toContain("out");
  expect(outcome.output).toContain("err");
});

test("a program that is not there is a failure, not a crash", async () => {
  const { ok, output } = await runStep({ name: "a", run: ["./no-such-program"] });
  expect(ok).toBe(false);
  expect(output).toContain("could not be started");
});

test("every step runs, whatever became of the others", async () => {
  const told: string[] = [];
  const outcomes = await runBeside(
    [say("a", "process.exit(1)"), say("b", ""), say("c", "")],
    2,
    (outcome) => {
      told.push(outcomeLine(outcome));
    },
  );
  expect(outcomes.map(({ name, ok }) => `${name} ${ok}`).toSorted()).toEqual(["a false", "b true", "c true"]);
  expect(told).toHaveLength(3);
});
