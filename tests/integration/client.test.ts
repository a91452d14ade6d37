import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import { newApiKey } from "../../server/foundation/ids/index.ts";
import { ApiProblem, type Client, type Contact, everyItem, openClient } from "../../contract/client/index.ts";
import type { Organization } from "../installed-database.ts";
import { testServer, type TestServer } from "../server.ts";

const root = join(import.meta.dirname, "../..");
let server: TestServer;
let acme: Organization;
let client: Client;
let key: string;
const sent: string[] = [];

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  key = await server.database.key(acme, acme.owner);
  client = openClient({
    url: `${server.origin}/`,
    key,
    fetch: (url, init) => {
      sent.push(`${init.method} ${new URL(url).pathname}`);
      return fetch(url, init);
    },
  });
});
afterAll(() => server?.stop());

describe("the client against the server", () => {
  test("creates, reads, changes, lists and archives, with types of the declarations", async () => {
    const made = await client.createContact({
      body: { firstName: "Ada", email: "ada@example.com", tags: ["vip"] },
    });
    expectTypeOf(made).toEqualTypeOf<Contact>();
    expect(made).toMatchObject({ firstName: "Ada", version: 1, stage: "lead" });
    const { id } = made;
    const changed = await client.changeContact({ params: { id }, version: 1, body: { stage: "customer" } });
    expect(changed).toMatchObject({ stage: "customer", version: 2 });
    expect(await client.readContact({ params: { id } })).toEqual(changed);
    const found = await client.listContacts({ query: { q: "ada", stage: "customer", limit: 5 } });
    expect(found).toMatchObject({ items: [{ id }], next: null });
    const archived = await client.archiveContact({ params: { id }, version: 2 });
    expect(archived.archivedAt).not.toBeNull();
    expect(await client.countContacts()).toEqual({ count: 0 });
    expect((await client.historyOfContact({ params: { id } })).items.map(({ action }) => action)).toEqual([
      "archive",
      "change",
      "create",
    ]);
  });

  test("walks a list over its pages", async () => {
    for (let number = 0; number < 7; number += 1) {
      await client.createAccount({ body: { name: `Company ${number}` } });
    }
    const names: string[] = [];
    const pages = everyItem((after) => client.listAccounts({ query: { limit: 3, sort: "name", ...after } }));
    for await (const { name } of pages) names.push(name);
    expect(names).toEqual(Array.from({ length: 7 }, (_, number) => `Company ${number}`));
  });

  test("sends a file, and reads one back", async () => {
    const upload = await client.createImport({
      query: { fileName: "people.csv" },
      body: "Email,First name\ngrace@example.com,Grace\n",
    });
    expect(upload).toMatchObject({
      state: "uploaded",
      fileName: "people.csv",
      headers: ["Email", "First name"],
    });
    expect(await client.importErrors({ params: { id: upload.id } })).toContain("Row,Line,Column");
    expect(await client.exportAuditEventsJsonl()).toContain('"action"');
  });

  test("the same creation twice makes one record", async () => {
    const asked = { body: { firstName: "Once" }, idempotencyKey: "only-once" };
    const [first, second] = [await client.createContact(asked), await client.createContact(asked)];
    expect(second.id).toBe(first.id);
  });

  test("a refusal is an ApiProblem with a stable key and all that the server said", async () => {
    const nobody = "0198c0de-0000-7000-8000-000000000001";
    const missing = await client.readContact({ params: { id: nobody } }).catch((error: unknown) => error);
    expect(missing).toBeInstanceOf(ApiProblem);
    expect(missing).toMatchObject({
      key: "not-found",
      said: { status: 404, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    const { id } = await client.createContact({ body: { firstName: "Two" } });
    await client.changeContact({ params: { id }, version: 1, body: { lastName: "Tabs" } });
    await expect(
      client.changeContact({ params: { id }, version: 1, body: { lastName: "Late" } }),
    ).rejects.toMatchObject({ key: "version-conflict" });
    await expect(client.createContact({ body: { email: "no address" } })).rejects.toMatchObject({
      said: { errors: [{ pointer: "/email" }] },
    });
    const stranger = openClient({ url: server.origin, key: newApiKey("personal").token, fetch });
    await expect(stranger.countContacts()).rejects.toMatchObject({ key: "not-signed-in" });
  });

  test("a page of something in between is a problem too", async () => {
    const proxied = openClient({
      url: server.origin,
      key,
      fetch: async () => new Response("<h1>Bad gateway</h1>", { status: 502 }),
    });
    await expect(proxied.countContacts()).rejects.toMatchObject({ key: "our-fault", said: { status: 502 } });
  });

  test("what comes from outside cannot leave its place in the address", async () => {
    await client.readContact({ params: { id: "../keys" } }).catch(() => undefined);
    expect(sent.at(-1)).toBe("GET /v1/contacts/..%2Fkeys");
  });
});

test("the package's build of it runs on plain Node, without types and without tsx", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ringfence-client-"));
  try {
    const run = promisify(execFile);
    await run(
      join(root, "node_modules/.bin/tsc"),
      ["-p", "contract/client/tsconfig.json", "--outDir", folder],
      { cwd: root },
    );
    const script = `import { openClient } from ${JSON.stringify(pathToFileURL(join(folder, "client/index.js")).href)};
const client = openClient({ url: process.env.ORIGIN, key: process.env.KEY, fetch });
console.log(JSON.stringify(await client.getOrganization()));`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], {
      env: { ...process.env, ORIGIN: server.origin, KEY: key },
    });
    expect(JSON.parse(stdout)).toMatchObject({ slug: "acme" });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
