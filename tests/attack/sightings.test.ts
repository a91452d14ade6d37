import type { Client } from "pg";
import { afterAll, beforeAll } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import type { Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";
import { less, mattersOn } from "./take-away.ts";

// When credentials were last seen is written for thousands at once. Nobody may be kept from a revoke by that, whatever row of
// theirs somebody holds.

proves("IAM-8");

let server: TestServer;
let acme: Organization;
let superuser: Client;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  superuser = await server.database.connectAsSuperuser();
});
afterAll(() => server.stop());
const matters = mattersOn(() => superuser);

const lookBack =
  "update kernel.credential set last_seen_at = now() - interval '1 hour' where kind = 'session'";
const touch =
  "select kernel.touch_credentials($1::bytea[], array_fill(null::inet, array[cardinality($1::bytea[])]))";

matters(
  "sightings-wait",
  "the rule that a sighting waits for no row",
  ["204 at once, seen", "204 late, not seen"],
  async () => {
    // In the order in which rows are written, by whichever plan: the leaver's is the first.
    const leaver = await server.person(acme, "member");
    let held = await server.person(acme, "member");
    while (Buffer.compare(sha256(leaver.token), sha256(held.token)) > 0)
      held = await server.person(acme, "member");
    await superuser.query(lookBack);
    const holder = await server.database.connectAsSuperuser();
    await holder.query("begin");
    await holder.query("select 1 from kernel.credential where digest = sha256($1) for update", [
      sha256(held.token),
    ]);
    const auth = await server.database.connectAs("auth");
    const touched = auth.query(touch, [[sha256(leaver.token), sha256(held.token)]]);
    // Without the rule this one now holds the leaver's row and waits for the other.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const seen = await superuser.query(
      "select last_seen_at > now() - interval '1 minute' as seen from kernel.credential where digest = sha256($1)",
      [sha256(leaver.token)],
    );
    const begun = performance.now();
    const revoked = leaver.browser.post("/auth/sign-out").then(({ status }) => status);
    const early = await Promise.race([revoked, new Promise((resolve) => setTimeout(resolve, 2000))]);
    await holder.query("rollback");
    const status = await revoked;
    await touched;
    await Promise.all([auth.end(), holder.end()]);
    const late = early === undefined || performance.now() - begun > 2000;
    return `${status} ${late ? "late" : "at once"}, ${seen.rows[0].seen === true ? "seen" : "not seen"}`;
  },
  less("kernel.touch_credentials(bytea[],inet[])", [" skip locked", ""]),
);
