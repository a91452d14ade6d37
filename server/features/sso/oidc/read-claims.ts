import { SsoRefusal } from "../sso-refusal.ts";
import type { OidcSettings } from "./settings.ts";

export type Claims = Readonly<Record<string, unknown>>;

/** What kernel.sso_finish takes: who came, as the provider says, and how sure it is. */
export interface Asserted {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly groups: readonly string[];
  readonly secondFactor: boolean;
  /** When the person showed the provider who they are; null when it does not say. */
  readonly provedAt: string | null;
  /** By what names the provider says later that they signed out there, as they are in its tokens. */
  readonly sub: string;
  readonly sid: string | null;
}

const groupsMax = 500;

/**
 * Reads a checked id token, and what the userinfo endpoint adds to it. The address and the word that it is verified come from
 * one place: a proof of one is no proof of another (CVE-2026-9087).
 */
export function readClaims(settings: OidcSettings, token: Claims, userinfo: Claims | null): Asserted {
  if (token["azp"] !== undefined && token["azp"] !== settings.clientId) {
    throw new SsoRefusal("the token was issued to another party (azp)");
  }
  const from = token["email"] === undefined && userinfo !== null ? userinfo : token;
  const email = text(from["email"], 320);
  const groupsClaim = settings.groupsClaim ?? "groups";
  return {
    issuer: settings.issuer,
    subject: isEntra(settings) ? entraSubject(settings, token) : subjectOf(token),
    email: email === null ? null : email.normalize("NFKC").trim().toLowerCase(),
    emailVerified: email !== null && isPlainAddress(email) && vouches(settings, from),
    name: text(token["name"] ?? userinfo?.["name"], 200),
    groups: groupsOf(token[groupsClaim] ?? userinfo?.[groupsClaim]),
    secondFactor: hasSecondFactor(settings, token),
    provedAt: timeOf(token["auth_time"]),
    sub: subjectOf(token),
    sid: text(token["sid"], 500),
  };
}

/** Who a token is about, or Refusal for what is no subject. */
export function subjectOf(token: Claims): string {
  const subject = token["sub"];
  // OpenID Connect Core section 2: at most 255 ASCII characters.
  if (typeof subject === "string" && /^[\x20-\x7e]{1,255}$/.test(subject)) return subject;
  throw new SsoRefusal("the subject is not one");
}

/** Only the boolean and its spelling as text: "false" is no yes, nor is anything else that happens to be truthy. */
function vouches(settings: OidcSettings, claims: Claims): boolean {
  const verified = claims["email_verified"];
  if (verified === true || verified === "true") return true;
  // Entra does not verify `email`, which its users edit; this one it sets when the address's domain is the directory's own.
  const edov = claims["xms_edov"];
  return (
    verified === undefined &&
    isEntra(settings) &&
    (edov === true || edov === "true" || edov === 1 || edov === "1")
  );
}

/** One address in ASCII, after normalisation no other than before: no look-alike of somebody else's. */
function isPlainAddress(email: string): boolean {
  return /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{3,253}$/.test(email);
}

/** Microsoft's, where `sub` differs per application and `email` is what a user typed: directory and object name a person. */
function isEntra({ issuer }: OidcSettings): boolean {
  return /^https:\/\/(login\.microsoftonline\.(com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net)\//.test(
    issuer,
  );
}

function entraSubject({ issuer }: OidcSettings, token: Claims): string {
  const [tid, oid] = [text(token["tid"], 100), text(token["oid"], 100)];
  // Where an issuer names its directory, and nowhere else in it: the host's name is no directory.
  const [, directory] = /^https:\/\/[^/]+\/([^/]+)\//.exec(issuer) ?? [];
  if (tid === null || oid === null || tid !== directory) {
    throw new SsoRefusal("the token names no object of this directory (tid, oid)");
  }
  return `${tid}.${oid}`;
}

function groupsOf(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : typeof value === "string" ? [value] : [];
  return list.slice(0, groupsMax).filter((group): group is string => text(group, 256) !== null);
}

function hasSecondFactor({ secondFactor }: OidcSettings, token: Claims): boolean {
  const { amr, acr } = token;
  const methods: readonly unknown[] = Array.isArray(amr) ? amr : [];
  return (
    methods.some((method) => typeof method === "string" && secondFactor?.amr?.includes(method) === true) ||
    (typeof acr === "string" && secondFactor?.acr?.includes(acr) === true)
  );
}

/** Text that can be stored, of at most so many characters; null for anything else. */
function text(value: unknown, max: number): string | null {
  if (typeof value !== "string" || value.length === 0 || value.length > max) return null;
  return /[\p{Cc}\p{Cs}]/u.test(value) ? null : value;
}

function timeOf(seconds: unknown): string | null {
  if (typeof seconds !== "number" || !Number.isInteger(seconds) || seconds < 0 || seconds > 4_102_444_800)
    return null;
  return new Date(seconds * 1000).toISOString();
}
