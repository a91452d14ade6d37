import { expect, test } from "vitest";
import { looksThrough } from "./look.ts";

const id = "0198c0de-0000-7000-8000-0000000000c1";

test("says the declared door, and the record that the address names", () => {
  const one = looksThrough({ method: "GET", path: "/contacts/:id" });
  expect(one({ organization: "acme", id }, {})).toBe(`GET /contacts/:id ${id}`);
  expect(one({ id: id.toUpperCase() }, {})).toBe(one({ id }, {}));
  const below = looksThrough({ method: "DELETE", path: "/connections/:connection/people/:memberId" });
  expect(below({ connection: "okta", memberId: id }, {})).toBe(
    `DELETE /connections/:connection/people/:memberId ${id}`,
  );
});

test("says by which names a list was narrowed, in one order, and no value, page or order", () => {
  const list = looksThrough({ method: "GET", path: "/contacts" });
  const query = {
    tag: "vip",
    q: "ada@example.com",
    limit: 50,
    after: "x",
    sort: "name",
    archived: undefined,
  };
  expect(list({}, query)).toBe("GET /contacts?q&tag");
  expect(list({}, { q: "", limit: 1 })).toBe("GET /contacts");
  expect(list({}, {})).toBe("GET /contacts");
});
