import type { Element } from "@xmldom/xmldom";
import { type HybridCiphertext, openHybrid } from "../../../foundation/ids/index.ts";
import {
  attributeOf,
  childElements,
  everyElement,
  isNamed,
  onlyChild,
  optionalChild,
  textOf,
} from "./element.ts";
import { Refused } from "./refused.ts";

const encryption = "http://www.w3.org/2001/04/xmlenc#";
const encryption11 = "http://www.w3.org/2009/xmlenc11#";

const gcm: ReadonlyMap<string, HybridCiphertext["keyBytes"]> = new Map([
  [`${encryption11}aes128-gcm`, 16],
  [`${encryption11}aes192-gcm`, 24],
  [`${encryption11}aes256-gcm`, 32],
]);
const oaepDigests: ReadonlyMap<string, HybridCiphertext["oaepHash"]> = new Map([
  ["http://www.w3.org/2000/09/xmldsig#sha1", "sha1"],
  [`${encryption}sha256`, "sha256"],
  ["http://www.w3.org/2001/04/xmldsig-more#sha384", "sha384"],
  [`${encryption}sha512`, "sha512"],
]);

/**
 * The assertion that was encrypted, as a document of its own; it must still be signed in itself.
 *
 * AES-GCM and OAEP only: CBC and PKCS #1 v1.5 tell an attacker who may ask often enough what is inside (Jager and
 * Somorovsky 2011, Bleichenbacher 1998). The caller has seen to it that the Response around it is signed, so nobody but
 * the identity provider gets to ask at all (Keycloak CVE-2026-2092: an encrypted assertion put into someone's response).
 */
export function decryptAssertion(encrypted: Element, privateKeys: readonly string[]): string {
  const data = onlyChild(encrypted, "encryption", "EncryptedData", "encryption-algorithm");
  const algorithm = algorithmOf(data, "EncryptionMethod");
  const keyBytes = gcm.get(algorithm);
  if (keyBytes === undefined) throw unknown(algorithm);
  const ciphertext = { ...wrappedKeyOf(encrypted), keyBytes, sealed: cipherValueOf(data) };
  let plaintext: Buffer | null = null;
  for (const key of privateKeys) plaintext ??= openHybrid(key, ciphertext);
  if (plaintext === null) throw new Refused("decryption-failed", "the assertion does not open with our key");
  return utf8(plaintext);
}

function wrappedKeyOf(encrypted: Element): Pick<HybridCiphertext, "wrappedKey" | "oaepHash"> {
  const keys = everyElement(encrypted).filter((one) => isNamed(one, "encryption", "EncryptedKey"));
  const [key] = keys;
  if (key === undefined || keys.length > 1)
    throw new Refused("encryption-algorithm", `${keys.length} encrypted keys`);
  const method = onlyChild(key, "encryption", "EncryptionMethod", "encryption-algorithm");
  const algorithm = attributeOf(method, "Algorithm") ?? "";
  if (algorithm !== `${encryption}rsa-oaep-mgf1p` && algorithm !== `${encryption11}rsa-oaep`)
    throw unknown(algorithm);
  if (optionalChild(method, "encryption", "OAEPparams", "encryption-algorithm") !== null)
    throw unknown("OAEPparams");
  const digest = optionalChild(method, "signature", "DigestMethod", "encryption-algorithm");
  const name =
    digest === null ? "http://www.w3.org/2000/09/xmldsig#sha1" : (attributeOf(digest, "Algorithm") ?? "");
  const oaepHash = oaepDigests.get(name);
  if (oaepHash === undefined || oaepHash !== maskHashOf(method, algorithm))
    throw unknown(`OAEP with ${name}`);
  return { wrappedKey: cipherValueOf(key), oaepHash };
}

/** The hash of the mask generation: SHA-1 unless said otherwise (XML Encryption 1.1 section 5.5.2). */
function maskHashOf(method: Element, algorithm: string): string {
  const generation = optionalChild(method, "encryption11", "MGF", "encryption-algorithm");
  if (generation === null || algorithm === `${encryption}rsa-oaep-mgf1p`) return "sha1";
  return (
    /^http:\/\/www\.w3\.org\/2009\/xmlenc11#mgf1(sha\d+)$/.exec(
      attributeOf(generation, "Algorithm") ?? "",
    )?.[1] ?? ""
  );
}

function algorithmOf(parent: Element, name: string): string {
  return attributeOf(onlyChild(parent, "encryption", name, "encryption-algorithm"), "Algorithm") ?? "";
}

function cipherValueOf(parent: Element): Buffer {
  const data = onlyChild(parent, "encryption", "CipherData", "encryption-algorithm");
  const [value, ...others] = childElements(data);
  if (value === undefined || others.length > 0 || !isNamed(value, "encryption", "CipherValue"))
    throw unknown("CipherData");
  return Buffer.from(textOf(value, "encryption-algorithm"), "base64");
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r\n?/g, "\n");
  } catch {
    throw new Refused("decryption-failed", "what was encrypted is not UTF-8");
  }
}

function unknown(algorithm: string): Refused {
  return new Refused("encryption-algorithm", algorithm.slice(0, 100));
}
