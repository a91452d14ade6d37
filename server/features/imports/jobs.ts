import { job, type Job } from "../../jobs/index.ts";
import { runImport } from "./run/run-import.ts";
import { tidyImports } from "./run/tidy-imports.ts";
import { undoImport } from "./run/undo-import.ts";

const reads = [
  "import.read",
  "import.change",
  "contact.read",
  "account.read",
  "own_field.read",
  "member.read",
  "organization.read",
];

export interface ImportPace {
  /** Rows in one transaction. */
  readonly rowsPerBatch: number;
}

/** The work behind imports. Each goes on after a crash with what is in no whole batch yet. */
export const importJobs = ({ rowsPerBatch }: ImportPace = { rowsPerBatch: 5_000 }): Job[] => [
  job({
    kind: "imports.check",
    requires: "import.change",
    needs: reads,
    tries: 10,
    run: (context) => runImport(context, "check", rowsPerBatch),
  }),
  job({
    kind: "imports.run",
    requires: "import.change",
    needs: [...reads, "contact.create", "contact.change", "account.create", "account.change"],
    tries: 10,
    run: (context) => runImport(context, "run", rowsPerBatch),
  }),
  job({
    kind: "imports.undo",
    requires: "import.undo",
    needs: [...reads, "contact.change", "contact.erase", "account.change", "account.erase"],
    delegatedBecause:
      "a member may take back their own import, which erases just what it made; they may not erase otherwise",
    tries: 10,
    run: undoImport,
  }),
  job({
    kind: "imports.tidy",
    requires: null,
    needs: ["import.read", "import.change"],
    tries: 3,
    every: "1 hour",
    run: tidyImports,
  }),
];
