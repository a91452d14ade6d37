import type { Statement } from "../../../foundation/database/index.ts";

interface Runner {
  run(statement: Statement): Promise<{ readonly rows: readonly Record<string, unknown>[] }>;
}

/** The bytes of an import's file, piece by piece, each read in a transaction of its own that enters anew. */
export async function* bytesOf(scope: Runner, importId: string): AsyncGenerator<Buffer, void> {
  for (let seq = 0; ; seq += 1) {
    const { rows } = await scope.run({
      text: "select bytes from app.import_chunk where import_id = $1 and seq = $2",
      values: [importId, seq],
    });
    const bytes = rows[0]?.["bytes"];
    if (!Buffer.isBuffer(bytes)) return;
    yield bytes;
  }
}
