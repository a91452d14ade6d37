import { afterAll, beforeAll, expect } from "vitest";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import { type HostileProvider, hostileProvider } from "../hostile-provider.ts";
import { proves } from "../proves.ts";
import { connectDirectory, type Directory, userNamed } from "../scim-ground.ts";
import { account, type Account, enrolTotp, passFirstFactor } from "../second-factors.ts";
import { cameIn, type Org, ssoWorld, type SsoWorld } from "../sso-world.ts";
import { attack } from "./attack.ts";
import { less, mattersOn } from "./take-away.ts";

// An account whose mailbox was never proved gives way to an organization that shows the domain to be its own, unless it belongs
// to another one: whoever buys a domain would else take away what guards that, and shut it.

proves("IAM-7", "IAM-12");

let world: SsoWorld;
let provider: HostileProvider;
let acme: Org;
let buyer: Org;
let directory: Directory;
let connection: string;

beforeAll(async () => {
  world = await ssoWorld();
  provider = await hostileProvider();
  acme = await world.server.organization("acme");
  buyer = await world.server.organization("buyer");
  // That of the people whom tests/second-factors.ts makes.
  await world.verifyDomain(buyer, "second.example");
  connection = await world.connect(buyer, provider.issuer);
  directory = await connectDirectory(world.server, buyer);
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});
const matters = mattersOn(() => world.db);
let numbers = 0;

type Take = (who: Account) => Promise<string>;
const bySingleSignOn: Take = async ({ email }) => {
  provider.person = { sub: email, email, email_verified: true };
  const browser = world.server.stranger();
  const location = await world.begin(browser, connection);
  const came = cameIn(await world.arrive(browser, connection, provider.authorize(location)));
  return came ? "in" : String((await world.reasons(buyer))[0]);
};
const byDirectory: Take = async ({ email }) => {
  const { status, json } = await directory.post("/Users", {
    ...userNamed(email, "buyer"),
    userName: email,
    emails: [{ value: email, primary: true }],
  });
  return status === 201 ? "in" : `${status} ${json.detail}`;
};
const ways = { "single sign-on": bySingleSignOn, "a directory": byDirectory };

/** The one owner who gets into acme without single sign-on: a password, a factor, a key, and no mailbox that anybody has proved. */
async function breakGlassOwner(): Promise<Account & { readonly key: string }> {
  await world.db.query("update kernel.tenant set sso_enforced = false where id = $1", [acme.id]);
  const who = await account(world.server, acme, "owner");
  await enrolTotp(who.browser);
  const { json } = await who.browser.post("/o/acme/v1/keys", { name: "Mine" });
  await world.db.query("update kernel.membership set break_glass = (id = $2) where tenant_id = $1", [
    acme.id,
    who.memberId,
  ]);
  await world.db.query("update kernel.tenant set sso_enforced = true where id = $1", [acme.id]);
  return { ...who, key: json.key };
}

/** What of theirs is still good. */
async function left(who: Account & { readonly key: string }): Promise<object> {
  const { rows } = await world.db.query(
    `select kernel.break_glass_left($1, null) as way,
            (select count(*)::integer from kernel.factor where person_id = $2) as factors`,
    [acme.id, who.personId],
  );
  return {
    session: (await who.browser.get("/o/acme/v1/contacts")).status,
    key: (await world.server.bearer(who.key).get("/v1/contacts")).status,
    password: (await passFirstFactor(world.server, who)).answer.status,
    ...rows[0],
  };
}
const all = { session: 200, key: 200, password: 200, way: true, factors: 1 };

attack(
  {
    id: "F-reclaim-owner",
    title:
      "the buyer of a domain has single sign-on, and a directory, make a member of another organization's owner who never proved that address",
    expected: "refused; password, factor, session, key and the way past single sign-on stay",
  },
  async () => {
    for (const [name, take] of Object.entries(ways)) {
      const who = await breakGlassOwner();
      expect([name, await take(who)]).toEqual([
        name,
        name === "a directory"
          ? "409 whoever has this address belongs to another organization and has never shown that the mailbox is theirs: invite them"
          : "member elsewhere, mailbox never proved",
      ]);
      expect([name, await left(who)]).toEqual([name, all]);
      const { rows } = await world.db.query(
        "select count(*)::integer as count from kernel.membership where person_id = $1",
        [who.personId],
      );
      expect(rows).toEqual([{ count: 1 }]);
    }
    return "refused; password, factor, session, key and the way past single sign-on stay";
  },
);

