import { Type } from "@sinclair/typebox";
import type { Pool } from "../../foundation/database/index.ts";
import type { GuardedFetch, TextRecords } from "../../foundation/egress/index.ts";
import type { KeyProvider } from "../../kernel/vault/index.ts";

export interface SsoOptions {
  readonly keys: KeyProvider;
  /** rf_auth: nobody is signed in yet where people come back from their provider. */
  readonly auth: Pool;
  readonly publicUrl: () => string;
  /** The only way to a provider, whose address a stranger may have chosen. */
  readonly egress: GuardedFetch;
  readonly textRecords: TextRecords;
  /** From it and the browser's cookie follow a sign-in's nonce and PKCE verifier, so that neither is stored. */
  readonly ssoKey: Buffer;
}

export const strict = { additionalProperties: false };
export const uuid = Type.String({ format: "uuid" });
export const tokenField = Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" });
export const connectionId = Type.Object({ connection: uuid });
export const when = Type.Union([Type.String(), Type.Null()]);

/** What a secret may look like; short ones are guessed, and a private key is never typed. */
export const secretField = Type.String({ minLength: 8, maxLength: 4096 });
export const settingsField = Type.Record(Type.String({ maxLength: 50 }), Type.Unknown(), {
  maxProperties: 30,
});
