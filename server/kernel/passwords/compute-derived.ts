import { hashRaw } from "@node-rs/argon2";
import { hash as bcrypt } from "@node-rs/bcrypt";
import { randomBytes, sha256 } from "../../foundation/ids/index.ts";
import { fromBcryptBase64 } from "./bcrypt-base64.ts";
import { beyondReading, passwordBytes } from "./password-bytes.ts";
import {
  bcryptPasswordBytesMax,
  computable,
  derivedBytes,
  type Argon2Recipe,
  type BcryptRecipe,
  type Recipe,
} from "./recipe.ts";

/**
 * Computes the derived bytes on a worker thread, unbounded: only the hashing queue calls this.
 *
 * A password beyond reading costs what any other costs and gives random bytes: it matches nothing, ever.
 */
export async function computeDerived(password: string, recipe: Recipe): Promise<Buffer> {
  if (!computable(recipe)) throw new RangeError("A password recipe is outside its bounds.");
  const unreadable = beyondReading(password);
  const bytes = passwordBytes(unreadable ? "" : password, recipe.imported === true);
  try {
    const derived = await (recipe.scheme === "bcrypt" ? byBcrypt(bytes, recipe) : byArgon2(bytes, recipe));
    return unreadable ? randomBytes(derived.length) : derived;
  } finally {
    bytes.fill(0);
  }
}

function byArgon2(bytes: Buffer, recipe: Argon2Recipe): Promise<Buffer> {
  return hashRaw(bytes, {
    // The library's numbers (its enums exist in types only): 2 is Argon2id, 1 is Argon2i, version 1 is 0x13.
    algorithm: recipe.scheme === "argon2id" ? 2 : 1,
    version: 1,
    memoryCost: recipe.memoryKiB,
    timeCost: recipe.passes,
    parallelism: recipe.lanes,
    outputLen: recipe.bytes ?? derivedBytes,
    salt: recipe.salt,
  });
}

/**
 * bcrypt reads 72 bytes. The policy refuses longer passwords under bcrypt; if one comes all the same, the whole of it
 * is folded into the result, so that two passwords alike in 72 bytes never pass for each other, at the same cost.
 * Only hashes imported from systems that cut there are computed as those systems did.
 */
async function byBcrypt(bytes: Buffer, recipe: BcryptRecipe): Promise<Buffer> {
  const read = bytes.subarray(0, bcryptPasswordBytesMax);
  const encoded = await bcrypt(read, { cost: recipe.cost, salt: recipe.salt, version: "2b" });
  const derived = fromBcryptBase64(encoded.slice(-31));
  if (bytes.length <= bcryptPasswordBytesMax || recipe.imported === true) return derived;
  const whole = Buffer.concat([Buffer.from("longer than bcrypt reads\0"), derived, bytes]);
  try {
    return sha256(whole);
  } finally {
    whole.fill(0);
  }
}