attack(
  {
    id: "F-reclaim-ahead",
    title:
      "an account that somebody made ahead for an address, and that belongs nowhere any more, waits for its owner (better-auth GHSA-g38m-r43w-p2q7)",
    expected: "taken: no password, factor, session or key of theirs",
  },
  async () => {
    for (const [name, take] of Object.entries(ways)) {
      const gone = await world.server.organization(
        `gone-${newToken()
          .slice(0, 6)
          .toLowerCase()
          .replaceAll(/[^a-z0-9]/g, "x")}`,
      );
      const who = await account(world.server, gone, "member");
      await enrolTotp(who.browser);
      expect((await gone.browser.delete(`/o/${gone.slug}/v1/members/${who.memberId}`)).status).toBe(204);
      expect((await who.browser.get("/auth/me")).status).toBe(200);
      expect([name, await take(who)]).toEqual([name, "in"]);
      const { rows } = await world.db.query(
        `select verifier, second_factor_since, (select count(*)::integer from kernel.factor where person_id = p.id) as factors
           from kernel.person p where id = $1`,
        [who.personId],
      );
      expect(rows).toEqual([{ verifier: null, second_factor_since: null, factors: 0 }]);
      expect((await who.browser.get("/auth/me")).status).toBe(401);
      expect((await passFirstFactor(world.server, who)).answer.status).toBe(401);
    }
    return "taken: no password, factor, session or key of theirs";
  },
);

/** What becomes of somebody's password who belongs to a closed organization only. */
async function ofClosed(): Promise<string> {
  const closed = await world.server.organization(`closed-${(numbers += 1)}`);
  const who = await account(world.server, closed, "member");
  await world.db.query("update kernel.tenant set state = 'closed' where id = $1", [closed.id]);
  const came = await bySingleSignOn(who);
  const { rows } = await world.db.query("select verifier from kernel.person where id = $1", [who.personId]);
  return `${came}, password ${rows[0].verifier === null ? "gone" : "kept"}`;
}

matters(
  "reclaim-closed",
  "the question whether an organization that somebody belongs to is closed, where an address is taken",
  ["in, password gone", "member elsewhere, mailbox never proved, password kept"],
  ofClosed,
  less("kernel.reclaim_person(uuid)", ["t.state <> 'closed'", "true"]),
);

attack(
  {
    id: "F-reclaim-proved",
    title: "the same of somebody who has set a password by a letter to that mailbox, and belongs elsewhere",
    expected: "in, and nothing taken",
  },
  async () => {
    const who = await breakGlassOwner();
    const token = newToken();
    await world.db.query(
      `insert into kernel.ticket (digest, purpose, person_id, expires_at)
       values (kernel.ticket_digest('password-reset', $1), 'password-reset', $2, now() + interval '1 hour')`,
      [sha256(token), who.personId],
    );
    const { password } = who;
    const reset = await world.server.stranger().post("/auth/password-reset/redeem", { token, password });
    expect(reset.status).toBeLessThan(300);
    expect(await byDirectory(who)).toBe("in");
    // Its sessions ended with the old password.
    expect(await left(who)).toEqual({ ...all, session: 401 });
    return "in, and nothing taken";
  },
);

for (const [name, take] of Object.entries(ways))
  matters(
    `reclaim-elsewhere-${name === "a directory" ? "scim" : "sso"}`,
    `the question whether somebody belongs to another organization, asked before an address is taken by ${name}`,
    ["stays", "stripped"],
    async () => {
      const who = await breakGlassOwner();
      await take(who);
      const { rows } = await world.db.query("select second_factor_since from kernel.person where id = $1", [
        who.personId,
      ]);
      return rows[0].second_factor_since === null ? "stripped" : "stays";
    },
    less("kernel.reclaim_person(uuid)", ["return false;", "null;"]),
  );

matters(
  "reclaim-joining",
  "the lock under which it is looked whether somebody belongs elsewhere",
  ["stays", "stripped"],
  async () => {
    const gone = await world.server.organization(`left-${Date.now().toString(36)}`);
    const who = await account(world.server, gone, "member");
    await gone.browser.delete(`/o/${gone.slug}/v1/members/${who.memberId}`);
    const [joining, taking] = [
      await world.server.database.connectAsSuperuser(),
      await world.server.database.connectAsSuperuser(),
    ];
    await joining.query("begin");
    await joining.query(
      "insert into kernel.membership (tenant_id, person_id, roles, permissions) values ($1, $2, '{viewer}', '{}')",
      [acme.id, who.personId],
    );
    const taken = taking.query("select kernel.reclaim_person($1)", [who.personId]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await joining.query("commit");
    await taken;
    const { rows } = await world.db.query("select verifier from kernel.person where id = $1", [who.personId]);
    return rows[0].verifier === null ? "stripped" : "stays";
  },
  less("kernel.reclaim_person(uuid)", [" for update", ""]),
);
