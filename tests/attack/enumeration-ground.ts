import type { Client as Database } from "pg";
import { expect } from "vitest";
import { randomBytes } from "../../server/foundation/ids/index.ts";
import type { Answer } from "../client.ts";
import { type CountedWork, countWork } from "../counted-work.ts";
import { setPassword } from "../mail-ground.ts";
import { testServer, type TestServer } from "../server.ts";

/** An answer with all of its headers, less what is by chance in each: the request's id, the date, what a cookie holds, what is left of a rate. */
export function whole({ status, headers, text }: Answer): string {
  const shown = Object.entries(headers)
    .filter(([name]) => !["date", "ratelimit", "x-request-id", "request-id"].includes(name))
    .map(([name, value]) => `${name}: ${[value ?? ""].flat().map(withoutChance).join(" + ")}`)
    .toSorted();
  return [status, ...shown, withoutChance(text)].join("\n");
}

function withoutChance(text: string): string {
  return text
    .replace(/urn:request:[0-9a-f-]{36}/g, "urn:request")
    .replace(/^(__Host-[a-z]+)=[^;]+/, "$1=…")
    .replace(/"nonce-[^"]+"|'nonce-[^']+'/g, "nonce");
}

/** The password of everybody here who has one. */
export const password = "quite-long winter 47 ferns";

/** A server whose work is counted. */
export interface CountedGround {
  readonly server: TestServer;
  readonly db: Database;
  readonly counted: CountedWork;
  stop(): Promise<void>;
}

export async function countedGround(): Promise<CountedGround> {
  const server = await testServer();
  const db = await server.database.connectAsSuperuser();
  const counted = await countWork();
  // Until it has one, each request asks whether the installation has an owner.
  await server.organization("first");
  await server.stranger().post("/auth/sign-in", { email: "nobody@example.com", password });
  const stop = async (): Promise<void> => {
    counted.stop();
    await server.stop();
  };
  return { server, db, counted, stop };
}

/** A slug that nothing else in this database has. */
export function uniqueSlug(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString("hex")}`;
}

/** One address of each kind of people that there is. */
export async function kindsOfPeople(
  server: TestServer,
  db: Database,
): Promise<Readonly<Record<string, string>>> {
  const acme = await server.organization(uniqueSlug("kinds"));
  const made = async (change: string): Promise<string> => {
    const { email, personId } = await server.database.member(acme, "member");
    await setPassword(server.database, email, password);
    if (change !== "") await db.query(`update kernel.person set ${change} where id = $1`, [personId]);
    return email;
  };
  const enforced = await server.organization(uniqueSlug("sso"));
  const withoutPasswords = await server.organization(uniqueSlug("keys"));
  const behindProvider = (await server.database.member(enforced, "member")).email;
  await setPassword(server.database, behindProvider, password);
  await db.query("update kernel.tenant set sso_enforced = true where id = $1", [enforced.id]);
  const behindPasskeys = (await server.database.member(withoutPasswords, "member")).email;
  await setPassword(server.database, behindPasskeys, password);
  await db.query("update kernel.tenant set closed_ways = '{password}' where id = $1", [withoutPasswords.id]);
  const staff = await made("");
  await (await server.database.connectAs("ops")).query("select kernel.add_operator($1)", [staff]);
  const left = await made("");
  await db.query(
    "update kernel.membership m set ended_at = now() from kernel.person p where p.id = m.person_id and p.email = $1",
    [left],
  );
  const account = await acme.browser.post(`/o/${acme.slug}/v1/service-accounts`, {
    name: "Robot",
    roles: ["viewer"],
  });
  const { rows } = await db.query(
    "select email from kernel.person where kind = 'service' and answerable = $1",
    [acme.owner.personId],
  );
  expect([account.status, rows.length]).toEqual([201, 1]);
  return {
    nobody: `${uniqueSlug("nobody")}@elsewhere.example`,
    ordinary: await made(""),
    "made by a directory": await made("recipe = null, verifier = null"),
    "with a second factor": await made("second_factor_since = now()"),
    "with a proven mailbox": await made("email_proved_at = now()"),
    ended: await made("ended_at = now()"),
    "behind a provider": behindProvider,
    "where no passwords are taken": behindPasskeys,
    "one of the platform's staff": staff,
    "member of nothing any more": left,
    "service account": String(rows[0].email),
  };
}
