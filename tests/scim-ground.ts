import { type Answer, client, type Json } from "./client.ts";
import type { Organization } from "./installed-database.ts";
import { testServer, type TestServer } from "./server.ts";

/** A directory: one connection of an organization, and requests as its provisioning service sends them. */
export interface Directory {
  readonly id: string;
  readonly token: string;
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  patch(path: string, operations: readonly Json[]): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  /** Provisions somebody, and says as whom. */
  user(name: string, more?: Readonly<Record<string, unknown>>): Promise<Json>;
  /** Pushes a group with these members, and says its id. */
  group(name: string, members?: readonly string[]): Promise<string>;
  /** What the organization's administrators are shown of it. */
  seen(): Promise<Json>;
  faults(): Promise<Json[]>;
}

/** How the connection is set up, where that matters. */
export interface Setting {
  readonly name?: string;
  readonly defaultRole?: string | null;
  readonly roleMapping?: Readonly<Record<string, string>>;
  readonly domains?: readonly string[];
}

export const patchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
export const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
export const groupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";

/** An organization whose directory says who belongs to it, and gives roles by its groups. */
export interface ScimGround {
  readonly server: TestServer;
  readonly acme: Organization;
  readonly directory: Directory;
}

export async function scimGround(): Promise<ScimGround> {
  const server = await testServer();
  const acme = await server.organization("acme");
  await verifyDomain(server, acme);
  const directory = await connectDirectory(server, acme, {
    defaultRole: "member",
    roleMapping: { "CRM Managers": "manager", "CRM Admins": "admin", Readers: "viewer" },
  });
  return { server, acme, directory };
}

/** A refusal in SCIM's own words: the status, the status that its body says, the kind. */
export function scimError({ status, json }: Answer): unknown {
  return [status, json?.status, json?.scimType];
}

/** Connects a directory to the organization, as its owner (or another session) does. */
export async function connectDirectory(
  server: TestServer,
  { slug, owner }: Organization,
  setting: Setting = {},
  session = owner.token,
): Promise<Directory> {
  const browser = server.browserOf(session);
  const wanted = { name: "Entra", defaultRole: "member", roleMapping: {}, domains: [], ...setting };
  const made = await browser.post(`/o/${slug}/v1/scim-connections`, wanted);
  if (made.status !== 201) throw new Error(`no connection: ${made.status} ${made.text}`);
  return directoryOf(server, slug, owner.token, made.json);
}

/** The same directory with this token. */
export function directoryOf(
  server: TestServer,
  slug: string,
  session: string,
  { id, token }: { readonly id: string; readonly token: string },
): Directory {
  const bearer = client({ origin: server.origin, key: token });
  const send: Directory["send"] = (method, path, body, headers = {}) =>
    bearer.send(method, `/scim/v2${path}`, {
      ...(body === undefined ? {} : { body }),
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/scim+json; charset=utf-8" }),
        ...headers,
      },
    });
  const admin = `/o/${slug}/v1/scim-connections`;
  const made = async (path: string, body: unknown): Promise<Json> => {
    const answer = await send("POST", path, body);
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.json;
  };
  return {
    id,
    token,
    send,
    get: (path) => send("GET", path),
    post: (path, body) => send("POST", path, body),
    put: (path, body) => send("PUT", path, body),
    patch: (path, operations) => send("PATCH", path, { schemas: [patchSchema], Operations: operations }),
    delete: (path) => send("DELETE", path),
    user: (name, more = {}) => made("/Users", { ...userNamed(name, slug), ...more }),
    group: async (name, members = []) =>
      String(
        (
          await made("/Groups", {
            schemas: [groupSchema],
            displayName: name,
            members: members.map((value) => ({ value })),
          })
        ).id,
      ),
    seen: async () => {
      const { json } = await server.browserOf(session).get(admin);
      return json.items.find((one: Json) => one.id === id);
    },
    faults: async () => (await server.browserOf(session).get(`${admin}/${id}/faults`)).json.items,
  };
}

/** A user as a directory would describe them; the address is in the organization's own domain. */
export function userNamed(name: string, slug: string): Record<string, unknown> {
  return {
    schemas: [userSchema],
    userName: `${name}@${slug}.example`,
    externalId: `ext-${name}`,
    name: { givenName: name, familyName: "Example" },
    displayName: `${name} Example`,
    emails: [{ value: `${name}@${slug}.example`, type: "work", primary: true }],
    active: true,
  };
}

/** Lets the organization have proven that this domain is its own. */
export async function verifyDomain(
  server: TestServer,
  organization: Organization,
  domain = `${organization.slug}.example`,
): Promise<void> {
  const db = await server.database.connectAsSuperuser();
  await db.query(
    "insert into kernel.domain (tenant_id, name, token, verified_at) values ($1, $2, repeat('t', 43), now()) on conflict do nothing",
    [organization.id, domain],
  );
  await db.end();
}
