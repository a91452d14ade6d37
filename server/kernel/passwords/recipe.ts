import { randomBytes } from "../../foundation/ids/index.ts";

/** How Argon2 (RFC 9106) turns a password into bytes. `argon2i` is read from other systems only, never made anew. */
export interface Argon2Recipe {
  readonly scheme: "argon2id" | "argon2i";
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt: Buffer;
  /** Length of the derived bytes; 32 unless the hash came from another system. */
  readonly bytes?: number;
  readonly imported?: true;
}

/** How bcrypt turns a password into 23 bytes. */
export interface BcryptRecipe {
  readonly scheme: "bcrypt";
  readonly cost: number;
  readonly salt: Buffer;
  /** Made by another system: the password is hashed as typed, and bcrypt ignores what follows its 72nd byte. */
  readonly imported?: true;
}

/** All that is needed besides the password to compute its verifier again. Nothing in it is secret from the database. */
export type Recipe = Argon2Recipe | BcryptRecipe;

/** What an operator chooses for new passwords; old ones are derived anew at the next sign-in. */
export type HashingConfig =
  | {
      readonly scheme: "argon2id";
      readonly memoryKiB: number;
      readonly passes: number;
      readonly lanes: number;
    }
  | { readonly scheme: "bcrypt"; readonly cost: number };

/** OWASP Password Storage: 19 MiB, two passes, one lane, about 20 ms; ten times cheaper for us than bcrypt 12. */
export const argon2idByDefault: HashingConfig = {
  scheme: "argon2id",
  memoryKiB: 19_456,
  passes: 2,
  lanes: 1,
};

/** The other first-class choice; passwords are then limited to 72 bytes. */
export const bcryptByDefault: HashingConfig = { scheme: "bcrypt", cost: 12 };

export const saltBytes = 16;
export const derivedBytes = 32;
export const bcryptPasswordBytesMax = 72;

/** A recipe with a fresh random salt for a password that is being set now. */
export function newRecipe(config: HashingConfig = argon2idByDefault): Recipe {
  return recipeWithSalt(config, randomBytes(saltBytes));
}

/** The recipe of this configuration over a given salt. Throws where the parameters are outside what we compute. */
export function recipeWithSalt(config: HashingConfig, salt: Buffer): Recipe {
  const recipe: Recipe = { ...config, salt };
  if (!computable(recipe))
    throw new RangeError("The parameters for hashing passwords are outside their bounds.");
  return recipe;
}

/** True when a password derived by this recipe should be derived anew, now that it is at hand in a sign-in. */
export function needsRehash(recipe: Recipe, config: HashingConfig = argon2idByDefault): boolean {
  if (recipe.imported === true) return true;
  if (recipe.scheme === "bcrypt") {
    return config.scheme !== "bcrypt" || recipe.cost !== config.cost;
  }
  if (config.scheme !== recipe.scheme) return true;
  return (["memoryKiB", "passes", "lanes"] as const).some(
    (parameter) => recipe[parameter] !== config[parameter],
  );
}

/**
 * Bounds on what one recipe may cost us. A recipe comes from the database or from an import file; without bounds,
 * whoever writes one row could make each try at signing in take all memory.
 */
export function computable(recipe: Recipe): boolean {
  if (recipe.scheme === "bcrypt") return within(recipe.cost, 4, 15) && recipe.salt.length === saltBytes;
  return (
    within(recipe.lanes, 1, 16) &&
    within(recipe.memoryKiB, 8 * recipe.lanes, 262_144) &&
    within(recipe.passes, 1, 16) &&
    within(recipe.salt.length, 8, 64) &&
    within(recipe.bytes ?? derivedBytes, 16, 64)
  );
}

function within(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
