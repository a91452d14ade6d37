import { newToken, sha256 } from "../../foundation/ids/index.ts";
import { doorWord } from "../../kernel/vault/index.ts";
import type { IdentityOptions } from "./inputs.ts";
import { type LinkLetter, linkLetter } from "./link-letters.ts";
import { type SealedLetter, sealedLetter } from "./person-mail.ts";

/** A new one-time link: the digest for the database, and the sealed letter that alone has the token. */
export interface MailedLink extends SealedLetter {
  readonly ticketHash: Buffer;
  readonly subject: string;
}

/** A link that somebody without a credential asks for, with the server's word for it. */
export function askedLink(
  options: Pick<IdentityOptions, "personVault" | "publicUrl" | "doorWords">,
  letter: LinkLetter,
  {
    purpose,
    email,
  }: { readonly purpose: "password-reset" | "magic-link" | "unlock"; readonly email: string },
): MailedLink & { readonly word: Buffer } {
  const link = mailedLink(options, letter);
  return { ...link, word: doorWord(options.doorWords, purpose, email, link.ticketHash) };
}

/** Makes a link and its letter, whether or not there is anybody to write to: the database decides that, and says nothing. */
export function mailedLink(
  { personVault, publicUrl }: Pick<IdentityOptions, "personVault" | "publicUrl">,
  letter: LinkLetter,
): MailedLink {
  const token = newToken();
  const sealed = sealedLetter(personVault, linkLetter(letter, publicUrl(), token));
  return { ...sealed, ticketHash: sha256(token), subject: letter.subject };
}
