import type { Pool } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import {
  type BreachedList,
  decoyRecipe,
  derive,
  faultsOfPassword,
  type HashingConfig,
  lengthMinWithSecondFactor,
  needsRehash,
  newRecipe,
  type Recipe,
  recipeFromStored,
  type Source,
  storedRecipe,
  verifierOf,
} from "../../kernel/passwords/index.ts";

/** What the database keeps of a password: how to derive, and the hash of what was derived. */
export interface KeptPassword {
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly verifier: Buffer;
}

const leaked =
  "This password is in a list of leaked ones, which attackers try first. Take one that you use nowhere else.";

interface NewPassword extends PasswordSurroundings {
  readonly breached?: BreachedList | null;
  readonly config: HashingConfig;
  readonly pointer: string;
  readonly source?: Source;
}

/** What stands around a new password. */
export interface PasswordSurroundings {
  readonly words: readonly string[];
  /** Whether a second factor or single sign-on stands beside it wherever it is used: it may be shorter then. */
  readonly covered?: boolean;
}

/** What kernel.password_context says; without it the password counts as standing alone. */
export function contextFrom(told: unknown): PasswordSurroundings {
  if (typeof told !== "object" || told === null || !("words" in told) || !Array.isArray(told.words))
    return { words: [] };
  return { words: told.words.map(String), covered: "covered" in told && told.covered === true };
}

/** What a password gives under the stored recipe that kernel.own_password told; null where there is none. */
export async function derivedBy(told: unknown, password: string, source: Source): Promise<Buffer | null> {
  const stored = typeof told === "object" && told !== null && "recipe" in told ? told.recipe : null;
  return isStored(stored) ? derive(password, fromJson(stored), source) : null;
}

/** Checks a new password against the policy and derives what is kept of it; throws Problem("not-valid") with the faults. */
export async function keptPassword(
  password: string,
  { words, covered = false, breached = null, config, pointer, source }: NewPassword,
): Promise<KeptPassword> {
  const faults = faultsOfPassword(password, {
    words: ["ringfence", ...words],
    scheme: config.scheme,
    ...(covered ? { lengthMin: lengthMinWithSecondFactor } : {}),
  });
  if (faults.length > 0) {
    throw new Problem("not-valid", { errors: faults.map(({ detail }) => ({ pointer, detail })) });
  }
  if (await breached?.has(password))
    throw new Problem("not-valid", { errors: [{ pointer, detail: leaked }] });
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
  { email, password, source }: { email: string; password: string; source: Source },
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
