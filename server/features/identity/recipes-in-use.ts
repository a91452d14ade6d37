import { monotonicMs } from "../../foundation/clock/index.ts";
import type { Pool } from "../../foundation/database/index.ts";
import type { RecipeInUse } from "../../kernel/passwords/index.ts";

const freshMs = 10 * 60_000;

/**
 * How the passwords of this installation are derived, so that unknown addresses cost what known ones do: after an import or another
 * setting, accounts would otherwise be told by what a try at them takes. Asked for at most once in ten minutes, whoever signs in.
 */
export function recipesInUse(auth: Pool): () => Promise<readonly RecipeInUse[]> {
  let known: Promise<readonly RecipeInUse[]> | null = null;
  let askedAt = 0;
  return () => {
    if (known === null || monotonicMs() - askedAt > freshMs) {
      askedAt = monotonicMs();
      known = ask(auth).catch((error: unknown) => {
        known = null;
        throw error;
      });
    }
    return known;
  };
}

async function ask(auth: Pool): Promise<readonly RecipeInUse[]> {
  const [found] = await auth.batch([
    { text: "select scheme, parameters, share from kernel.recipes_in_use()", values: [] },
  ]);
  // The function's columns are those of the interface.
  return (found?.rows ?? []) as unknown as RecipeInUse[];
}
