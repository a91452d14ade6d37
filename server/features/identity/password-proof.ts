import type { Pool } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import {
  decoyRecipe,
  derive,
  faultsOfPassword,
  type HashingConfig,
  needsRehash,
  newRecipe,
  type Recipe,
  recipeFromStored,
  storedRecipe,
  verifierOf,
} from "../../kernel/passwords/index.ts";

/** What the database keeps of a password: how to derive, and the hash of what was derived. */
export interface KeptPassword {
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly verifier: Buffer;
}

/** Checks a new password against the policy and derives what is kept of it; throws Problem("not-valid") with the faults. */
export async function keptPassword(
  password: string,
  {
    words,
    config,
    pointer,
    source,
  }: { words: readonly string[]; config: HashingConfig; pointer: string; source: string },
): Promise<KeptPassword> {
  const faults = faultsOfPassword(password, { words, scheme: config.scheme });
  if (faults.length > 0) {
    throw new Problem("not-valid", { errors: faults.map(({ detail }) => ({ pointer, detail })) });
  }
  const recipe = newRecipe(config);
  return { recipe: asJson(recipe), verifier: verifierOf(await derive(password, recipe, source)) };
}

export interface Proof {
  readonly derived: Buffer;
  /** Set when the stored hash is of another kind than the configuration asks for now. */
  readonly fresh: KeptPassword | null;
}

/**
 * What a password proves for an address. An address that nobody has costs the same and answers the same; no database
 * connection is held while the hash is computed.
 */
export async function proofOf(
  auth: Pool,
  { email, password, source }: { email: string; password: string; source: string },
  config: HashingConfig,
  decoyKey: Buffer,
): Promise<Proof> {
  const [found] = await auth.batch([{ text: "select kernel.sign_in_recipe($1) as recipe", values: [email] }]);
  const stored = found?.rows[0]?.["recipe"];
  const recipe = isStored(stored) ? fromJson(stored) : decoyRecipe(email, decoyKey, config);
  const derived = await derive(password, recipe, source);
  if (!isStored(stored) || !needsRehash(recipe, config)) return { derived, fresh: null };
  const renewed = newRecipe(config);
  return {
    derived,
    fresh: { recipe: asJson(renewed), verifier: verifierOf(await derive(password, renewed, source)) },
  };
}

interface StoredJson {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly salt: string;
}

function asJson(recipe: Recipe): Readonly<Record<string, unknown>> {
  const { scheme, parameters, salt } = storedRecipe(recipe);
  return { scheme, parameters, salt: salt.toString("base64") };
}

function fromJson({ scheme, parameters, salt }: StoredJson): Recipe {
  return recipeFromStored({ scheme, parameters, salt: Buffer.from(salt, "base64") });
}

function isStored(value: unknown): value is StoredJson {
  return (
    typeof value === "object" &&
    value !== null &&
    "scheme" in value &&
    "parameters" in value &&
    "salt" in value
  );
}
