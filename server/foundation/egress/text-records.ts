import { promises } from "node:dns";

/** The TXT records of a name, each as one text; none for a name that does not exist. Rejects when DNS did not answer. */
export type TextRecords = (name: string) => Promise<readonly string[]>;

const recordsMax = 100;

/** Asks these name servers (`address` or `address:port`), or the machine's own when there are none. */
export function textRecords(servers: readonly string[]): TextRecords {
  const resolver = new promises.Resolver({ timeout: 2000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  return async (name) => {
    try {
      const records = await resolver.resolveTxt(name);
      return records.slice(0, recordsMax).map((parts) => parts.join(""));
    } catch (error) {
      if (isAbsence(error)) return [];
      throw error;
    }
  };
}

function isAbsence(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && (error.code === "ENOTFOUND" || error.code === "ENODATA")
  );
}
