import { afterAll, beforeAll, expect } from "vitest";
import { newToken } from "../../server/foundation/ids/index.ts";
import type { Answer, Client } from "../client.ts";
import { declaredRoutes } from "../declared-routes.ts";
import type { Organization } from "../installed-database.ts";
import { lettersTo, linkTo, setPassword } from "../mail-ground.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";
import { attack } from "./attack.ts";
import { requestFor } from "./door-requests.ts";

// Ways back in, asked for by somebody who has not got the letter.

proves("IAM-2", "IAM-3");

let server: TestServer;
let acme: Organization;
const password = "quite-long winter 47 ferns";
const thiefs = "three slow otters 81 lamps";

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

async function somebody(): Promise<string> {
  const { email } = await server.database.member(acme, "member");
  await setPassword(server.database, email, password);
  return email;
}
const signsIn = async (email: string, word: string): Promise<boolean> =>
  (await server.stranger().post("/auth/sign-in", { email, password: word })).json.signedIn === true;
const keyOf = ({ status, json }: Answer): string =>
  `${status} ${String(json?.type ?? "").replace(/^.*\//, "")}`;

attack(
  {
    id: "F-step-skipped",
    title:
      "set somebody's password after having asked for the letter, without what it says: by cookies, other letters, one's own link, a field more (Keycloak CVE-2026-18963)",
    expected: "403, 422; the password stays",
  },
  async () => {
    const [victim, thief] = [await somebody(), await somebody()];
    const browser = server.stranger();
    for (const email of [thief, victim])
      for (const path of ["/auth/password-reset", "/auth/magic-link"])
        expect((await browser.post(path, { email })).status).toBe(202);
    const own = await linkTo(server.database, thief, "password-reset");
    const signIn = await linkTo(server.database, thief, "magic-link");
    await linkTo(server.database, victim, "password-reset");
    const redeem = (body: object): Promise<Answer> => browser.post("/auth/password-reset/redeem", body);
    const seen = new Set<string>();
    for (const token of [
      undefined,
      null,
      "",
      true,
      [own.token, own.token],
      ...browser.cookies.values(),
      await browser.csrf(),
      signIn.token,
      newToken(),
    ]) {
      seen.add(keyOf(await redeem({ token, password: thiefs })));
      seen.add(keyOf(await redeem({ token, password: thiefs, email: victim })));
    }
    // Even a link that is good says by itself whose password it sets.
    for (const more of [{ email: victim }, { personId: victim }, { step: "verified" }])
      seen.add(keyOf(await redeem({ token: own.token, password: thiefs, ...more })));
    expect([...seen].toSorted()).toEqual(["403 link-not-valid", "422 not-valid"]);
    expect([await signsIn(victim, password), await signsIn(thief, password)]).toEqual([true, true]);
    expect((await redeem({ token: own.token, password: thiefs })).status).toBe(204);
    expect([await signsIn(victim, thiefs), await signsIn(thief, thiefs)]).toEqual([false, true]);
    return "403, 422; the password stays";
  },
);

attack(
  {
    id: "E-code",
    title:
      "hear from a wrong code whether anybody has the address that it was asked for (better-auth #10605)",
    expected: "one answer",
  },
  async () => {
    const seen = new Set<string>();
    let opened = 0;
    for (const email of [
      await somebody(),
      acme.owner.email,
      `nobody-${newToken().slice(0, 8)}@elsewhere.example`,
    ]) {
      const browser = server.stranger();
      expect((await browser.post("/auth/magic-link", { email })).status).toBe(202);
      // Of one who is there a code waits, since the link was opened elsewhere.
      if ((await lettersTo(server.database, email)).length > 0) {
        const { token } = await linkTo(server.database, email, "magic-link");
        expect((await server.stranger().post("/auth/magic-link/redeem", { token })).json.next).toBe("code");
        opened += 1;
      }
      for (const code of ["000000", "999999"]) {
        const { status, text } = await browser.post("/auth/magic-link/code", { code });
        seen.add(`${status} ${text.replace(/urn:request:[0-9a-f-]{36}/, "")}`);
      }
    }
    expect([opened, ...seen]).toEqual([2, expect.stringContaining("link-not-valid")]);
    return "one answer";
  },
);

/** All letters to people, with those that wait to be written. */
async function letters(): Promise<unknown> {
  const db = await server.database.connectAsSuperuser();
  await db.query("select kernel.grant_wishes()");
  const { rows } = await db.query("select count(*)::integer as count from kernel.person_mail");
  await db.end();
  return rows[0].count;
}

const unsafe = declaredRoutes().filter((route) => route.kind === "open" && route.method !== "GET");
const foreign: readonly Readonly<Record<string, string>>[] = [
  { origin: "https://evil.example" },
  { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
  { origin: "null" },
  { origin: "https://evil.example", "content-type": "text/plain" },
  { "sec-fetch-site": "same-site" },
];

attack(
  {
    id: "F-mail-bombing",
    title:
      "have a page elsewhere ask for letters to somebody, by browsers that have no cookie of ours (better-auth #10368)",
    expected: "403 at every open door that changes anything; no letter",
  },
  async () => {
    const [email, before] = [await somebody(), await letters()];
    const asked = unsafe.filter((route) => route.kind === "open" && route.crossSiteBecause === undefined);
    expect(asked.length).toBeGreaterThan(18);
    for (const route of asked) {
      const { method, path, sending } = requestFor(route, "");
      const body = JSON.stringify(sending.body ?? {}).replace(/somebody-[0-9a-f-]{36}@example\.com/, email);
      for (const headers of foreign) {
        const stranger: Client = server.stranger();
        const answer = await stranger.send(method, path, { raw: body, headers });
        expect([path, headers, keyOf(answer)]).toEqual([path, headers, "403 csrf-refused"]);
        expect(stranger.cookies.size).toBe(0);
      }
    }
    // Those that others may ask from elsewhere write to nobody.
    for (const route of unsafe.filter((each) => !asked.includes(each))) {
      const { method, path, sending } = requestFor(route, "");
      await server.stranger().send(method, path, sending);
    }
    expect(await letters()).toBe(before);
    expect(await lettersTo(server.database, email)).toEqual([]);
    return "403 at every open door that changes anything; no letter";
  },
);
