/** Codes of our own beside the SQLSTATEs of PostgreSQL. */
export const ownCodes = {
  busy: "RFBSY",
  timedOut: "RFTMO",
  aborted: "RFABT",
  ended: "RFEND",
} as const;

interface Particulars {
  readonly constraint?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
}

/**
 * Any failure of the database or on the way to it, by SQLSTATE or one of our own codes.
 *
 * It carries no DETAIL, HINT, CONTEXT, row value, parameter or statement text, so it may be logged as it is.
 */
export class DatabaseError extends Error {
  readonly code: string;
  declare readonly constraint?: string;
  declare readonly table?: string;
  declare readonly column?: string;

  constructor(code: string, message: string, { constraint, table, column }: Particulars = {}) {
    super(message);
    this.name = "DatabaseError";
    this.code = code;
    if (constraint !== undefined) this.constraint = constraint;
    if (table !== undefined) this.table = table;
    if (column !== undefined) this.column = column;
  }
}

/** The fields of an ErrorResponse by their one-letter type (PostgreSQL manual, "Error and Notice Message Fields"). */
export type ServerFields = Readonly<Record<string, string | undefined>>;

/** What of a server's error may be known outside this room. */
export function errorFromServer(fields: ServerFields): DatabaseError {
  const code = fields["C"] ?? "XX000";
  const message = messageIsFreeOfValues(code) ? withoutQueryText(code, fields["M"] ?? "") : "";
  return new DatabaseError(code, message === "" ? `database error ${code}` : message, {
    constraint: fields["n"],
    table: fields["t"],
    column: fields["c"],
  });
}

/**
 * Classes whose messages name objects, never values; RF is raised by our own migrations. Left out above all: 22
 * ("invalid input syntax for type integer: …") and P0 (whatever a function cared to raise).
 */
const classesFreeOfValues = new Set([
  "0A",
  "23",
  "25",
  "28",
  "2D",
  "3D",
  "3F",
  "40",
  "42",
  "53",
  "54",
  "55",
  "57",
  "RF",
]);

function messageIsFreeOfValues(code: string): boolean {
  return classesFreeOfValues.has(code.slice(0, 2));
}

/** A syntax error says near which piece of the statement it is. */
function withoutQueryText(code: string, message: string): string {
  return code === "42601" ? message.replace(/"[^]*"/, '"…"') : message;
}

/** Whether the server forgot or outgrew a prepared statement, so that parsing anew mends it. */
export function isStalePlan(fields: ServerFields): boolean {
  const outgrown = fields["C"] === "0A000" && fields["R"] === "RevalidateCachedQuery";
  return outgrown || fields["C"] === "26000" || fields["C"] === "42P05";
}

/** Why no connection came to be, without the address, user or password that was tried. */
export function errorFromConnecting(cause: unknown): DatabaseError {
  const { code, severity } = fieldsOf(cause);
  if (code !== undefined && severity !== undefined)
    return new DatabaseError(code, `the database refused a connection (${code})`);
  return new DatabaseError("08001", `the database cannot be reached (${code ?? "connection ended"})`);
}

function fieldsOf(cause: unknown): { code?: string; severity?: string } {
  if (!(cause instanceof Error)) return {};
  const found: { code?: string; severity?: string } = {};
  if ("code" in cause && typeof cause.code === "string") found.code = cause.code;
  if ("severity" in cause && typeof cause.severity === "string") found.severity = cause.severity;
  return found;
}
