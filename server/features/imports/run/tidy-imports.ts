import type { Statement } from "../../../foundation/database/index.ts";
import type { JobContext } from "../../../jobs/index.ts";

const fail = (reason: string, condition: string): Statement => ({
  text: `update app.import set state = 'failed', failure = $1, finished_at = now() where ${condition}`,
  values: [reason],
});

/** What a crash, a lost permission or forgetfulness leaves behind: ends such imports with a reason, and drops the bytes of all that ended. */
export async function tidyImports({ scope }: JobContext): Promise<void> {
  await scope.batch([
    fail("The upload was broken off.", "state = 'uploading' and created_at < now() - interval '1 hour'"),
    fail(
      "It stopped: whoever started it may not import any more, or it failed again and again. What was written can be undone.",
      `state in ('checking', 'running', 'undoing') and updated_at < now() - interval '1 minute'
         and id not in (select kernel.imports_under_way())`,
    ),
    fail(
      "Nobody started it within 30 days.",
      "state in ('uploaded', 'checked') and updated_at < now() - interval '30 days'",
    ),
    {
      text: `select app.drop_import_chunks(array(
  select i.id from app.import i where i.state in ('failed', 'cancelled', 'done', 'undone')
     and exists (select from app.import_chunk c where c.import_id = i.id)))`,
      values: [],
    },
  ]);
}
