import { afterAll, beforeAll, expect, test } from "vitest";
import { boundAs, installedDatabase, type InstalledDatabase } from "../installed-database.ts";

let db: InstalledDatabase;
beforeAll(async () => {
  db = await installedDatabase();
});
afterAll(() => db.drop());

test("organizations have owners of their own, members of every role, and keys", async () => {
  const one = await db.organization({ slug: "one" });
  const other = await db.organization({ slug: "other" });
  expect(one.owner.personId).not.toBe(other.owner.personId);
  const api = await db.connectAs("api");
  for (const role of ["owner", "admin", "manager", "member", "viewer"] as const) {
    const member = await db.member(one, role);
    const key = role === "viewer" ? member.token : await db.key(one, member, ["contact.read"]);
    const rows = await boundAs(api, { token: key, slug: one.slug, needs: ["contact.read"] }, async () => {
      return (await api.query("select id from app.contact")).rows;
    });
    expect(rows).toEqual([]);
  }
});
