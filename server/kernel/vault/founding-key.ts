import { randomBytes, uuidv7 } from "../../foundation/ids/index.ts";
import { keyBytes } from "./gcm.ts";
import type { KeyProvider } from "./key-provider.ts";

/** The id of an organization that is about to be founded, and its first data key, wrapped for that id (base64). */
export interface FoundingKey {
  readonly id: string;
  readonly wrappedKey: string;
}

/** Makes both at once, so that no organization is ever without a key and nothing else need make a first one. */
export async function foundingKey(provider: KeyProvider): Promise<FoundingKey> {
  const id = uuidv7();
  const key = randomBytes(keyBytes);
  try {
    const wrapped = await provider.wrap(key, { tenantId: id, keyId: 1 });
    return { id, wrappedKey: wrapped.toString("base64") };
  } finally {
    key.fill(0);
  }
}
