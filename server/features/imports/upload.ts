import type { Readable } from "node:stream";
import { uuidv7 } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import type { TenantScope } from "../../kernel/tenancy/index.ts";
import { CsvFault, readCsv } from "./csv/index.ts";
import { mappingOfExport } from "./export/export-columns.ts";
import { suggestMapping } from "./mapping/index.ts";
import { customTargets } from "./run/load-import.ts";

const chunkBytes = 1_048_576;
const sampleRows = 20;
const headBytes = 4 * chunkBytes;

export interface Upload {
  readonly of: "contact" | "account";
  readonly fileName: string;
  readonly bytesMax: number;
  /** Words of the person about the file, where the file's own are wrong. */
  readonly encoding?: string | undefined;
}

/**
 * Takes a file in as it streams, a mebibyte at a time, each piece in a transaction that enters anew; then looks at its
 * head. Whatever fails leaves an import in the state `failed`, with the reason, and no bytes.
 */
export async function takeUpload(scope: TenantScope, body: Readable, upload: Upload): Promise<string> {
  const id = uuidv7();
  await scope.run({
    text: `insert into app.import (tenant_id, id, of, file_name, bytes) values ((select kernel.bound('import.create')), $1, $2, $3, 0)`,
    values: [id, upload.of, upload.fileName],
  });
  try {
    const { bytes, head } = await storeChunks(scope, id, body, upload.bytesMax);
    await describe(scope, id, upload, bytes, head);
    return id;
  } catch (fault) {
    await giveUp(scope, id, reasonOf(fault));
    if (fault instanceof CsvFault) throw new Problem("not-valid", { detail: fault.message, cause: fault });
    throw fault;
  }
}

async function storeChunks(
  scope: TenantScope,
  id: string,
  body: Readable,
  bytesMax: number,
): Promise<{ bytes: number; head: Buffer }> {
  let seq = 0;
  let bytes = 0;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  const head: Buffer[] = [];
  const store = async (): Promise<void> => {
    const chunk = Buffer.concat(waiting, waitingBytes);
    waiting = [];
    waitingBytes = 0;
    if (seq * chunkBytes < headBytes) head.push(chunk);
    await scope.run({
      text: "insert into app.import_chunk (tenant_id, import_id, seq, bytes) values ((select kernel.bound('import.change')), $1, $2, $3)",
      values: [id, seq, chunk],
    });
    seq += 1;
  };
  // The server hands on raw bytes: no encoding was set on the stream.
  for await (const piece of body as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > bytesMax) throw new Problem("too-large", { detail: `A file may have ${bytesMax} bytes.` });
    waiting.push(piece);
    waitingBytes += piece.length;
    if (waitingBytes >= chunkBytes) await store();
  }
  if (waitingBytes > 0) await store();
  return { bytes, head: Buffer.concat(head) };
}

async function describe(
  scope: TenantScope,
  id: string,
  { of, encoding }: Upload,
  bytes: number,
  head: Buffer,
): Promise<void> {
  const look = await lookAt(head, encoding ?? null);
  const own = await scope.run({
    text: "select of, key, label, type, options from app.own_field where archived_at is null limit 500",
    values: [],
  });
  const custom = customTargets(own.rows, of);
  const columns =
    mappingOfExport(look.headers, of, custom) ?? suggestMapping(look.headers, look.sample, { of, custom });
  await scope.run({
    text: `update app.import set state = 'uploaded', bytes = $2, layout = $3::jsonb, mapping = $4::jsonb where id = $1 and state = 'uploading'`,
    values: [
      id,
      bytes,
      JSON.stringify({
        delimiter: look.delimiter,
        encoding: look.encoding,
        headerRow: look.headerRow,
        headers: look.headers,
      }),
      JSON.stringify({ columns }),
    ],
  });
}

export interface Look {
  readonly headers: readonly string[];
  readonly headerRow: boolean;
  readonly delimiter: string;
  readonly encoding: string;
  readonly sample: readonly (readonly string[])[];
}

/** What the first bytes of a file say: its columns, and some rows to show. Throws a CsvFault where there are none. */
export async function lookAt(head: Buffer, encoding: string | null): Promise<Look> {
  const reading = await readCsv(once(head), { encoding: encoding as never, batchRows: sampleRows });
  let sample: (readonly string[])[] = [];
  for await (const { rows } of reading.batches) {
    sample = rows.slice(0, sampleRows).map(({ cells }) => cells.map((cell) => cell.slice(0, 200)));
    break;
  }
  return {
    headers: reading.columns.map(({ name }) => name),
    headerRow: reading.headerRow,
    delimiter: reading.delimiter,
    encoding: reading.encoding(),
    sample,
  };
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer, void> {
  yield bytes;
}

function reasonOf(fault: unknown): string {
  if (fault instanceof CsvFault) return fault.message;
  if (fault instanceof Problem && fault.key === "too-large") return fault.detail ?? fault.message;
  return "The upload was broken off.";
}

/** Best effort: a revoked credential cannot even do this, and the clean-up job then does. */
async function giveUp(scope: TenantScope, id: string, failure: string): Promise<void> {
  await scope
    .batch([
      {
        text: "update app.import set state = 'failed', failure = $2, finished_at = now() where id = $1",
        values: [id, failure],
      },
      { text: "select app.drop_import_chunks(array[$1::uuid])", values: [id] },
    ])
    .catch(() => undefined);
}
