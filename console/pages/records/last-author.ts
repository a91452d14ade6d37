import { fetchHistory } from "../../api/records.ts";
import type { RecordSpec } from "./record-spec.ts";

/** Who changed a record last, by e-mail address; null when the history cannot be read. */
export async function lastAuthor(slug: string, spec: RecordSpec, id: string): Promise<string | null> {
  try {
    const { items } = await fetchHistory(slug, spec.kind, id);
    return items[0]?.actorEmail ?? null;
  } catch {
    return null;
  }
}
