import { hmacSha256 } from "../../foundation/ids/index.ts";
import { argon2idByDefault, recipeWithSalt, saltBytes, type HashingConfig, type Recipe } from "./recipe.ts";

/**
 * The recipe for an address that nobody has: the same at each try, and as dear to compute as a real one, so that
 * neither the answer nor its time tells which addresses have an account.
 */
export function decoyRecipe(email: string, key: Buffer, config: HashingConfig = argon2idByDefault): Recipe {
  const digest = hmacSha256(key, `decoy recipe\0${email.normalize("NFKC").trim().toLowerCase()}`);
  return recipeWithSalt(config, digest.subarray(0, saltBytes));
}
