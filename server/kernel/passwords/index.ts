export { type BreachedList, openBreachedList } from "./breached-list.ts";
export { decoyRecipe } from "./decoy-recipe.ts";
export type { Source } from "./fair-lines.ts";
export { demandRoom, derive, hashingLimits, verifierOf } from "./derive.ts";
export {
  faultsOfPassword,
  lengthMinWithSecondFactor,
  type PasswordContext,
  type PasswordFault,
} from "./faults-of-password.ts";
export { importedRecipe, type ImportedHash } from "./imported-recipe.ts";
export {
  argon2idByDefault,
  bcryptByDefault,
  needsRehash,
  newRecipe,
  type Argon2Recipe,
  type BcryptRecipe,
  type HashingConfig,
  type Recipe,
} from "./recipe.ts";
export { recipeFromStored, storedRecipe, type StoredRecipe } from "./stored-recipe.ts";
