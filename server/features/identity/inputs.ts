import { Type } from "@sinclair/typebox";
import type { Pool } from "../../foundation/database/index.ts";
import type { Asked } from "../../http/index.ts";
import type { BreachedList, HashingConfig } from "../../kernel/passwords/index.ts";
import type { InstallationVault, KeyProvider, VouchingKeys } from "../../kernel/vault/index.ts";
import type { Places } from "./tokens/places.ts";
import type { Tokens } from "./tokens/open-tokens.ts";

export interface IdentityOptions {
  /** Wraps the first data key of a new organization. */
  readonly keys: KeyProvider;
  /** rf_auth: its functions judge each proof themselves. */
  readonly auth: Pool;
  readonly hashing: HashingConfig;
  /** Keys the recipes of addresses that nobody has. */
  readonly decoyKey: Buffer;
  /** Makes the keys by which the server vouches, to the database, for a factor that it has checked. */
  readonly factorKey: Buffer;
  /** For the server's word at the door: it stands behind each link that is mailed without a credential. */
  readonly doorWords: VouchingKeys;
  /** Seals letters to people, and whatever else belongs to no organization. */
  readonly personVault: InstallationVault;
  /** The origin that people type; links in mail begin with it, whatever a request says. */
  readonly publicUrl: () => string;
  /** How long a link that signs in is good. */
  readonly magicLinkMinutes: number;
  /** Leaked passwords that nobody may set; null without such a list. */
  readonly breached: BreachedList | null;
  /** The tokens of programs. */
  readonly tokens: Tokens;
  /** Where addresses are, as far as a mounted file says. */
  readonly places: Places;
}

export const strict = { additionalProperties: false };
/** As typed; `mailAddress` brings it into form and judges it then. */
export const emailField = Type.String({
  minLength: 1,
  maxLength: 320,
  description: "An e-mail address.",
  examples: ["somebody@example.com"],
});
export const passwordField = Type.String({ minLength: 1, maxLength: 1024 });
export const tokenField = Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" });
export const nameField = Type.String({ minLength: 1, maxLength: 200 });
export const uuid = Type.String({ format: "uuid" });
/** The answer of a door that mails a link: the same whether or not there was anybody to write to. */
export const asked = Type.Object({});
export const sessionSeconds = 7 * 86_400;

/** Whose hands an act is in, as the kernel functions take it. */
export const hands = ({ id, ip, device }: Asked): [string, string, string] => [id, ip, device];
