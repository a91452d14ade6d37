import { csrfToken } from "./csrf.ts";
import type { Page } from "./page.ts";
import { ProblemError, problemFrom } from "./problem-error.ts";
import { idempotencyKey, send, withQuery } from "./send.ts";
import { door } from "./tenant.ts";

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
export type Dedupe = "skip" | "update" | "create";

/** Where one column goes, by its place from 0; null leaves it out. */
export interface ColumnMapping {
  readonly column: number;
  readonly field: string | null;
  readonly kind?: string;
  readonly kindColumn?: number;
  /** How sure the server's suggestion is, 0 to 1. */
  readonly confidence?: number;
}

/** What a dry run or a finished run found: how many rows would be or were treated how, and why rows were refused. */
export interface ImportReport {
  readonly create?: number;
  readonly update?: number;
  readonly skip?: number;
  readonly fail?: number;
  readonly problems?: readonly {
    readonly reason: string;
    readonly count: number;
    readonly row?: number;
    readonly severity?: string;
  }[];
  readonly error?: string;
}

export interface Import {
  readonly id: string;
  readonly resource?: "contact" | "account";
  readonly state: ImportState;
  readonly fileName: string;
  readonly bytes: number | null;
  readonly rowsTotal: number | null;
  readonly rowsDone: number;
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
  readonly failed: number;
  readonly delimiter: string | null;
  readonly encoding: string | null;
  readonly headers: readonly string[] | null;
  readonly sample: readonly (readonly string[])[] | null;
  readonly mapping: readonly ColumnMapping[] | null;
  readonly dedupe: Dedupe | null;
  readonly createdAt?: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly report: ImportReport | null;
}

/** Imports of this organization, newest first. */
export function fetchImports(organization: string): Promise<Page<Import>> {
  return send("GET", door(organization, "/imports"));
}

/** One import as it stands now. */
export function fetchImport(organization: string, id: string): Promise<Import> {
  return send("GET", door(organization, `/imports/${id}`));
}

/** Chooses what each column means and what happens to rows that exist already. */
export function changeImport(
  organization: string,
  id: string,
  change: { readonly mapping: readonly ColumnMapping[]; readonly dedupe: Dedupe },
): Promise<Import> {
  return send("PATCH", door(organization, `/imports/${id}`), { body: change });
}

/** Checks without writing, starts, cancels or takes back an import. */
export function moveImport(
  organization: string,
  id: string,
  act: "check" | "start" | "cancel" | "undo",
): Promise<Import> {
  return send("POST", door(organization, `/imports/${id}/${act}`));
}

/** Where the browser downloads the refused rows with their reasons from. */
export function importErrorsPath(organization: string, id: string): string {
  return door(organization, `/imports/${id}/errors.csv`);
}

interface Upload {
  readonly organization: string;
  readonly resource: "contact" | "account";
  readonly file: File;
  readonly onProgress: (sent: number) => void;
  readonly signal: AbortSignal;
}

/** Streams a file to the server. XMLHttpRequest, because fetch cannot say how much of a body has left. */
export async function uploadImport({
  organization,
  resource,
  file,
  onProgress,
  signal,
}: Upload): Promise<Import> {
  const csrf = await csrfToken();
  const path = withQuery(door(organization, "/imports"), { resource, fileName: file.name });
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("content-type", "text/csv");
    request.setRequestHeader("x-csrf-token", csrf);
    request.setRequestHeader("idempotency-key", idempotencyKey());
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("load", () => settle(request, resolve, reject));
    request.addEventListener("error", () => reject(new ProblemError("no-connection", undefined)));
    request.addEventListener("abort", () => reject(new DOMException("Cancelled", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

function settle(
  request: XMLHttpRequest,
  resolve: (value: Import) => void,
  reject: (error: Error) => void,
): void {
  let body: unknown = null;
  try {
    body = JSON.parse(request.responseText);
  } catch {
    body = null;
  }
  if (request.status >= 200 && request.status < 300) resolve(body as Import); // as: declared answer shape
  else reject(problemFrom(request.status, body));
}
