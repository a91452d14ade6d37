import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../client.ts";
import { connectDirectory, type Directory, verifyDomain } from "../scim-ground.ts";
import { testServer, type TestServer } from "../server.ts";

// Filters as directories write them, and as nobody should: each becomes one statement with parameters, or a refusal.

let server: TestServer;
let directory: Directory;

beforeAll(async () => {
  server = await testServer();
  const acme = await server.organization("acme");
  await verifyDomain(server, acme);
  directory = await connectDirectory(server, acme);
  await directory.user("ada", { title: "Countess", active: true });
  await directory.user("bob", { title: 'It\'s 100%_ "quoted" \\ üñí', active: false });
  await directory.user("cyd", {
    externalId: "CaseExact",
    name: { givenName: "Cyd", familyName: "O'Neil; drop table kernel.person;--" },
  });
  const { json } = await directory.get("/Users");
  await directory.group(
    "Crew",
    json.Resources.slice(0, 2).map(({ id }: Json) => id),
  );
});
afterAll(() => server.stop());

const asked = async (filter: string): Promise<unknown> => {
  const { status, json } = await directory.get(`/Users?sortBy=userName&filter=${encodeURIComponent(filter)}`);
  if (status !== 200) return [status, json.scimType];
  return json.Resources.map(({ userName }: Json) => userName.split("@")[0]).join(" ");
};

