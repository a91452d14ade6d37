import { createHmac } from "node:crypto";
import { expect } from "vitest";
import {
  AuthenticatorEmulator,
  type AuthenticatorParameters,
  PasskeysCredentialsMemoryRepository,
  WebAuthnEmulator,
} from "nid-webauthn-emulator";
import { newToken, sha256 } from "../server/foundation/ids/index.ts";
import type { Answer, Client, Json } from "./client.ts";
import type { Organization, RoleName } from "./installed-database.ts";
import { publicUrl, type TestServer } from "./server.ts";

/** Somebody with a password that was really hashed, signed in on `browser`. */
export interface Account {
  readonly email: string;
  readonly password: string;
  readonly personId: string;
  readonly memberId: string;
  readonly browser: Client;
}

const password = "quite-long winter 47 ferns";
let accounts = 0;

/** Joins an organization by an invitation, as people do. */
export async function account(
  server: TestServer,
  { id }: Organization,
  role: RoleName = "member",
): Promise<Account> {
  accounts += 1;
  const email = `somebody-${accounts}@second.example`;
  const token = newToken();
  const db = await server.database.connectAsSuperuser();
  await db.query(
    `insert into kernel.ticket (digest, purpose, tenant_id, email, roles, expires_at)
     values (kernel.ticket_digest('invitation', $1), 'invitation', $2, $3, $4, now() + interval '1 hour')`,
    [sha256(token), id, email, [role]],
  );
  const browser = server.stranger();
  const joined = await browser.post(`/auth/invitations/${token}`, { name: "Somebody", password });
  expect(joined.status).toBe(200);
  const { rows } = await db.query(
    "select p.id as person, m.id as member from kernel.person p join kernel.membership m on m.person_id = p.id where p.email = $1",
    [email],
  );
  return { email, password, personId: rows[0].person, memberId: rows[0].member, browser };
}

/** Shows e-mail and password on a browser that nobody has used. */
export async function passFirstFactor(
  server: TestServer,
  { email }: Pick<Account, "email">,
  forwarded?: string,
): Promise<{ browser: Client; answer: Answer }> {
  const browser = server.stranger();
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return { browser, answer: await browser.post("/auth/sign-in", { email, password }, { headers }) };
}

/** The code of an authenticator app, so many steps from now; made without the library that the product uses. */
export function codeOf(secret: string, steps = 0): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac("sha1", fromBase32(secret)).update(counter).digest();
  const at = (digest[19] ?? 0) & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Waits out the end of a step, so that what is made and what is checked fall into the same one. */
export async function earlyInStep(): Promise<void> {
  const left = 30_000 - (Date.now() % 30_000);
  if (left < 6000) await new Promise((resolve) => setTimeout(resolve, left + 50));
}

function fromBase32(text: string): Buffer {
  const bits = [...text]
    .map((sign) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(sign).toString(2).padStart(5, "0"))
    .join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** An enrolled authenticator app, and the backup codes if it was the first factor. */
export interface App {
  readonly id: string;
  readonly secret: string;
  readonly backupCodes: readonly string[] | null;
}

/** Enrols an authenticator app in this session. */
export async function enrolTotp(browser: Client, name = "Phone"): Promise<App> {
  const begun = await browser.post("/auth/totp");
  expect([begun.status, begun.text]).toEqual([200, expect.any(String)]);
  const { id, secret } = begun.json;
  await earlyInStep();
  const confirmed = await browser.post("/auth/totp/confirm", { id, code: codeOf(secret), name });
  expect([confirmed.status, confirmed.text]).toEqual([200, expect.any(String)]);
  return { id, secret, backupCodes: confirmed.json.backupCodes };
}

/** Makes it as if no code of this person had been used yet, so that a test need not wait half a minute for another. */
export async function forgetSteps(server: TestServer, personId: string): Promise<void> {
  const db = await server.database.connectAsSuperuser();
  await db.query("update kernel.factor set last_step = 0 where person_id = $1", [personId]);
}

/** An authenticator of a person's own; unless told otherwise, the emulator's all share one memory. */
export function authenticator(parameters: Partial<AuthenticatorParameters> = {}): WebAuthnEmulator {
  return new WebAuthnEmulator(
    new AuthenticatorEmulator({
      credentialsRepository: new PasskeysCredentialsMemoryRepository(),
      ...parameters,
    }),
  );
}

/** Has the authenticator make a passkey for these options. */
export function made(device: WebAuthnEmulator, options: Json, origin = publicUrl): Json {
  return device.createJSON(origin, options);
}

/** Has the authenticator answer a challenge. */
export function answered(device: WebAuthnEmulator, options: Json, origin = publicUrl): Json {
  return device.getJSON(origin, options);
}

/** Adds a passkey in this session. */
export async function addPasskey(browser: Client, device: WebAuthnEmulator, name = "Key"): Promise<Answer> {
  const { json } = await browser.post("/auth/passkeys/options");
  return browser.post("/auth/passkeys", { name, response: made(device, json.options) });
}

/** Signs in by passkey, on a browser that nobody has used. */
export async function passkeySignIn(
  server: TestServer,
  device: WebAuthnEmulator,
): Promise<{ browser: Client; answer: Answer }> {
  const browser = server.stranger();
  const { json } = await browser.post("/auth/passkey/options");
  return {
    browser,
    answer: await browser.post("/auth/passkey", { response: answered(device, json.options) }),
  };
}

/** The status and the problem's key. */
export const keyOf = ({ status, json }: Answer): [number, string] => [
  status,
  String(json?.type ?? "").replace(/^.*\//, ""),
];

/** Makes it as if this person's sessions had been proven so many minutes ago. */
export async function provedMinutesAgo(server: TestServer, personId: string, minutes: number): Promise<void> {
  const db = await server.database.connectAsSuperuser();
  await db.query(
    `update kernel.credential set proved_at = now() - make_interval(mins => $2),
            second_factor_at = case when second_factor_at is not null then now() - make_interval(mins => $2) end
      where person_id = $1 and kind = 'session' and ended_at is null`,
    [personId, minutes],
  );
}

/** Why this person was written to, in that order. */
export async function lettersTo(server: TestServer, email: string): Promise<string[]> {
  const db = await server.database.connectAsSuperuser();
  const text = "select purpose from kernel.person_mail where to_address = $1 order by created_at, id";
  const { rows } = await db.query<{ purpose: string }>(text, [email]);
  return rows.map(({ purpose }) => purpose);
}
