import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../client.ts";
import { proves } from "../proves.ts";
import {
  csv,
  type Importer,
  importsWorld,
  type ImportsWorld,
  people,
  peopleHeader,
} from "./imports-world.ts";

let world: ImportsWorld;

beforeAll(async () => {
  world = await importsWorld(3);
});
afterAll(() => world.stop());

const header = ["Record ID", "Email", "First Name", "Company", "Birthday"];
const some = (...values: string[]) => fc.constantFrom(...values);
const row = fc.tuple(
  some("", "", "x-1", "x-2", "x-3", "X-4"),
  some("", "a@example.com", "B@example.com", "c@example.com", "d@example.com", "not one"),
  some("", "Ada", "Grace"),
  some("", "Acme", "acme", "Other"),
  some("", "2000-02-30", "1990-01-01"),
);
const wish = fc.record({
  dedupe: some("skip", "update", "create"),
  before: fc.array(row, { maxLength: 5 }),
  rows: fc.array(row, { minLength: 1, maxLength: 14 }),
});

const counts = ({ created, updated, skipped, failed, report, rowsTotal }: Json): Json => ({
  created,
  updated,
  skipped,
  failed,
  rowsTotal,
  problems: report.problems,
});

async function checkedAndDone(
  acme: Importer,
  rows: string[][],
  dedupe: string,
): Promise<[Json, Json, string, string, string]> {
  const { id } = await acme.upload(csv(header, ...rows));
  const path = `/o/${acme.slug}/v1/imports/${id}`;
  const changed = await acme.browser.patch(path, { dedupe });
  expect(changed.status).toBe(200);
  const before = JSON.stringify(await acme.records());
  await acme.act(id, "check");
  const checked = await acme.ended(id);
  const [checkedErrors, after] = [await acme.errors(id), JSON.stringify(await acme.records())];
  expect(after).toBe(before);
  await acme.act(id, "start");
  return [checked, await acme.ended(id), checkedErrors, await acme.errors(id), id];
}

describe("a dry run", () => {
  proves("CRM-2");

  test("says exactly what the real run then does, whatever the rows repeat; and an undo takes exactly that back", async () => {
    // More people than one may send in an hour: an organization, and its owner, for each try.
    let organizations = 0;
    await fc.assert(
      fc.asyncProperty(wish, async ({ dedupe, before, rows }) => {
        organizations += 1;
        const acme = await world.importer(`dry-${organizations}`);
        await acme.run(csv(header, ...before, ["x-9", "z@example.com", "", "", ""]), { dedupe: "skip" });
        const prior = await acme.records();
        const [checked, done, checkedErrors, errors, id] = await checkedAndDone(acme, rows, dedupe);
        expect(done.state).toBe("done");
        expect(counts(done)).toEqual(counts(checked));
        expect(errors).toBe(checkedErrors);
        await acme.act(id, "undo");
        const undone = await acme.ended(id);
        expect(undone).toMatchObject({ state: "undone", report: { kept: 0 } });
        expect(await acme.records()).toEqual(prior);
      }),
      { numRuns: Number(process.env["FC_RUNS"] ?? 25) },
    );
  }, 240_000);

  test("costs no more than reading and looking up: it writes no record and no audit event of one", async () => {
    const acme = await world.importer("cost");
    const { id } = await acme.upload(csv(peopleHeader, ...people(100)));
    const events = async (): Promise<unknown> =>
      (
        await world.db.query(
          "select count(*)::integer as count from kernel.audit_event where tenant_id = $1 and resource_type <> 'import'",
          [acme.id],
        )
      ).rows;
    const before = await events();
    await acme.act(id, "check");
    expect(await acme.ended(id)).toMatchObject({ state: "checked", rowsDone: 100, created: 100 });
    expect(await events()).toEqual(before);
  });
});

describe("an undo", () => {
  proves("CRM-2");

  test("keeps what somebody changed since, counts it, and takes the rest back", async () => {
    const acme = await world.importer("since");
    const old = (
      await acme.browser.post("/o/since/v1/contacts", {
        firstName: "Old",
        email: "p1@example.com",
        tags: ["mine"],
      })
    ).json;
    const before = (await acme.contacts()).find(({ id }) => id === old.id);
    const done = await acme.run(
      csv([...peopleHeader, "Tags"], ...people(6).map((cells) => [...cells, "new"])),
      { dedupe: "update" },
    );
    expect(done).toMatchObject({ created: 5, updated: 1 });
    const made = (await acme.contacts()).find(({ email }) => email === "p4@example.com");
    await acme.browser.patch(`/o/since/v1/contacts/${made.id}`, { title: "Changed since" }, { version: 1 });
    const archived = (await acme.contacts()).find(({ email }) => email === "p5@example.com");
    await acme.browser.post(`/o/since/v1/contacts/${archived.id}/archive`, undefined, { version: 1 });
    await acme.act(done.id, "undo");
    const undone = await acme.ended(done.id);
    expect(undone.report).toMatchObject({ create: 3, update: 1, kept: 2 });
    const left = await acme.contacts();
    expect(left.map(({ email }) => email).toSorted()).toEqual([
      "p1@example.com",
      "p4@example.com",
      "p5@example.com",
    ]);
    const { version: _, updated_at: __, ...restored } = left.find(({ id }) => id === old.id);
    expect(before).toMatchObject(restored);
    // The accounts of what was kept are kept with it.
    const { accounts } = await acme.records();
    expect(accounts.map((account: Json) => account.row.name).toSorted()).toEqual(["Company 4", "Company 5"]);
  });
});
