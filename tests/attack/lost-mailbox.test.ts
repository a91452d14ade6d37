import { afterAll, beforeAll, expect } from "vitest";
import { type HostileProvider, hostileProvider } from "../hostile-provider.ts";
import { lettersTo, setPassword } from "../mail-ground.ts";
import { proves } from "../proves.ts";
import { cameIn, type Org, ssoWorld, type SsoWorld } from "../sso-world.ts";
import { attack } from "./attack.ts";
import { less, mattersOn } from "./take-away.ts";

// A domain goes to somebody else, and its mailboxes with it: who reads them now is let into nothing of those who read them before, and who read
// them before is let into nothing of the new owner's.

proves("IAM-7", "ISO-1");

let world: SsoWorld;
let provider: HostileProvider;
let acme: Org;
let other: Org;
let buyer: Org;
let number = 0;
const password = "quite-long winter 47 ferns";

beforeAll(async () => {
  world = await ssoWorld();
  provider = await hostileProvider();
  acme = await world.server.organization("acme");
  other = await world.server.organization("other");
  buyer = await world.server.organization("buyer");
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});
const matters = mattersOn(() => world.db);

interface Kept {
  readonly email: string;
  readonly personId: string;
  readonly memberId: string;
  /** Has DNS show no record of acme's any more, and acme look again. */
  readonly lose: (days: number) => Promise<void>;
  /** Has DNS show the buyer's record, and no other. */
  readonly sell: () => Promise<void>;
  readonly regain: () => Promise<void>;
}

/** A member of this organization at a domain that acme has verified; with a password, and a mailbox that was shown to be theirs. */
async function atDomain(organization: Org, proved = true): Promise<Kept> {
  const name = `domain${(number += 1)}.example`;
  const id = await world.verifyDomain(acme, name);
  const record = `_ringfence.${name}`;
  const shown = world.names.records.get(record) ?? [];
  const { personId, memberId } = await world.server.database.member(organization, "member");
  const email = `ada@${name}`;
  await world.db.query("update kernel.person set email = $2, email_proved_at = $3 where id = $1", [
    personId,
    email,
    proved ? new Date(Date.now() - 3_600_000) : null,
  ]);
  await setPassword(world.server.database, email, password);
  const check = (who: Org, domain: string) => who.browser.post(`/o/${who.slug}/v1/domains/${domain}/check`);
  const lose = async (days: number): Promise<void> => {
    world.names.records.delete(record);
    for (const age of [days, 0]) {
      await check(acme, id);
      await world.db.query(
        "update kernel.domain set missing_since = missing_since - make_interval(days => $2) where id = $1",
        [id, age],
      );
    }
  };
  return {
    email,
    personId,
    memberId,
    lose,
    sell: async () => {
      await lose(2);
      await world.verifyDomain(buyer, name);
    },
    regain: async () => {
      world.names.records.set(record, shown);
      await check(acme, id);
    },
  };
}

/** The letters that come of asking for a link to sign in and for a new password. */
async function lettersOf(email: string): Promise<string> {
  await world.db.query("delete from kernel.person_mail");
  for (const path of ["/auth/magic-link", "/auth/password-reset"])
    expect((await world.server.stranger().post(path, { email })).status).toBe(202);
  const purposes = (await lettersTo(world.server.database, email)).map(({ purpose }) => purpose);
  return purposes.toSorted().join(" and ") || "none";
}

const signsIn = async (email: string): Promise<number> =>
  (await world.server.stranger().post("/auth/sign-in", { email, password })).status;

