import { afterAll, beforeAll, expect, test } from "vitest";
import { selfSignedCertificate } from "../../server/foundation/ids/index.ts";
import { samlWorld, type SamlWorld } from "../saml-world.ts";
import type { Org } from "../sso-world.ts";

let world: SamlWorld;
let acme: Org;

beforeAll(async () => {
  world = await samlWorld({ RINGFENCE_DOORS: "api,worker" });
  acme = await world.server.organization("acme");
});
afterAll(() => world.stop());

const endingIn = async (days: number): Promise<string> =>
  (await selfSignedCertificate("idp", new Date(Date.now() - 86_400_000), days + 1, 2048)).certificate;

/** Has the clock ask for the job, and waits until it is done. */
async function aDayPasses(): Promise<void> {
  await world.db.query("delete from kernel.job where kind = 'sso.certificates'");
  const worker = await world.server.database.connectAs("worker");
  await worker.query("select kernel.schedule_jobs()");
  const state = async (): Promise<unknown> =>
    (await world.db.query("select distinct state from kernel.job where kind = 'sso.certificates'")).rows;
  await expect.poll(state, { timeout: 30_000, interval: 100 }).toEqual([{ state: "done" }]);
}

async function letters(): Promise<string[]> {
  const { rows } = await world.db.query<{ subject: string }>(
    "select subject from kernel.mail where tenant_id = $1 and purpose = 'certificate' order by id",
    [acme.id],
  );
  return rows.map(({ subject }) => subject);
}

test("owners are told 30, 7 and 1 days before a pinned certificate ends, once each", async () => {
  await world.connectSaml(acme, { certificates: [await endingIn(40)] });
  await aDayPasses();
  expect(await letters()).toEqual([]);
  const connection = await world.connectSaml(acme, { certificates: [await endingIn(20)] });
  await aDayPasses();
  await aDayPasses();
  expect(await letters()).toEqual([
    expect.stringMatching(/^A certificate of "Our provider" ends at \d{4}-\d\d-\d\d$/),
  ]);
  await world.db.query(
    "update kernel.sso_connection set settings = jsonb_set(settings, '{certificateEnds,0,notAfter}', to_jsonb(now() + interval '5 days')) where id = $1",
    [connection],
  );
  await aDayPasses();
  expect(await letters()).toHaveLength(2);
  const { json } = await acme.browser.get(
    `/o/acme/v1/audit-events?resourceId=${connection}&action=certificate-ends`,
  );
  expect(json.items).toHaveLength(2);
  expect(json.items[0]).toMatchObject({ actorEmail: "system", severity: "warning", after: { days: 7 } });
});
