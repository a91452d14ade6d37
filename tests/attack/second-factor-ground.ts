import type { Client } from "pg";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { backupCodeHash, newBackupCodes } from "../../server/features/identity/factors/backup-codes.ts";
import { keptKeysOf, type ProofUse, vouchFor } from "../../server/features/identity/factors/factor-proof.ts";
import type { Member } from "../installed-database.ts";
import { type AttackGround, valueOf } from "./attack-ground.ts";

/** Stands for what the server derives from the installation's secret; who holds a door's password has nothing like it. */
export const factorKey = Buffer.alloc(32, 9);

/** A member whose sign-in ends at a second factor, made by the database's own functions. */
export interface Guarded extends Member {
  readonly factor: string;
  readonly backupCodes: readonly string[];
}

const letter = { id: "", subject: "A letter", body: Buffer.from("sealed").toString("base64") };
const told = [
  "factor-added",
  "factor-removed",
  "factors-reset",
  "factors-locked",
  "backup-code-used",
  "backup-codes-renewed",
];

/** Letters for whatever may happen. */
export function someLetters(): string {
  return JSON.stringify(Object.fromEntries(told.map((what) => [what, { ...letter, id: uuidv7() }])));
}

export const somewhere = [uuidv7(), "203.0.113.9", "a test"] as const;
export const stepNow = (): number => Math.floor(Date.now() / 30_000);

/** Makes a member and confirms an authenticator app for them. */
export async function guarded(ground: AttackGround, auth: Client): Promise<Guarded> {
  const member = await ground.db.member(ground.acme, "member");
  const [factor, token, codes] = [uuidv7(), newToken(), newBackupCodes()];
  const { inner, outerDigest } = keptKeysOf(factorKey, member.personId, factor);
  const session = sha256(member.token);
  await auth.query("select kernel.begin_totp($1, $2, 'sealed', $3, $4)", [
    session,
    factor,
    inner,
    outerDigest,
  ]);
  // The step before, so that the present one is still to be used.
  const number = stepNow() - 1;
  const mac = macOf({ personId: member.personId, factor }, "enrolment", session, number);
  await auth.query("select kernel.confirm_totp($1, $2, 'App', $3, $4, $5, $6, $7, $8, $9, $10)", [
    session,
    factor,
    number,
    mac,
    codes.hashes,
    sha256(token),
    someLetters(),
    ...somewhere,
  ]);
  return { ...member, token, factor, backupCodes: codes.shown };
}

/** What the server would say for this step, had it seen the right code. */
export function macOf(
  { personId, factor }: Pick<Guarded, "personId" | "factor">,
  use: ProofUse,
  anchor: Buffer,
  number: number,
): Buffer {
  return vouchFor(factorKey, { person: personId, use, method: "totp", anchor, factor, number });
}

/** Passes the first factor; the token of what then waits for the second. */
export async function waiting(auth: Client, { email, derived }: Member): Promise<string> {
  const token = newToken();
  const verdict = await valueOf(
    auth,
    "select kernel.sign_in($1, $2, $3, $4, $5, $6, null, null) ->> 'next'",
    [email, derived, sha256(token), ...somewhere],
  );
  if (verdict !== "second-factor") throw new Error(`the first factor ended at ${String(verdict)}`);
  return token;
}

/** Several of them. */
export async function waitingMany(auth: Client, who: Member, count: number): Promise<string[]> {
  const tokens: string[] = [];
  while (tokens.length < count) tokens.push(await waiting(auth, who));
  return tokens;
}

/** Does something for each of these over ten connections at once. */
export async function together<T, R>(
  ground: AttackGround,
  items: readonly T[],
  work: (client: Client, item: T) => Promise<R>,
): Promise<R[]> {
  const queue = [...items];
  const done: R[] = [];
  const clients = await Promise.all(Array.from({ length: 10 }, () => ground.connect("auth")));
  await Promise.all(
    clients.map(async (client) => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift())
        done.push(await work(client, item));
      await client.end();
    }),
  );
  return done;
}

