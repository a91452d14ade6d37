import { install } from "../server/kernel/install/index.ts";
import { installOptionsFor, withDoors } from "../tests/installed-database.ts";
import { addressDoors, askInTurns, makePeople } from "./known-and-unknown.ts";
import { testServer } from "../tests/server.ts";
import { startThrowawayCluster } from "../tests/throwaway-cluster.ts";
import { openAdministration } from "../server/foundation/database/index.ts";

/**
 * Whether the doors that take an address tell, by their time, if somebody has it: 2,000 requests for each, in turns, by Mann and Whitney's
 * test. `npm run bench enumeration [requests of each] [door]`
 */

const rounds = Number(process.argv[2] ?? 2000);
const only = process.argv[3];
// So many that no account has failures enough to be locked, and no address had too many letters.
const people = Math.ceil(rounds / 4);

const cluster = await startThrowawayCluster(process.env["RINGFENCE_TEST_POSTGRES_BIN"] || undefined);
try {
  const db = await openAdministration(cluster.superuserDsn);
  await db.script("create database enumeration");
  await db.close();
  const url = new URL(cluster.superuserDsn);
  url.pathname = "/enumeration";
  const dsn = url.href;
  await install(installOptionsFor(dsn));
  const database = await withDoors({ dsn, name: "enumeration", drop: async () => undefined }, "rf");
  const server = await testServer({}, database);
  await makePeople(server, people);
  for (const door of addressDoors) {
    if (only !== undefined && !door.path.endsWith(only)) continue;
    const { p, medianDifference, medians, answers } = await askInTurns(server, door, rounds, people);
    const [known, unknown] = medians.map((ms) => ms.toFixed(2));
    console.log(
      `${door.path}: known ${known} ms, unknown ${unknown} ms, difference of medians ${medianDifference.toFixed(3)} ms, p = ${p.toFixed(3)}, ${answers.length} distinct answer${answers.length === 1 ? "" : "s"}`,
    );
  }
  await server.stop();
  await database.drop();
} finally {
  await cluster.stop();
}
