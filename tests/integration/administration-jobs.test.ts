import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { jobsOf } from "../../server/house.ts";
import { jobsScript } from "../../server/jobs/index.ts";
import { paperHouse } from "../declared-routes.ts";

test("the migration of job kinds says what the declarations say", async () => {
  const checkedIn = await readFile(new URL("../../server/migrations/0021-jobs.sql", import.meta.url), "utf8");
  expect(checkedIn).toBe(jobsScript(jobsOf(paperHouse)));
});
