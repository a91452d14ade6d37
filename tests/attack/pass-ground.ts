import { type Client, escapeLiteral } from "pg";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import { boundAs, enter, type Member } from "../installed-database.ts";
import { type AttackGround, codeOf, outcome, valueOf } from "./attack-ground.ts";

/** Whose pass it is, and where. */
export interface Bearer {
  readonly token: string;
  readonly slug: string;
}

/** The handle of a pass for these needs, minted in a transaction that is committed; null when none was made. */
export async function minted(
  client: Client,
  { token, slug }: Bearer,
  needs: readonly string[] = ["contact.read"],
): Promise<Buffer | null> {
  const pass = await boundAs(client, { token, slug, needs }, () =>
    valueOf(client, "select pass from kernel.mint_pass()"),
  );
  return Buffer.isBuffer(pass) ? pass : null;
}

/** The same, for a test that has nothing to show without one. */
export async function genuinePass(
  client: Client,
  bearer: Bearer,
  needs: readonly string[] = ["contact.read"],
): Promise<Buffer> {
  const pass = await minted(client, bearer, needs);
  if (pass === null) throw new Error("no pass was minted");
  return pass;
}

/** A transaction that has made a pass and is not over. */
export interface Making {
  readonly api: Client;
  readonly pass: Buffer;
}

/** Enters and has a pass made, in a connection of its own, and leaves the transaction open. */
export async function making({ connect }: AttackGround, { token, slug }: Bearer): Promise<Making> {
  const api = await connect();
  await api.query("begin");
  await enter(api, token, slug, ["contact.read"]);
  const pass = await valueOf(api, "select pass from kernel.mint_pass()");
  if (!Buffer.isBuffer(pass)) throw new Error("no pass was made");
  return { api, pass };
}

/** A transaction that presents this pass; rolled back at the end, whatever happened. */
export async function presenting<T>(
  client: Client,
  token: string,
  pass: Buffer,
  work: () => Promise<T>,
): Promise<T> {
  await client.query("begin");
  try {
    await present(client, token, pass);
    return await work();
  } finally {
    await client.query("rollback").catch(() => undefined);
  }
}

/** As the server does it: with the hash of the token of whose pass it is. */
export async function present(client: Client, token: string, pass: Buffer): Promise<void> {
  await client.query("select kernel.present($1, $2)", [sha256(token), pass]);
}

/** What a pass shows in a transaction of its own: "9 rows", or the SQLSTATE. */
export async function shown(
  client: Client,
  token: string,
  pass: Buffer,
  text = "select * from app.contact",
): Promise<string> {
  return presenting(client, token, pass, () => outcome(client, text)).catch(codeOf);
}

/** A transaction in which this setting was written by hand; rolled back at the end. */
export async function setting<T>(client: Client, text: string, work: () => Promise<T>): Promise<T> {
  await client.query("begin");
  try {
    await set(client, text);
    return await work();
  } finally {
    await client.query("rollback").catch(() => undefined);
  }
}

/** Writes the setting by hand, as every role may, for what is left of the transaction. */
export async function set(client: Client, text: string): Promise<void> {
  await client.query(`set local ringfence.binding = ${escapeLiteral(text)}`);
}

/** What presenting wrote into the setting of the open transaction: digest | pass | seal. */
export async function presentation(client: Client): Promise<string> {
  return String(await valueOf(client, "select current_setting('ringfence.binding', true)"));
}

/** What a table keeps of a handle. */
export function digestOf(pass: Buffer): string {
  return sha256(pass).toString("hex");
}

/** Ends a credential behind the back of everything that waits for its transactions. */
export async function endByHand(superuser: Client, token: string): Promise<void> {
  await superuser.query("update kernel.credential set ended_at = now() where digest = sha256($1)", [
    sha256(token),
  ]);
}

/** Another session of the same person: its token. */
export async function secondSession(ground: AttackGround, { email, derived }: Member): Promise<string> {
  const auth = await ground.connect("auth");
  const token = newToken();
  const values = [email, derived, sha256(token)];
  await auth.query("select kernel.sign_in($1, $2, $3, null, null, 'a phone', null, null)", values);
  await auth.end();
  return token;
}

/** Ends all sessions of the person but this one. */
export async function endSessionsBut(ground: AttackGround, token: string): Promise<void> {
  const auth = await ground.connect("auth");
  await auth.query("select kernel.end_session($1, null, null, null, null)", [sha256(token)]);
  await auth.end();
}

/** One statement as the owner of acme. */
export async function asOwner(
  { acme, connect }: AttackGround,
  needs: readonly string[],
  text: string,
  values: unknown[],
): Promise<void> {
  const api = await connect();
  await boundAs(api, { token: acme.owner.token, slug: "acme", needs }, () => api.query(text, values));
  await api.end();
}
