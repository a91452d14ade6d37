import { integer, moment, oneOf, ownValues, resource, text } from "../../kernel/resource/index.ts";

/** One file on its way in. Its bytes and what became of its rows are content tables beside it (0014-import-content.sql). */
export const importRun = resource("import", {
  many: "imports",
  fields: {
    of: oneOf("contact", "account"),
    state: oneOf(
      "uploading",
      "uploaded",
      "checking",
      "checked",
      "running",
      "done",
      "cancelled",
      "failed",
      "undoing",
      "undone",
    ),
    fileName: text(255).required(),
    bytes: integer(),
    rowsTotal: integer(),
    /** Delimiter, encoding, column names. */
    layout: ownValues(),
    mapping: ownValues(),
    dedupe: oneOf("skip", "update", "create"),
    startedAt: moment(),
    finishedAt: moment(),
    failure: text(500),
  },
  sortBy: ["fileName"],
  can: {
    viewer: [],
    member: ["read", "create", "change"],
    manager: ["archive", "export"],
    admin: "all",
  },
  keep: { archivedDays: 30 },
});

export type ImportState =
  | "uploading"
  | "uploaded"
  | "checking"
  | "checked"
  | "running"
  | "done"
  | "cancelled"
  | "failed"
  | "undoing"
  | "undone";
