import { computable, type Recipe } from "./recipe.ts";

/** A recipe as three columns: a word, JSON numbers, bytes. */
export interface StoredRecipe {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly salt: Buffer;
}

/** Splits a recipe into the columns that keep it. */
export function storedRecipe(recipe: Recipe): StoredRecipe {
  const { scheme, salt, ...parameters } = recipe;
  return { scheme, parameters, salt };
}

/** Reads the columns back. Throws on anything that we could not or should not compute, and never says what was in it. */
export function recipeFromStored({ scheme, parameters, salt }: StoredRecipe): Recipe {
  const recipe = read(scheme, parameters, salt);
  if (recipe === null || !computable(recipe))
    throw new RangeError("A stored password recipe is outside its bounds.");
  return recipe;
}

function read(scheme: string, parameters: StoredRecipe["parameters"], salt: Buffer): Recipe | null {
  const number = (name: string): number =>
    typeof parameters[name] === "number" ? parameters[name] : Number.NaN;
  const imported = parameters["imported"] === true ? { imported: true as const } : {};
  if (scheme === "bcrypt") {
    return { scheme, cost: number("cost"), salt, ...imported };
  }
  if (scheme !== "argon2id" && scheme !== "argon2i") return null;
  const bytes = "bytes" in parameters ? { bytes: number("bytes") } : {};
  return {
    scheme,
    memoryKiB: number("memoryKiB"),
    passes: number("passes"),
    lanes: number("lanes"),
    salt,
    ...bytes,
    ...imported,
  };
}
