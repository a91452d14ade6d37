import { job, type Job } from "../../jobs/index.ts";

const atOnce = 200;

/**
 * Tells members who have no second factor that their organization demands one: when it is demanded of them, and once more before
 * they are kept out. Each is told of each day once, however often this runs.
 */
export const tellOfDemandJob: Job = job({
  kind: "access.second-factors",
  requires: null,
  needs: ["outbox.send"],
  tries: 5,
  every: "6 hours",
  run: async ({ scope, signal }) => {
    let told = atOnce;
    while (told === atOnce) {
      if (signal.aborted) throw new Error("stopped; the next lease goes on");
      const { rows } = await scope.run({
        text: "select kernel.tell_of_demand($1) as told",
        values: [atOnce],
      });
      told = Number(rows[0]?.["told"]);
    }
  },
});
