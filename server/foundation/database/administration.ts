import pg from "pg";

/** A plain connection for installing and migrating: whole scripts, one session, no pool. Never for requests. */
export interface Administration {
  /** Runs a script of several statements (simple protocol) and forgets its rows. */
  script(text: string): Promise<void>;
  query(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** Opens the connection; the caller closes it. Errors are PostgreSQL's own, for the operator who runs the installation. */
export async function openAdministration(connectionString: string): Promise<Administration> {
  const client = new pg.Client({ connectionString, application_name: "ringfence install" });
  // A connection that dies between two statements shall reject the next one, not end the process.
  client.on("error", () => undefined);
  await client.connect();
  return {
    script: async (text) => {
      await client.query(text);
    },
    query: async (text, values = []) => {
      const result = await client.query<Record<string, unknown>>(text, [...values]);
      return result.rows;
    },
    close: () => client.end(),
  };
}
