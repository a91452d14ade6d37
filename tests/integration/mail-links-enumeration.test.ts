import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AddressDoor, addressDoors, askInTurns, makePeople, type Told } from "../known-and-unknown.ts";
import { testServer, type TestServer } from "../server.ts";

const people = 150;
let server: TestServer;

beforeAll(async () => {
  server = await testServer();
  await makePeople(server, people);
});
afterAll(() => server.stop());

describe("whether somebody has an address", () => {
  test.each(addressDoors)(
    "is told by $path in no way: not by status, cookies or body, and not by the time that it takes",
    async (door) => {
      // A machine that is doing something else shifts times at random, and one time in a hundred chance does: a way that skips work is
      // slower or quicker in all of the rounds.
      const seen: Told[] = [];
      for (let round = 0; round < 4; round += 1) {
        seen.push(await askInTurns(server, door, 200, people));
        if (seen.some(alike)) break;
      }
      expect(seen.map(({ answers }) => answers.length)).toEqual(seen.map(() => 1));
      expect(seen.filter(alike), JSON.stringify(seen)).not.toEqual([]);
    },
    240_000,
  );
});

test("whether a password is the right one is told in no way where single sign-on alone leads in", async () => {
  const db = await server.database.connectAsSuperuser();
  await db.query("update kernel.tenant set sso_enforced = true where slug = 'known'");
  const right = "the right password 12";
  const door: AddressDoor = {
    path: "/auth/sign-in",
    // The same people, in turns with a wrong and with the right one.
    body: (email) =>
      email.endsWith("@known.example")
        ? { email, password: "not the password 99" }
        : { email: email.replace("@unknown.", "@known."), password: right },
  };
  const seen: Told[] = [];
  for (let round = 0; round < 4; round += 1) {
    seen.push(await askInTurns(server, door, 200, people));
    if (seen.some(alike)) break;
  }
  expect(seen.map(({ answers }) => answers.length)).toEqual(seen.map(() => 1));
  expect(seen[0]?.answers[0]).toContain("wrong-credentials");
  expect(seen.filter(alike), JSON.stringify(seen)).not.toEqual([]);
  await db.query("update kernel.tenant set sso_enforced = false where slug = 'known'");
  const browser = server.stranger();
  const opened = await browser.post("/auth/sign-in", { email: "person-1@known.example", password: right });
  expect(opened.json.signedIn).toBe(true);
}, 240_000);

function alike({ p, medianDifference }: Told): boolean {
  return p > 0.01 && Math.abs(medianDifference) < 2;
}