attack(
  {
    id: "F-lost-links",
    title:
      "whoever has bought a domain reads the links that are mailed to its addresses, and so signs in as a member of who had it",
    expected: "none is mailed; passwords stay; all is as before when the domain is theirs again",
  },
  async () => {
    for (const proved of [true, false]) {
      const sold = await atDomain(acme, proved);
      expect(await lettersOf(sold.email)).toBe("magic-link and password-reset");
      await sold.sell();
      expect([await lettersOf(sold.email), await signsIn(sold.email)]).toEqual(["none", 200]);
      const trail = await acme.browser.get("/o/acme/v1/audit-events?action=magic-link-withheld&limit=1");
      expect(trail.json.items[0]).toMatchObject({ actorEmail: sold.email, severity: "notice" });
    }
    const lapsed = await atDomain(acme);
    await lapsed.lose(8);
    expect([await lettersOf(lapsed.email), await signsIn(lapsed.email)]).toEqual(["none", 200]);
    await lapsed.regain();
    expect(await lettersOf(lapsed.email)).toBe("magic-link and password-reset");
    return "none is mailed; passwords stay; all is as before when the domain is theirs again";
  },
);

attack(
  {
    id: "F-lost-elsewhere",
    title: "somebody at a sold domain who belongs to an organization that never had it",
    expected: "the mailbox is theirs who read it: letters go there as ever",
  },
  async () => {
    const sold = await atDomain(other);
    await sold.sell();
    expect(await lettersOf(sold.email)).toBe("magic-link and password-reset");
    return "the mailbox is theirs who read it: letters go there as ever";
  },
);

/** What becomes of the account when the buyer's provider says that this is the reader of the mailbox. */
async function byProvider({ email, personId }: Kept): Promise<string> {
  provider.person = { sub: email, email, email_verified: true };
  const connection = await world.connect(buyer, provider.issuer);
  const browser = world.server.stranger();
  const location = await world.begin(browser, connection);
  const came = cameIn(await world.arrive(browser, connection, provider.authorize(location)));
  const { rows } = await world.db.query(
    "select verifier is not null as kept from kernel.person where id = $1",
    [personId],
  );
  return `${came ? "in" : String((await world.reasons(buyer))[0])}, password ${rows[0].kept ? "kept" : "gone"}`;
}

attack(
  {
    id: "F-lost-proof",
    title:
      "whoever read a mailbox before its domain was sold becomes a member of the buyer with the password from then, as soon as the buyer's provider names the address",
    expected: "a member elsewhere stays outside; an account that belongs nowhere loses its password",
  },
  async () => {
    const member = await atDomain(acme);
    await member.sell();
    expect(await byProvider(member)).toBe("member elsewhere, mailbox never proved, password kept");
    const left = await atDomain(acme);
    await acme.browser.delete(`/o/acme/v1/members/${left.memberId}`);
    await left.sell();
    expect(await byProvider(left)).toBe("in, password gone");
    return "a member elsewhere stays outside; an account that belongs nowhere loses its password";
  },
);

matters(
  "mailbox-lost",
  "the question whether an organization has lost the domain of a mailbox, when links are mailed",
  ["none", "magic-link and password-reset"],
  async () => {
    const sold = await atDomain(acme);
    await sold.sell();
    return lettersOf(sold.email);
  },
  less("kernel.grant_wishes()", ["and not kernel.mailbox_lost(person.id)", ""]),
);

matters(
  "mailbox-proof",
  "the question whether a proof of a mailbox is older than the loss of its domain",
  ["member elsewhere, mailbox never proved, password kept", "in, password kept"],
  async () => {
    const sold = await atDomain(acme);
    await sold.sell();
    return byProvider(sold);
  },
  less("kernel.reclaim_person(uuid)", ["kernel.mailbox_proved_at(p.id)", "p.email_proved_at"]),
);

matters(
  "domain-lost-note",
  "the note of who has removed a domain, when another organization shows it to be its own",
  ["none", "magic-link and password-reset"],
  async () => {
    const sold = await atDomain(acme);
    await world.db.query("update kernel.domain set ended_at = now() where name = $1", [
      sold.email.split("@")[1],
    ]);
    await sold.sell();
    return lettersOf(sold.email);
  },
  less("kernel.note_record(kernel.domain,boolean)", ["if said = 'verified' then", "if false then"]),
);
