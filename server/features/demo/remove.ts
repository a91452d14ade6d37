import type { Workshop } from "./hands.ts";

/** What was erased. */
export interface Removed {
  readonly organizations: readonly string[];
  /** Whether nobody owns the installation any more, so that the next start prints a setup link. */
  readonly unclaimed: boolean;
}

/**
 * Erases every demo organization: records, trail, mail, keys, members, and people who belong nowhere else.
 *
 * The database refuses to erase any other organization, whoever asks.
 */
export async function removeDemo({ db }: Workshop): Promise<Removed> {
  const rows = await db.query("select id, slug from kernel.demo_organizations()");
  for (const { id } of rows) {
    await db.script("begin");
    try {
      await db.query("select kernel.erase_demo($1)", [id]);
      await db.script("commit");
    } catch (error) {
      await db.script("rollback").catch(() => undefined);
      throw error;
    }
  }
  const [state] = await db.query("select claimed from kernel.installation_state()");
  return { organizations: rows.map(({ slug }) => String(slug)), unclaimed: state?.["claimed"] !== true };
}
