import { openAdministration, type Administration } from "../server/foundation/database/index.ts";
import { installTrial, seedOrganizations, type Seeded, type SeedWish } from "../tests/seed.ts";
import { startThrowawayCluster } from "../tests/throwaway-cluster.ts";

/** An installed and seeded database in a cluster of its own, which ends with `stop`. */
export interface Ground {
  /** As superuser. */
  readonly dsn: string;
  readonly dsnOf: (role: string) => string;
  readonly seeded: Seeded;
  /** As superuser. */
  readonly db: Administration;
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL (the embedded one, or the programs in the folder that RINGFENCE_TEST_POSTGRES_BIN names), installs
 * the product there and fills it.
 */
export async function preparedGround(wish: Omit<SeedWish, "say">): Promise<Ground> {
  const cluster = await startThrowawayCluster(process.env["RINGFENCE_TEST_POSTGRES_BIN"] || undefined);
  try {
    const dsn = await madeDatabase(cluster.superuserDsn);
    const dsnOf = await installTrial(dsn, wish.prefix);
    const { organizations, contactsEach } = wish;
    console.log(
      `Seeding ${organizations} organizations with ${contactsEach} contacts each, all triggers on…`,
    );
    const seeded = await seedOrganizations(dsn, { ...wish, say: console.log });
    const rate = Math.round(seeded.contacts / seeded.seconds);
    console.log(`  ${seeded.contacts} contacts in ${seeded.seconds.toFixed(0)} s: ${rate} rows/s`);
    const db = await openAdministration(dsn);
    const stop = async (): Promise<void> => {
      await db.close();
      await cluster.stop();
    };
    return { dsn, dsnOf, seeded, db, stop };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function madeDatabase(superuserDsn: string): Promise<string> {
  const db = await openAdministration(superuserDsn);
  await db.script("create database bench");
  await db.close();
  const url = new URL(superuserDsn);
  url.pathname = "/bench";
  return url.href;
}
