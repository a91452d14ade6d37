import { hmacSha256 } from "../../foundation/ids/index.ts";
import { argon2idByDefault, recipeWithSalt, saltBytes, type HashingConfig, type Recipe } from "./recipe.ts";

/**
 * The recipe for an address that nobody has: the same at each try, and as dear to compute as a real one, so that
 * neither the answer nor its time tells which addresses have an account.
 *
 * Where accounts with other costs exist (an import, a changed setting), give their configurations as `others`, one
 * entry per share: an unknown address then takes one of them, always the same.
 */
export function decoyRecipe(
  email: string,
  key: Buffer,
  config: HashingConfig = argon2idByDefault,
  others: readonly HashingConfig[] = [],
): Recipe {
  const digest = hmacSha256(key, `decoy recipe\0${email.normalize("NFKC").trim().toLowerCase()}`);
  const population = [config, ...others];
  const chosen = population[digest.readUInt32BE(saltBytes) % population.length] ?? config;
  return recipeWithSalt(chosen, digest.subarray(0, saltBytes));
}
