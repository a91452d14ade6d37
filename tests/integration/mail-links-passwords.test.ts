import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash as argon2 } from "@node-rs/argon2";
import { hash as bcrypt } from "@node-rs/bcrypt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha1Hex } from "../../server/foundation/ids/index.ts";
import { importedRecipe, storedRecipe } from "../../server/kernel/passwords/index.ts";
import type { InstalledDatabase, Member, Organization } from "../installed-database.ts";
import { installedDatabase } from "../installed-database.ts";
import { median } from "../mann-whitney.ts";
import { linkTo } from "../mail-ground.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";

let database: InstalledDatabase;
let acme: Organization;
let server: TestServer;

beforeAll(async () => {
  database = await installedDatabase();
  acme = await database.organization({ slug: "acme" });
  server = await testServer({}, database);
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});

const password = "quite-long winter 47 ferns";

async function schemeOf(email: string): Promise<unknown> {
  const db = await database.connectAsSuperuser();
  const { rows } = await db.query("select recipe from kernel.person where email = $1", [email]);
  const { scheme, parameters } = rows[0].recipe;
  return { scheme, ...parameters };
}

/** Keeps a hash of another system for somebody new, as an import does. */
async function imported(phc: string): Promise<Member> {
  const member = await database.member(acme, "member");
  const found = importedRecipe(phc);
  if (found === null) throw new Error("not read");
  const { scheme, parameters, salt } = storedRecipe(found.recipe);
  const db = await database.connectAsSuperuser();
  await db.query("update kernel.person set recipe = $2, verifier = $3 where id = $1", [
    member.personId,
    JSON.stringify({ scheme, parameters, salt: salt.toString("base64") }),
    found.verifier,
  ]);
  return member;
}

const signIn = async (at: TestServer, email: string, typed: string): Promise<number> =>
  (await at.stranger().post("/auth/sign-in", { email, password: typed })).status;

const argon2id = { scheme: "argon2id", memoryKiB: 19_456, passes: 2, lanes: 1 };

describe("passwords", () => {
  proves("IAM-1");

  test("of another system's bcrypt at cost 12 are verified, and hashed anew by argon2id at the first sign-in", async () => {
    const { email } = await imported(await bcrypt(password, { cost: 12 }));
    expect(await schemeOf(email)).toEqual({ scheme: "bcrypt", cost: 12, imported: true });
    expect(await signIn(server, email, "not the password 99")).toBe(401);
    expect(await schemeOf(email)).toMatchObject({ scheme: "bcrypt" });
    expect(await signIn(server, email, password)).toBe(200);
    expect(await schemeOf(email)).toEqual(argon2id);
    expect(await signIn(server, email, password)).toBe(200);
    expect(await signIn(server, email, "not the password 99")).toBe(401);
  });

  test("of another system's argon2id with other costs are, too", async () => {
    const { email } = await imported(
      await argon2(password, { memoryCost: 8192, timeCost: 3, parallelism: 1 }),
    );
    expect(await signIn(server, email, password)).toBe(200);
    expect(await schemeOf(email)).toEqual(argon2id);
  });

  test("are kept by bcrypt at cost 12 where that is selected, and go back at the next sign-in when it is not any more", async () => {
    const bcryptServer = await testServer({ RINGFENCE_PASSWORD_HASH: "bcrypt" }, database);
    const { email } = await database.member(acme, "member");
    await bcryptServer.stranger().post("/auth/password-reset", { email });
    const { token } = await linkTo(database, email, "password-reset");
    const long = await bcryptServer.stranger().post("/auth/password-reset/redeem", {
      token,
      password: "a password of more than seventy-two bytes, each of which shall count in the end",
    });
    expect([long.status, long.json.errors[0].pointer]).toEqual([422, "/password"]);
    const set = await bcryptServer.stranger().post("/auth/password-reset/redeem", { token, password });
    expect(set.status).toBe(204);
    expect(await schemeOf(email)).toEqual({ scheme: "bcrypt", cost: 12 });
    expect(await signIn(bcryptServer, email, password)).toBe(200);
    expect(await schemeOf(email)).toEqual({ scheme: "bcrypt", cost: 12 });
    await bcryptServer.stop();
    expect(await signIn(server, email, password)).toBe(200);
    expect(await schemeOf(email)).toEqual(argon2id);
  });

  test("that are known to be leaked are refused, and nobody outside is asked", async () => {
    const folder = await mkdtemp(join(tmpdir(), "leaked-"));
    const leaked = ["seven brown ponies 36", "violet harbour 92 sings"];
    await writeFile(
      join(folder, "list"),
      leaked
        .map(sha1Hex)
        .toSorted()
        .map((digest) => `${digest}:3\n`)
        .join(""),
    );
    const guarded = await testServer({ RINGFENCE_BREACHED_PASSWORDS: join(folder, "list") }, database);
    const { email } = await database.member(acme, "member");
    await guarded.stranger().post("/auth/password-reset", { email });
    const { token } = await linkTo(database, email, "password-reset");
    const redeem = async (at: TestServer, typed: string): Promise<number> =>
      (await at.stranger().post("/auth/password-reset/redeem", { token, password: typed })).status;
    for (const typed of leaked) expect(await redeem(guarded, typed)).toBe(422);
    // Nothing but the list stands in its way.
    expect(await redeem(server, leaked[0] ?? "")).toBe(204);
    await guarded.stop();
    await rm(folder, { recursive: true });
  });

  test("pass through a bounded queue: a flood of sign-ins is shed, other routes go on, and known browsers get in", async () => {
    const reader = server.browserOf(acme.owner.token);
    const read = async (): Promise<number> => {
      const startedAt = performance.now();
      expect((await reader.get("/o/acme/v1/contacts?limit=1")).status).toBe(200);
      return performance.now() - startedAt;
    };
    for (let time = 0; time < 20; time += 1) await read();
    const { email } = await imported(await argon2(password));
    const known = server.stranger();
    const typedIn = async (): Promise<number> =>
      (await known.post("/auth/sign-in", { email, password })).status;
    expect(await typedIn()).toBe(200);
    const flood = new AbortController();
    const seen = new Map<number, number>();
    const flooding = Array.from({ length: 100 }, async (_, at) => {
      const browser = server.stranger();
      await browser.csrf();
      for (let time = 0; !flood.signal.aborted; time += 1) {
        const { status } = await browser.post(
          "/auth/sign-in",
          { email: `nobody-${at}-${time}@example.com`, password: "not the password 99" },
          { headers: { "x-forwarded-for": `10.${at}.${time >> 8}.${time & 255}` } },
        );
        seen.set(status, (seen.get(status) ?? 0) + 1);
      }
    });
    await expect.poll(() => seen.get(503) ?? 0, { timeout: 30_000 }).toBeGreaterThan(50);
    const during: number[] = [];
    for (let time = 0; time < 100; time += 1) during.push(await read());
    const shed = seen.get(503) ?? 0;
    const answers: number[] = [];
    for (let time = 0; time < 5; time += 1) answers.push(await typedIn());
    flood.abort();
    // The flood comes from more networks than there are places in the line.
    expect(answers).toEqual([200, 200, 200, 200, 200]);
    expect(seen.get(503)).toBeGreaterThan(shed);
    await Promise.all(flooding);
    expect([...seen.keys()].toSorted()).toEqual([401, 503]);
    // An answer that waited for the hashes before it would take the two seconds after which they are shed.
    expect(median(during)).toBeLessThan(500);
    expect(Math.max(...during)).toBeLessThan(2000);
  }, 120_000);
});
