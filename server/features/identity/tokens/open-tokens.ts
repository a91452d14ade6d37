import type { Pool } from "../../../foundation/database/index.ts";
import { deriveKey } from "../../../foundation/ids/index.ts";
import { installationVault } from "../../../kernel/vault/index.ts";
import { type AccessTokens, openAccessTokens } from "./access-tokens.ts";
import { openSigningKeys, type SigningKeyRing } from "./signing-keys.ts";
import { openTokenPairs, type TokenPairs } from "./token-pairs.ts";

/** The tokens of programs, of one process. */
export interface Tokens {
  readonly ring: SigningKeyRing;
  readonly access: AccessTokens;
  readonly pairs: TokenPairs;
}

export interface TokenOptions {
  readonly auth: Pool;
  /** The installation secret; every key in here is derived from it. */
  readonly secret: Buffer;
  /** The origin that people type: who issues tokens, and whom they are for. */
  readonly publicUrl: () => string;
  readonly graceSeconds: number;
}

/** Opens all that makes and checks tokens; nothing is read before it is needed. */
export function openTokens({ auth, secret, publicUrl, graceSeconds }: TokenOptions): Tokens {
  const personVault = installationVault(secret);
  const ring = openSigningKeys(auth, personVault);
  const access = openAccessTokens(ring, publicUrl);
  const pairKey = deriveKey(secret, "ringfence/1/key/token-pairs");
  return { ring, access, pairs: openTokenPairs({ auth, access, personVault, pairKey, graceSeconds }) };
}
