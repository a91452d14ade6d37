import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Route } from "../../server/http/index.ts";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import type { Answer, Client, Json } from "../client.ts";
import { declaredRoutes } from "../declared-routes.ts";
import type { Organization } from "../installed-database.ts";
import { connectDirectory, type Directory, verifyDomain } from "../scim-ground.ts";
import { testServer, type TestServer } from "../server.ts";

// Every moment that an answer holds is written alike: RFC 3339, in UTC, to the millisecond. Nothing here names a door: one that is
// added is read from then on.

let server: TestServer;
let acme: Organization;
let owner: Client;
let directory: Directory;
let setupLink = "";
const invitation = newToken();

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  owner = server.browserOf(acme.owner.token);
  await everything();
}, 120_000);
afterAll(() => server.stop());

/** One of everything that has a moment in it. */
async function everything(): Promise<void> {
  const at = (path: string): string => `/o/acme/v1${path}`;
  const make = async (path: string, body: Json): Promise<Json> => {
    const answer = await owner.post(path, body);
    expect([path, answer.status < 300, answer.text]).toEqual([path, true, answer.text]);
    return answer.json;
  };
  const ends = { expiresAt: "2999-01-01T00:00:00Z" };
  await verifyDomain(server, acme);
  await make(at("/accounts"), { name: "Analytical Engines" });
  const contact = await make(at("/contacts"), { firstName: "Ada" });
  await owner.patch(at(`/contacts/${contact.id}`), { firstName: "Grace" }, { version: 1 });
  await make(at("/fields"), { of: "contact", key: "since", label: "Since", type: "date" });
  await make(at("/invitations"), { email: "new@example.com", roles: ["member"] });
  await make(at("/roles"), { label: "Reader", description: "", permissions: ["contact.read"] });
  const key = await make(at("/keys"), { name: "Mine", ...ends });
  await make(at(`/keys/${key.id}/reroll`), { overlapSeconds: 3600 });
  const robot = await make(at("/service-accounts"), { name: "Robot", roles: ["member"] });
  const serving = await make(at(`/service-accounts/${robot.id}/keys`), { name: "Nightly", ...ends });
  const { publicKey } = generateKeyPairSync("ed25519");
  const jwk = publicKey.export({ format: "jwk" });
  await make(at(`/service-accounts/${robot.id}/public-keys`), { name: "CI", jwk, ...ends });
  await server.bearer(serving.key).post("/v1/keys/exchange", {});
  await make(at("/sso-connections"), { kind: "oidc", name: "Draft" });
  setupLink = String((await make(at("/sso-setup-links"), { kind: "saml", name: "Theirs" })).link).replace(
    /^.*token=/,
    "",
  );
  await make(at("/support-grants"), { operator: "staff@platform.example", reason: "Import", hours: 1 });
  await make(at("/access-review/sign-offs"), { note: "Read" });
  directory = await connectDirectory(server, acme, { roleMapping: { Managers: "manager" } });
  const { id } = await directory.user("grace");
  await directory.group("Managers", [id]);
  await directory.get("/Users/0198c0de-0000-7000-8000-00000000dead");
  await directory.delete("/Users/0198c0de-0000-7000-8000-00000000dead");
  const sent = await server.bearer(key.key).send("POST", "/v1/imports", {
    headers: { "content-type": "text/csv" },
    raw: "First name\r\nAda\r\n",
  });
  expect([sent.status, sent.text]).toEqual([201, sent.text]);
  await written();
}

/** What comes to be by other hands than an API client's. */
async function written(): Promise<void> {
  const db = await server.database.connectAsSuperuser();
  const person = acme.owner.personId;
  await db.query(
    `insert into kernel.factor (id, person_id, kind, name, handle, public_key, inner_pad, outer_digest, confirmed_at, last_used_at)
     values (gen_random_uuid(), $1, 'passkey', 'Laptop', 'handle', 'key', kernel.random_block(), sha256('x'), now(), now())`,
    [person],
  );
  await db.query("select kernel.add_operator($1)", [acme.owner.email]);
  await db.query("update kernel.credential set last_seen_at = now() where tenant_id = $1 or person_id = $2", [
    acme.id,
    person,
  ]);
  await db.query(
    `insert into kernel.ticket (digest, purpose, tenant_id, email, roles, invited_by, expires_at)
     values (kernel.ticket_digest('invitation', $1), 'invitation', $2, 'other@example.com', '{member}', $3, now() + interval '1 hour')`,
    [sha256(invitation), acme.id, person],
  );
  await db.end();
}

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const like = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;

/** Every text of an answer that tells a moment, with the way to it. */
function moments(value: unknown, at = ""): [string, string][] {
  if (typeof value === "string") return like.test(value) ? [[at, value]] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => moments(inner, `${at}/${name}`));
}

/** Answers of a door, for each thing that its address may name. */
async function answersOf(route: Route): Promise<Answer[]> {
  const prefix = route.kind === "tenant" ? "/o/acme/v1" : "";
  const asked = route.kind === "protocol" ? server.bearer(directory.token) : owner;
  const paths = await pathsOf(route.path, prefix, asked);
  const query =
    route.path === "/access/explain" ? `?permission=contact.read&member=${acme.owner.memberId}` : "";
  return Promise.all(paths.map((path) => asked.get(`${prefix}${path}${query}`)));
}

async function pathsOf(path: string, prefix: string, asked: Client): Promise<string[]> {
  if (path.startsWith("/auth/invitations/")) return [path.replace(":token", invitation)];
  if (path.startsWith("/auth/entrances/")) return [path.replace(":organization", "acme")];
  if (path.startsWith("/auth/sso-setup/")) return [path.replace(":token", setupLink)];
  const [, list, rest] = /^(.*?)\/:[a-z]+(.*)$/i.exec(path) ?? [];
  if (list === undefined) return [path];
  const { json } = await asked.get(`${prefix}${list}`);
  const found: Json[] = json?.items ?? json?.Resources ?? [];
  return found.flatMap(({ id }) => (id === null ? [] : [`${list}/${id}${rest}`]));
}

/** Doors that tell no moments: what they answer is a file, a set of keys, the way to a provider, or what a sign-in waits for. */
const silent =
  /^\/auth\/second-factor$|\.csv$|\.jsonl$|jwks\.json$|^\/auth\/(?:sso|oidc|saml)\/:|^\/scim\/v2\/(?:Schemas|ResourceTypes)/;
const doors = declaredRoutes().filter(({ method, path }) => method === "GET" && !silent.test(path));
const told = new Set<string>();

describe("every moment is written in the one form", () => {
  test.each(doors.map((route) => [route.path, route] as const))("at GET %s", async (path, route) => {
    const answers = await answersOf(route);
    expect([path, answers.length > 0]).toEqual([path, true]);
    for (const { status, json, text } of answers) {
      expect([path, status, text]).toEqual([path, 200, text]);
      const found = moments(json);
      expect(found.filter(([, moment]) => !iso.test(moment))).toEqual([]);
      for (const [at] of found) told.add(`${path} ${at.replace(/\/\d+(?=\/)/g, "/*")}`);
    }
  });

  test("also in what is streamed as lines of JSON", async () => {
    const { text } = await owner.get("/o/acme/v1/audit-events/export.jsonl");
    const lines = text
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    const found = lines.flatMap((line) => moments(line));
    expect(found.length).toBeGreaterThan(20);
    expect(found.filter(([, moment]) => !iso.test(moment))).toEqual([]);
  });

  test("and there were many to look at", () => {
    expect(told.size).toBeGreaterThan(70);
  });
});
