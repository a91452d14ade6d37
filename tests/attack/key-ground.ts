import type { Client } from "pg";
import { newApiKey, newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { doorWord } from "../../server/kernel/vault/index.ts";
import { boundAs, type Member } from "../installed-database.ts";
import { trialDoorWords } from "../seed.ts";
import { type AttackGround, codeOf, outcome, valueOf } from "./attack-ground.ts";

/** The classes that a member can make. */
export type KeyClass = "personal" | "secret" | "publishable";
/** A key as its maker gets it. */
export interface Made {
  readonly token: string;
  readonly id: string;
}

/** A key of this class, made through the door of the API. */
export async function keyOf(
  ground: AttackGround,
  who: Member,
  kind: KeyClass,
  options: { wanted?: readonly string[]; networks?: readonly string[] } = {},
): Promise<Made> {
  const { token, id: hint } = newApiKey(kind);
  const api = await ground.connect();
  const id = await boundAs(api, { token: who.token, slug: "acme", needs: ["key.create"] }, () =>
    valueOf(api, "select kernel.create_key('a key', $1, $2, $3, null, $4, $5::cidr[])", [
      sha256(token),
      hint,
      options.wanted ?? null,
      kind,
      options.networks ?? null,
    ]),
  );
  return { token, id: String(id) };
}

/** What comes of entering, and of one statement then; nothing is kept. */
export async function as(
  ground: AttackGround,
  token: string,
  needs: readonly string[],
  text = "select 1",
  values: unknown[] = [],
  ip = "203.0.113.7",
): Promise<string> {
  const api = await ground.connect();
  try {
    await api.query("begin");
    await api.query("select kernel.enter($1, 'acme', $2, $3, $4, 'a test')", [
      sha256(token),
      needs,
      uuidv7(),
      ip,
    ]);
    return await outcome(api, text, values);
  } catch (error) {
    return codeOf(error);
  } finally {
    await api.end();
  }
}

/** A service account of acme with a key, made by this member and answered for by them. */
export async function serviceOf(
  ground: AttackGround,
  maker: Member,
  roles: readonly string[] = ["member"],
): Promise<Made & { readonly account: string }> {
  const api = await ground.connect();
  const { token, id: hint } = newApiKey("service");
  const account = await boundAs(api, { token: maker.token, slug: "acme", needs: ["member.change"] }, () =>
    valueOf(api, "select kernel.create_service_account('Robot', $1, null)", [roles]),
  );
  const id = await boundAs(
    api,
    { token: maker.token, slug: "acme", needs: ["member.change", "key.create"] },
    () =>
      valueOf(api, "select kernel.create_service_key($1, 'its key', $2, $3, null, null, null)", [
        account,
        sha256(token),
        hint,
      ]),
  );
  return { token, id: String(id), account: String(account) };
}

/** Gives a member these roles instead of theirs, as the owner. */
export async function change(
  ground: AttackGround,
  member: Member,
  roles: readonly string[],
): Promise<unknown> {
  const api = await ground.connect();
  const who = { token: ground.acme.owner.token, slug: "acme", needs: ["member.change"] };
  const text = "select kernel.change_roles($1, $2, null)";
  return boundAs(api, who, () => api.query(text, [member.memberId, roles]));
}

/** What comes of an assertion that is said to be good, signed by this public key. */
export function tokenFor(
  auth: Client,
  jwk: unknown,
  jti: string,
  life = "1 min",
  token = sha256(newToken()),
  words = trialDoorWords,
): Promise<unknown> {
  const word = doorWord(words, "service-token", String(jwk), sha256(jti), token);
  return valueOf(
    auth,
    "select kernel.service_token($1, $2, now() + $3::interval, $4, 'x', null, '203.0.113.7', 'x', $5)",
    [jwk, sha256(jti), life, token, word],
  );
}

/** A public key of a new service account. */
export async function registered(ground: AttackGround): Promise<unknown> {
  const robot = await serviceOf(ground, ground.acme.owner);
  const api = await ground.connect();
  return boundAs(
    api,
    { token: ground.acme.owner.token, slug: "acme", needs: ["member.change", "key.create"] },
    () =>
      valueOf(api, `select kernel.add_service_jwk($1, 'x', '{"kty":"EC"}', 'ES256', $2, null, null, null)`, [
        robot.account,
        newToken(),
      ]),
  );
}
