import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressDoors, askInTurns, makePeople, type Told } from "../known-and-unknown.ts";
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

function alike({ p, medianDifference }: Told): boolean {
  return p > 0.01 && Math.abs(medianDifference) < 2;
}
