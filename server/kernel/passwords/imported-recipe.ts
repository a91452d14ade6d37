import { fromBcryptBase64 } from "./bcrypt-base64.ts";
import { verifierOf } from "./derive.ts";
import { computable, derivedBytes, type Recipe } from "./recipe.ts";

/** A password hash of another system, ready to be kept as our own are. */
export interface ImportedHash {
  readonly recipe: Recipe;
  readonly verifier: Buffer;
}

const argon2Shape =
  /^\$(argon2id?)\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;
const bcryptShape = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;

/**
 * Reads a PHC string of Argon2 (id or i, version 19) or a bcrypt string (2a, 2b, 2y), or null for anything else and for
 * parameters that we would not compute. The person signs in with the old password, and `needsRehash` is true then.
 *
 * Not read, on purpose: 2x (a bug of 2011 that lets different passwords match), Argon2d, plain and fast hashes.
 */
export function importedRecipe(phc: string): ImportedHash | null {
  if (phc.length > 300) return null;
  const found = fromArgon2(phc) ?? fromBcrypt(phc);
  return found !== null && computable(found.recipe) ? found : null;
}

function fromArgon2(phc: string): ImportedHash | null {
  const [, scheme, memoryKiB, passes, lanes, salt, hash] = argon2Shape.exec(phc) ?? [];
  if ((scheme !== "argon2id" && scheme !== "argon2i") || salt === undefined || hash === undefined)
    return null;
  const derived = Buffer.from(hash, "base64");
  return {
    recipe: {
      scheme,
      memoryKiB: Number(memoryKiB),
      passes: Number(passes),
      lanes: Number(lanes),
      salt: Buffer.from(salt, "base64"),
      imported: true,
      ...(derived.length === derivedBytes ? {} : { bytes: derived.length }),
    },
    verifier: verifierOf(derived),
  };
}

function fromBcrypt(phc: string): ImportedHash | null {
  const [, cost, salt, hash] = bcryptShape.exec(phc) ?? [];
  if (salt === undefined || hash === undefined) return null;
  return {
    recipe: { scheme: "bcrypt", cost: Number(cost), salt: fromBcryptBase64(salt), imported: true },
    verifier: verifierOf(fromBcryptBase64(hash)),
  };
}