describe("a filter", () => {
  test.each([
    ['userName eq "ada@acme.example"', "ada"],
    ['USERNAME Eq "ADA@ACME.EXAMPLE"', "ada"],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada@acme.example"', "ada"],
    ['userName ne "ada@acme.example"', "bob cyd"],
    ['userName sw "b"', "bob"],
    ['userName ew "EXAMPLE"', "ada bob cyd"],
    ['userName co "d"', "ada cyd"],
    ['userName gt "b" and userName lt "c"', "bob"],
    ['userName ge "bob@acme.example"', "bob cyd"],
    ['userName le "bob@acme.example"', "ada bob"],
    ['externalId eq "CaseExact"', "cyd"],
    ['externalId eq "caseexact"', ""],
    ["externalId pr", "ada bob cyd"],
    ["title pr", "ada bob"],
    ["not (title pr)", "cyd"],
    ["title eq null", "cyd"],
    ["title ne null", "ada bob"],
    ['title ne "Countess"', "bob cyd"],
    ['not (title eq "Countess")', "bob cyd"],
    ['name.familyName sw "o\'neil"', "cyd"],
    ['name.givenName eq "cyd"', "cyd"],
    ["active eq true", "ada cyd"],
    ['active eq "False"', "bob"],
    ["active ne true", "bob"],
    ['emails.value eq "ada@acme.example"', "ada"],
    ['emails eq "ada@acme.example"', "ada"],
    ['emails[type eq "work" and value co "bob"]', "bob"],
    ['emails[type eq "home"]', ""],
    ["emails[primary eq true]", "ada bob cyd"],
    ["emails[not (primary eq true)]", ""],
    ['groups.display eq "crew"', "ada bob"],
    ['not (groups.display eq "crew")', "cyd"],
    ["groups pr", "ada bob"],
    ['meta.created gt "2020-01-01T00:00:00Z"', "ada bob cyd"],
    ['meta.lastModified lt "2020-01-01T00:00:00+02:00"', ""],
    ['userName eq "ada@acme.example" or userName eq "bob@acme.example" and active eq true', "ada"],
    ['(userName eq "ada@acme.example" or userName eq "bob@acme.example") and active eq true', "ada"],
    ['title co "100%_"', "bob"],
    ['title co "1__%"', ""],
    ['title co "\\"quoted\\" \\\\"', "bob"],
    ['title co "\\u00fc\\u00f1"', "bob"],
    ['title co "ÜÑÍ"', "bob"],
    ['id eq "0198c0de-0000-7000-8000-00000000dead"', ""],
    ['id eq "not an id"', ""],
    ['id ne "not an id"', "ada bob cyd"],
  ])("means what it says: %s", async (filter, expected) => {
    expect(await asked(filter)).toBe(expected);
  });

  const nested = (depth: number): string => `${"(".repeat(depth)}title pr${")".repeat(depth)}`;
  test.each([
    [""],
    ["title"],
    ["title eq"],
    ['title eq "x" and'],
    ['and title eq "x"'],
    ['title eq "x" title eq "y"'],
    ['title xx "x"'],
    ["title eq x"],
    ["title eq 'x'"],
    ["title eq 1"],
    ['title eq "x'],
    ['title eq "\\x"'],
    ['title eq "\\ud800'],
    ["(title pr"],
    ["title pr)"],
    ["emails[type pr"],
    ["title[type pr]"],
    ["not title pr"],
    ["active gt true"],
    ['active eq "maybe"'],
    ['id sw "0"'],
    ['meta.created gt "yesterday"'],
    ['meta.created gt "2026-02-31T00:00:00"'],
    ["title gt null"],
    ['password eq "x"'],
    ['verifier eq "x"'],
    ['attributes eq "x"'],
    ['user_key eq "x"'],
    ['__proto__ eq "x"'],
    ['constructor.name eq "x"'],
    ['emails.constructor eq "x"'],
    ['title"; drop table kernel.person; -- eq "x"'],
    ["1=1 or title pr"],
    ["title pr; select pg_sleep(10)"],
    ["title pr -- x"],
    ["title pr /* x */"],
    ["$1 pr"],
    [nested(12)],
    ["not (".repeat(300) + "title pr" + ")".repeat(300)],
    [Array.from({ length: 150 }, () => "title pr").join(" or ")],
    [`title eq "${"x".repeat(4100)}"`],
  ])("is refused as invalidFilter: %s", async (filter) => {
    expect(await asked(filter)).toEqual(
      filter.length > 4096 ? [400, "invalidValue"] : [400, "invalidFilter"],
    );
  });

  test("that carries SQL finds the text and does nothing", async () => {
    expect(await asked('name.familyName eq "o\'neil; drop table kernel.person;--"')).toBe("cyd");
    for (const text of [
      "' or 1=1 --",
      "'; select pg_sleep(5); --",
      "${1}",
      "$1",
      "\\'",
      "%",
      "_",
      "') or true or ('",
      "\\u0027 or 1=1",
    ])
      expect([text, await asked(`title eq "${text.replace(/\\(?!u)/g, "\\\\")}"`)]).toEqual([text, ""]);
  });

  test("as deep and as long as it may be is answered at once", async () => {
    const startedAt = performance.now();
    expect(await asked(nested(9))).toBe("ada bob");
    expect(await asked(Array.from({ length: 120 }, () => "title pr").join(" or "))).toBe("ada bob");
    expect(await asked(`title eq "${"x".repeat(3900)}"`)).toBe("");
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });

  test("in the path of a PATCH is read by the same grammar, within the same bounds", async () => {
    const { json } = await directory.get(`/Users?filter=${encodeURIComponent('userName sw "ada"')}`);
    const at = `/Users/${json.Resources[0].id}`;
    const patch = async (path: string): Promise<unknown> => {
      const { status, json: told } = await directory.patch(at, [{ op: "replace", path, value: "x" }]);
      return [status, told?.scimType];
    };
    expect(await patch("emails[type eq].value")).toEqual([400, "invalidFilter"]);
    expect(await patch('emails[type eq "a"]].value')).toEqual([400, "invalidFilter"]);
    expect(await patch("name.middleNames")).toEqual([400, "invalidPath"]);
    expect(await patch("nothing")).toEqual([400, "invalidPath"]);
    expect(await patch("__proto__")).toEqual([400, "invalidPath"]);
    expect(await patch("constructor")).toEqual([400, "invalidPath"]);
    expect(await patch("id")).toEqual([400, "mutability"]);
    expect(await patch("meta.version")).toEqual([400, "mutability"]);
    expect(await patch(`emails[${nested(12)}].value`)).toEqual([400, "invalidFilter"]);
    expect(await patch('emails[type co "nothing"].value')).toEqual([400, "noTarget"]);
    expect((await directory.patch(at, [{ op: "remove" }])).json.scimType).toBe("noTarget");
    expect((await directory.patch(at, [{ op: "move", path: "title" }])).json.scimType).toBe("invalidSyntax");
    expect(
      (
        await directory.patch(
          at,
          Array.from({ length: 1001 }, () => ({ op: "remove", path: "title" })),
        )
      ).json.scimType,
    ).toBe("tooMany");
    const twice = await directory.send("PATCH", at, { Operations: [], operations: [] });
    expect(twice.json.scimType).toBe("invalidSyntax");
    const spelled = await directory.put(at, { userName: "ada@acme.example", USERNAME: "eve@acme.example" });
    expect(spelled.json.scimType).toBe("invalidSyntax");
  });
});
