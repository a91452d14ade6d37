import { readFileSync, statSync } from "node:fs";
import { PostgresRefusal } from "./postgres-refusal.ts";

/** Who the server runs as, where that is not who we are. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

interface Situation {
  /** Our own uid; undefined on Windows. */
  readonly ownUid: number | undefined;
  /** The data of an existing cluster, else null. */
  readonly cluster: string | null;
  readonly passwd?: string | undefined;
}

/**
 * The account for the server: null (ourselves) unless we are root, since PostgreSQL refuses root.
 *
 * An existing cluster runs as its owner. A new one takes `postgres`, else `nobody`: users are never created.
 */
export function serverAccount({ ownUid, cluster, passwd = "/etc/passwd" }: Situation): Account | null {
  if (ownUid === undefined) return null;
  if (cluster !== null) return ownerOf(cluster, ownUid);
  return ownUid === 0 ? unprivilegedAccount(readFileSync(passwd, "utf8")) : null;
}

function ownerOf(cluster: string, ownUid: number): Account | null {
  const { uid, gid } = statSync(cluster);
  if (ownUid === 0 && uid !== 0) return { uid, gid };
  if (ownUid === uid && uid !== 0) return null;
  throw new PostgresRefusal({
    detail: `The data in ${cluster} belongs to user ${uid}, and we run as user ${ownUid}.`,
    remedy:
      uid === 0
        ? `PostgreSQL refuses to run as root: give the data to another user, for example chown -R nobody ${cluster}`
        : `Start as that user or as root, or choose another RINGFENCE_DATA.`,
  });
}

function unprivilegedAccount(passwd: string): Account {
  const users = passwd.split("\n").map((line) => line.split(":"));
  const found = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
  const [uid, gid] = [Number(found?.[2]), Number(found?.[3])];
  if (uid > 0 && gid >= 0) return { uid, gid };
  throw new PostgresRefusal({
    detail: "PostgreSQL refuses to run as root, and this machine has neither a user postgres nor nobody.",
    remedy: "Start as an ordinary user, or set DATABASE_URL to a PostgreSQL 15 to 18 of your own.",
  });
}