export interface Try {
  readonly method?: "totp" | "backup-code";
  readonly factor?: string | null;
  readonly number?: number | null;
  readonly mac?: Buffer | null;
  readonly code?: string;
  readonly session?: string;
}

/** One try at the second factor, in a word: signed in, wrong, locked, or that nothing waits. */
export async function tryFactor(auth: Client, pending: string, given: Try): Promise<string> {
  const { method = "totp", factor = null, number = null, mac = null, code, session = newToken() } = given;
  const judged = await valueOf(
    auth,
    "select kernel.pass_second_factor($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    [
      sha256(pending),
      method,
      factor,
      number,
      mac,
      code === undefined ? null : backupCodeHash(code),
      sha256(session),
      someLetters(),
      ...somewhere,
    ],
  );
  return wordFor(judged);
}

/** A try with the right code of this step. */
export function rightTry(who: Guarded, pending: string, number = stepNow()): Try {
  return { factor: who.factor, number, mac: macOf(who, "second-factor", sha256(pending), number) };
}

/** The verdict of the database in one word. */
export function wordFor(judged: unknown): string {
  if (judged === null || judged === undefined) return "nothing waits";
  if (typeof judged !== "object") return String(judged);
  if ("locked" in judged) return "locked";
  if ("wrong" in judged) return "wrong";
  return "signed in";
}

/** Gives a member a passkey whose key is nobody's business: the server's word for its signatures is what counts. */
export async function withPasskey(auth: Client, who: Guarded): Promise<Guarded> {
  const [factor, token] = [uuidv7(), newToken()];
  const challenge = await challenged(auth, "passkey-registration", who.token);
  const { inner, outerDigest } = keptKeysOf(factorKey, who.personId, factor);
  await auth.query(
    "select kernel.add_passkey($1, $2, $3, 'Key', $4, 'public', 5, '{}', $5, $6, null, $7, $8, $9, $10, $11)",
    [
      sha256(who.token),
      sha256(challenge),
      factor,
      sha256(factor),
      inner,
      outerDigest,
      sha256(token),
      someLetters(),
      ...somewhere,
    ],
  );
  return { ...who, token, factor };
}

/** Opens a challenge of this purpose; its token. */
export async function challenged(auth: Client, purpose: string, holder: string | null): Promise<string> {
  const challenge = newToken();
  const held = holder === null ? null : sha256(holder);
  await auth.query("select kernel.open_challenge($1, $2, $3)", [sha256(challenge), purpose, held]);
  return challenge;
}

/** Signs in by passkey, with the server's word for a signature that has counted so far. */
export async function trySignIn(auth: Client, who: Guarded, challenge: string, number = 6): Promise<string> {
  const judged = await valueOf(auth, "select kernel.passkey_sign_in($1, $2, $3, $4, $5, $6, $7, $8)", [
    sha256(challenge),
    who.factor,
    number,
    signedFor(who, "passkey-sign-in", challenge, number),
    sha256(newToken()),
    ...somewhere,
  ]);
  return judged === null ? "refused" : "signed in";
}

/** Uses it after the password. */
export async function tryPasskey(
  auth: Client,
  who: Guarded,
  pending: string,
  challenge: string,
): Promise<string> {
  const number = 6;
  const judged = await valueOf(
    auth,
    "select kernel.pass_second_factor($1, 'passkey', $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    [
      sha256(pending),
      who.factor,
      number,
      signedFor(who, "second-factor", challenge, number),
      sha256(challenge),
      sha256(newToken()),
      someLetters(),
      ...somewhere,
    ],
  );
  return wordFor(judged);
}

function signedFor(
  { personId: person, factor }: Guarded,
  use: ProofUse,
  challenge: string,
  number: number,
): Buffer {
  return vouchFor(factorKey, { person, use, method: "passkey", anchor: sha256(challenge), factor, number });
}
