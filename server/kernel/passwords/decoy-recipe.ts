import { hmacSha256 } from "../../foundation/ids/index.ts";
import { argon2idByDefault, recipeWithSalt, saltBytes, type HashingConfig, type Recipe } from "./recipe.ts";
import { recipeFromStored, type StoredRecipe } from "./stored-recipe.ts";

/** How some of the accounts derive, and how many of a hundred do. */
export interface RecipeInUse extends Pick<StoredRecipe, "scheme" | "parameters"> {
  readonly share: number;
}

/**
 * The recipe for an address that nobody has: the same at each try, and as dear to compute as a real one, so that
 * neither the answer nor its time tells which addresses have an account.
 *
 * Where accounts with other costs exist (an import, a changed setting), give what is in use: an unknown address then takes one of
 * them, always the same, and as many do as accounts have it.
 */
export function decoyRecipe(
  email: string,
  key: Buffer,
  config: HashingConfig = argon2idByDefault,
  inUse: readonly RecipeInUse[] = [],
): Recipe {
  const digest = hmacSha256(key, `decoy recipe\0${email.normalize("NFKC").trim().toLowerCase()}`);
  const salt = digest.subarray(0, saltBytes);
  const shares = inUse.reduce((sum, { share }) => sum + share, 0);
  let drawn = shares === 0 ? 0 : digest.readUInt32BE(saltBytes) % shares;
  for (const { scheme, parameters, share } of inUse) {
    if (drawn < share) return recipeFromStored({ scheme, parameters, salt });
    drawn -= share;
  }
  return recipeWithSalt(config, salt);
}
