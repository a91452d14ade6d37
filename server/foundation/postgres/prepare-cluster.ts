import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { newToken } from "../ids/index.ts";
import { installedBinaries, usableBinaries, type Binaries } from "./binaries.ts";
import { placeForCluster, readRecord, writePrivate, type ClusterPlace, type Home } from "./home.ts";
import { initializeCluster, removeDrafts } from "./initialize-cluster.ts";
import { PostgresRefusal } from "./postgres-refusal.ts";
import { serverAccount, type Account } from "./server-account.ts";

export interface Preparation {
  readonly log: (line: string) => void;
  readonly native?: string;
  readonly elsewhere?: string;
  readonly passwd?: string | undefined;
}

/** A cluster that is whole and fits the programs, and what is needed to start it. */
export interface PreparedCluster extends ClusterPlace {
  readonly home: Home;
  readonly account: Account | null;
  readonly binaries: Binaries;
  readonly password: string;
  readonly rememberedPort: number | undefined;
}

/** Finds the cluster of this home or makes one; the programs come first, so that a failure leaves nothing behind. */
export async function prepareCluster(options: Preparation, home: Home): Promise<PreparedCluster> {
  const { log, native = installedBinaries(), elsewhere = "/var/lib/ringfence" } = options;
  const ownUid = process.getuid?.();
  const newAccount = (): Account | null => serverAccount({ ownUid, cluster: null, passwd: options.passwd });
  const record = readRecord(home);
  const place = record ?? placeForCluster(home, newAccount(), { elsewhere, log });
  const made = existsSync(path.join(place.cluster, "PG_VERSION"));
  await removeDrafts(path.dirname(place.cluster));
  const account = made ? serverAccount({ ownUid, cluster: place.cluster }) : newAccount();
  const copies = ownUid === 0 ? elsewhere : home.directory;
  const binaries = await usableBinaries({ native, account, copies, log });
  const password = made ? keptPassword(home, place, binaries) : await create(home, place, account, binaries);
  const { cluster, relocated } = place;
  return { home, account, binaries, cluster, relocated, password, rememberedPort: record?.port };
}

/** The password is on disk before the cluster that knows it: a crash in between leaves no cluster without one. */
async function create(
  home: Home,
  { cluster }: ClusterPlace,
  account: Account | null,
  { initdb }: Binaries,
): Promise<string> {
  if (existsSync(cluster)) {
    throw new PostgresRefusal({
      detail: `${cluster} exists and is not the data of a PostgreSQL.`,
      remedy: "Move it away, or choose another RINGFENCE_DATA.",
    });
  }
  const password = newToken();
  writePrivate(home.password, password);
  await initializeCluster({ initdb, cluster, password, account });
  return password;
}

function keptPassword(home: Home, { cluster }: ClusterPlace, binaries: Binaries): string {
  refuseOtherMajor(cluster, binaries);
  if (existsSync(home.password)) return readFileSync(home.password, "utf8").trim();
  throw new PostgresRefusal({
    detail: `The password of the database in ${cluster} is missing: there is no ${home.password}.`,
    remedy: "Bring that file back from the backup that the data came from.",
  });
}

/** Another major's data can be neither read nor upgraded by these programs; trying would only produce noise. */
function refuseOtherMajor(cluster: string, { major, version }: Binaries): void {
  const found = readFileSync(path.join(cluster, "PG_VERSION"), "utf8").trim();
  if (found === String(major)) return;
  throw new PostgresRefusal({
    detail: `The data in ${cluster} is PostgreSQL ${found}'s, and the installed programs are ${version}.`,
    remedy: `Install the release of Ringfence that brought PostgreSQL ${found}, or move the data by export and import.`,
  });
}
