import { PostgresRefusal } from "./postgres-refusal.ts";

const knownCauses: readonly { readonly sign: RegExp; readonly remedy: string }[] = [
  {
    sign: /No space left|Disk quota exceeded|File too large/i,
    remedy: "Free disk space there (a new database takes 40 MB), then start again.",
  },
  {
    sign: /could not look up effective user ID/,
    remedy: "Give this user id a line in /etc/passwd, or set DATABASE_URL.",
  },
  {
    sign: /error while loading shared libraries/,
    remedy: "Reinstall with npm ci; on a Linux without glibc set DATABASE_URL.",
  },
  {
    sign: /Permission denied|could not access directory|EACCES/,
    remedy: "Let this user read and write the directory, or choose another RINGFENCE_DATA.",
  },
  {
    sign: /could not create shared memory|Cannot allocate memory/,
    remedy: "Give this machine or container more memory.",
  },
  { sign: /Read-only file system/, remedy: "Put RINGFENCE_DATA on a file system that can be written." },
  {
    sign: /could not bind|Address already in use/,
    remedy: "Another program took the port at this very moment: start again.",
  },
];

/** A refusal that carries what the program itself said, and the remedy where the cause is a known one. */
export function explainFailure(what: string, said: string): PostgresRefusal {
  const known = knownCauses.find(({ sign }) => sign.test(said));
  return new PostgresRefusal({
    detail: `${what}: ${said.trim()}`,
    remedy: known?.remedy ?? "The lines above are PostgreSQL's own; nothing was changed.",
  });
}
