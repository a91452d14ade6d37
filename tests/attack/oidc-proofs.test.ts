import { afterAll, beforeAll, expect } from "vitest";
import { type HostileProvider, hostileProvider, type Tricks } from "../hostile-provider.ts";
import { proves } from "../proves.ts";
import { cameIn, type Org, ssoWorld, type SsoWorld } from "../sso-world.ts";
import { attack } from "./attack.ts";

// An address counts for the identity of which the provider says in one breath that it has it, and for no other.

proves("IAM-7");

let world: SsoWorld;
let first: HostileProvider;
let second: HostileProvider;
let acme: Org;

beforeAll(async () => {
  world = await ssoWorld();
  [first, second] = [await hostileProvider(), await hostileProvider()];
  acme = await world.server.organization("acme");
  await world.verifyDomain(acme, "corp.example");
});
afterAll(async () => {
  await world.stop();
  await Promise.all([first.stop(), second.stop()]);
});

/** Signs in with what the id token says, and what the provider adds when it is asked: whether somebody came in, or why not. */
async function tried(
  provider: HostileProvider,
  connection: string,
  token: Record<string, unknown>,
  userinfo?: Tricks["userinfo"],
): Promise<string> {
  provider.person = token;
  provider.tricks.userinfo = userinfo;
  const browser = world.server.stranger();
  const location = await world.begin(browser, connection);
  const came = cameIn(await world.arrive(browser, connection, provider.authorize(location)));
  return came ? "in" : String((await world.reasons(acme))[0]);
}

attack(
  {
    id: "F-proof-of-another",
    title:
      "have the proof of one address or identity count for another one: word and address from two places, another subject's answer, another provider's word (Keycloak CVE-2026-9087)",
    expected: "refused; nobody linked",
  },
  async () => {
    const [one, two] = [await world.connect(acme, first.issuer), await world.connect(acme, second.issuer)];
    const victim = await world.server.person(acme, "member");
    const email = "victim@corp.example";
    await world.db.query("update kernel.person set email = $2, email_proved_at = now() where id = $1", [
      victim.personId,
      email,
    ]);
    const unproved = "address not vouched for";
    // The word in the token, the address elsewhere; and the other way round.
    expect(await tried(first, one, { sub: "t", email_verified: true }, () => ({ sub: "t", email }))).toBe(
      unproved,
    );
    expect(
      await tried(first, one, { sub: "t", email }, () => ({
        sub: "t",
        email: "thief@corp.example",
        email_verified: true,
      })),
    ).toBe(unproved);
    // What the provider says of somebody else.
    expect(await tried(first, one, { sub: "t" }, () => ({ sub: "v", email, email_verified: true }))).not.toBe(
      "in",
    );
    const links = "select count(*)::integer as count from kernel.sso_identity where person_id = $1";
    expect((await world.db.query(links, [victim.personId])).rows).toEqual([{ count: 0 }]);
    // What one provider has proved is nothing that another one's identity could lean on.
    expect(await tried(first, one, { sub: "v", email, email_verified: true })).toBe("in");
    expect(await tried(second, two, { sub: "t", email })).toBe(unproved);
    expect(await tried(second, two, { sub: "v", email })).toBe(unproved);
    expect((await world.db.query(links, [victim.personId])).rows).toEqual([{ count: 1 }]);
    return "refused; nobody linked";
  },
);
