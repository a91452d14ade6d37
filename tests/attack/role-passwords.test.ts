import { Client } from "pg";
import { expect } from "vitest";
import { doorRoles, install } from "../../server/kernel/install/index.ts";
import { emptyDatabase } from "../cluster.ts";
import { installOptionsFor, testPassword } from "../installed-database.ts";
import { attack } from "./attack.ts";

attack(
  {
    id: "P-role-passwords",
    title: "read the doors' passwords in the server's log, with every statement logged while they are set",
    expected: "verifiers only",
  },
  async () => {
    const database = await emptyDatabase("logged");
    const superuser = new Client({ connectionString: database.dsn });
    await superuser.connect();
    try {
      await superuser.query(
        `alter role current_user in database "${database.name}" set log_statement = 'all'`,
      );
      await install(installOptionsFor(database.dsn, "logged"));
      const { rows } = await superuser.query<{ log: string }>(
        "select pg_read_file(current_setting('data_directory') || '/../server.log') as log",
      );
      const log = rows[0]?.log ?? "";
      for (const role of [...doorRoles, "migrate"] as const) {
        expect(log).toMatch(new RegExp(`role logged_${role} login .* password 'SCRAM-SHA-256\\$4096:`));
        expect(log).not.toContain(testPassword(role));
      }
    } finally {
      await superuser.end();
      await database.drop();
    }
    return "verifiers only";
  },
);
