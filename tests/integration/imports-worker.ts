import { importJobs } from "../../server/features/imports/index.ts";
import { openPool } from "../../server/foundation/database/index.ts";
import { startWorker } from "../../server/jobs/index.ts";

/** A worker in a process of its own, for tests that kill it: `tsx imports-worker.ts DSN ROWS_PER_BATCH`. */
const [dsn = "", rows = ""] = process.argv.slice(2);
const pool = openPool({
  connectionString: dsn,
  max: 8,
  applicationName: "imports victim",
  statementTimeoutMs: 60_000,
  transactionTimeoutMs: 62_000,
});
startWorker({ pool, jobs: importJobs({ rowsPerBatch: Number(rows) }), idleMs: 20 });
console.log("working");
