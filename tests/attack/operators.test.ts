import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectDirectory, userNamed, verifyDomain } from "../scim-ground.ts";
import { proves } from "../proves.ts";
import { enrolTotp, forgetSteps } from "../second-factors.ts";
import { at, keyOf, type Staff, supportGround, type SupportGround } from "../support-ground.ts";

// An operator's account is a person's own, may what a grant names and no more, and is worth nothing without a second factor.

proves("IAM-16");

let ground: SupportGround;

beforeAll(async () => {
  ground = await supportGround();
});
afterAll(() => ground.server.stop());

async function inside(more: object = {}): Promise<Staff & { grant: { id: string } }> {
  const staff = await ground.operator();
  return { ...staff, grant: await ground.granted(staff.email, more) };
}
const why = { organization: "acme", reason: "The import", hours: 1 };

describe("an operator's second factor", () => {
  test("that is removed while they are in shuts them out at once, their programs too; one of two does not", async () => {
    const staff = await ground.operator(false);
    const app = await enrolTotp(staff.browser, "Phone");
    await ground.granted(staff.email);
    expect(await ground.looks(staff.browser)).toEqual([200, ""]);
    await forgetSteps(ground.server, staff.personId);
    const second = await enrolTotp(staff.browser, "Tablet");
    const { json } = await staff.browser.post("/auth/tokens", { organization: "acme" });
    const program = ground.server.bearer(json.accessToken);
    expect(await ground.looks(program)).toEqual([200, ""]);
    expect((await staff.browser.delete(`/auth/factors/${second.id}`)).status).toBe(204);
    expect(await ground.looks(staff.browser)).toEqual([200, ""]);
    expect((await staff.browser.delete(`/auth/factors/${app.id}`)).status).toBe(204);
    expect(await ground.looks(staff.browser)).toEqual([403, "second-factor-needed"]);
    expect((await ground.looks(program))[0]).not.toBe(200);
    expect(keyOf(await staff.browser.post("/auth/support", why))).toEqual([403, "second-factor-needed"]);
  });

  test("counts for the session that has shown it, not for another one of theirs", async () => {
    const staff = await inside();
    const other = "o".repeat(43);
    await ground.superuser.query(
      "select kernel.mint_session($1, sha256(convert_to($2, 'UTF8')), '203.0.113.7', 'a test', '{password}')",
      [staff.personId, other],
    );
    expect(await ground.looks(ground.server.browserOf(other))).toEqual([403, "second-factor-needed"]);
    expect(await ground.looks(staff.browser)).toEqual([200, ""]);
  });

  test("cannot be taken away by the organization that let them in, for whom they are no member at all", async () => {
    const staff = await inside();
    const { rows } = await ground.superuser.query(
      "select id from kernel.membership where person_id = $1 and until is not null",
      [staff.personId],
    );
    const member = rows[0].id;
    const owner = ground.acme.browser;
    const account = { name: "Theirs", roles: ["viewer"], answerableId: member };
    expect([
      keyOf(await owner.post(at(`/members/${member}/reset-factors`))),
      keyOf(await owner.patch(at(`/members/${member}`), { roles: ["admin"] })),
      keyOf(await owner.post(at("/service-accounts"), account)),
    ]).toEqual([
      [422, "not-valid"],
      [404, "not-found"],
      [422, "not-valid"],
    ]);
    expect(await ground.looks(staff.browser)).toEqual([200, ""]);
  });

  test("is asked for by no directory: one cannot make a member of an operator who is in by a grant", async () => {
    const staff = await inside();
    const directory = await connectDirectory(ground.server, ground.acme);
    await verifyDomain(ground.server, ground.acme, staff.email.split("@")[1]);
    const user = {
      ...userNamed("operator", "acme"),
      userName: staff.email,
      emails: [{ value: staff.email, primary: true }],
    };
    // As anybody whose account is not the directory's to give away: it does not tell who is of the platform's staff.
    expect((await directory.post("/Users", user)).status).toBe(409);
    const { rows } = await ground.superuser.query(
      "select roles, until > now() as lent from kernel.membership m join kernel.tenant t on t.id = m.tenant_id where person_id = $1 and t.slug = 'acme'",
      [staff.personId],
    );
    expect(rows).toEqual([{ roles: ["support"], lent: true }]);
  });
});

describe("an operator's grant", () => {
  test("is of no use to another operator, who can neither use it nor give it back", async () => {
    const [staff, other] = [await inside(), await ground.operator()];
    expect(await ground.looks(other.browser)).toEqual([404, "not-found"]);
    expect(keyOf(await other.browser.delete(`/auth/support/${staff.grant.id}`))).toEqual([404, "not-found"]);
    expect((await other.browser.get("/auth/support")).json.grants).toEqual([]);
    expect(await ground.looks(staff.browser)).toEqual([200, ""]);
  });

  test("goes with the person and not with the address, whoever has that later", async () => {
    const [staff, other] = [await inside(), await ground.operator()];
    await ground.superuser.query("update kernel.person set email = 'moved-' || email where id = $1", [
      staff.personId,
    ]);
    await ground.superuser.query("update kernel.person set email = $2 where id = $1", [
      other.personId,
      staff.email,
    ]);
    expect(await ground.looks(other.browser)).toEqual([404, "not-found"]);
    expect(await ground.looks(staff.browser)).toEqual([200, ""]);
  });

  test("opens nothing to a key: their own is good at home, and inside none can be made", async () => {
    const admin = await ground.server.person(ground.platform, "admin");
    await ground.ops.query("select kernel.add_operator($1)", [admin.email]);
    await ground.provedByFactor(admin.token, 0);
    const made = await admin.browser.post("/o/platform/v1/keys", { name: "Mine" });
    expect(made.status).toBe(201);
    await ground.granted(admin.email);
    const key = ground.server.bearer(made.json.key);
    expect((await key.get("/o/platform/v1/contacts")).status).toBe(200);
    expect(await ground.looks(key)).toEqual([404, "not-found"]);
    expect(keyOf(await admin.browser.post(at("/keys"), { name: "There" }))).toEqual([403, "not-allowed"]);
  });

  test("is told to a program of theirs, bears the grant in the trail there too, and ends with it", async () => {
    const staff = await inside({
      permissions: ["contact.read", "contact.create", "account.read", "own_field.read"],
    });
    const { json } = await staff.browser.post("/auth/tokens", { organization: "acme" });
    const program = ground.server.bearer(json.accessToken);
    const me = (await program.get("/auth/me")).json.organizations;
    expect(me).toEqual([
      expect.objectContaining({ slug: "acme", support: expect.objectContaining({ grant: staff.grant.id }) }),
    ]);
    const made = await program.post("/v1/contacts", { firstName: "By a program" });
    expect(made.status).toBe(201);
    const { rows } = await ground.superuser.query(
      "select actor_email from kernel.audit_event where resource_id = $1",
      [made.json.id],
    );
    expect(rows).toEqual([{ actor_email: `${staff.email} (support ${staff.grant.id})` }]);
    await ground.acme.browser.delete(at(`/support-grants/${staff.grant.id}`));
    expect(await ground.looks(program)).toEqual([401, "not-signed-in"]);
    const again = await ground.server
      .stranger()
      .send("POST", "/auth/tokens/refresh", { body: { refreshToken: json.refreshToken } });
    expect(again.status).toBe(401);
    await ground.granted(staff.email);
    expect(await ground.looks(program)).toEqual([401, "not-signed-in"]);
  });
});
