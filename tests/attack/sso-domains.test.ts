import { afterAll, beforeAll, expect } from "vitest";
import { type HostileProvider, hostileProvider } from "../hostile-provider.ts";
import { proves } from "../proves.ts";
import { cameIn, type Org, ssoWorld, type SsoWorld } from "../sso-world.ts";
import { attack } from "./attack.ts";
import { less, mattersOn } from "./take-away.ts";

// A domain whose record is gone: nobody is captured by who had it, nor locked out by one false answer of DNS.

proves("IAM-7", "ISO-1");

let world: SsoWorld;
let provider: HostileProvider;
let acme: Org;
let rival: Org;
let number = 0;

beforeAll(async () => {
  world = await ssoWorld();
  provider = await hostileProvider();
  acme = await world.server.organization("acme");
  rival = await world.server.organization("rival");
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});
const matters = mattersOn(() => world.db);

const check = (who: Org, id: string) => who.browser.post(`/o/${who.slug}/v1/domains/${id}/check`);
async function gone(): Promise<{ id: string; name: string }> {
  const name = `domain${(number += 1)}.example`;
  const id = await world.verifyDomain(acme, name);
  world.names.records.delete(`_ringfence.${name}`);
  return { id, name };
}
const age = (id: string, days: number) =>
  world.db.query(
    "update kernel.domain set missing_since = missing_since - make_interval(days => $2) where id = $1",
    [id, days],
  );

async function newcomer(): Promise<string> {
  const { id, name } = await gone();
  const connection = await world.connect(acme, provider.issuer);
  await check(acme, id);
  // Somebody of the domain's next owner, who has made an account here and has not shown their mailbox yet.
  await world.db.query("insert into kernel.person (email, name, verifier) values ($1, 'Next', sha256('x'))", [
    `ada@${name}`,
  ]);
  provider.person = { sub: "s", email: `ada@${name}`, email_verified: true };
  const browser = world.server.stranger();
  const location = await world.begin(browser, connection);
  const came = cameIn(await world.arrive(browser, connection, provider.authorize(location)));
  const { rows } = await world.db.query(
    "select verifier is not null as kept from kernel.person where email = $1",
    [`ada@${name}`],
  );
  return `${came ? "in" : "refused"}, account ${rows[0].kept ? "kept" : "taken"}`;
}

attack(
  {
    id: "G-gone-newcomer",
    title:
      "who had a domain signs in as somebody new of it, and so takes an account that was made there meanwhile",
    expected: "refused, account kept",
  },
  async () => {
    const seen = await newcomer();
    expect(seen).toBe("refused, account kept");
    return seen;
  },
);

async function claimed(days: number): Promise<string> {
  const { id, name } = await gone();
  await check(acme, id);
  await age(id, days);
  const added = (await rival.browser.post("/o/rival/v1/domains", { name })).json;
  world.names.records.set(added.record.name, [added.record.value]);
  const { status } = await check(rival, added.id);
  const { rows } = await world.db.query(
    "select t.slug from kernel.domain d join kernel.tenant t on t.id = d.tenant_id where d.name = $1 and d.verified_at is not null",
    [name],
  );
  return `${status}, ${rows.map(({ slug }) => slug).join(" and ")}`;
}

attack(
  {
    id: "G-claim",
    title: "claim a domain by one false answer of DNS, and when its record has been gone for more than a day",
    expected: "409; then it is theirs",
  },
  async () => {
    expect([await claimed(0), await claimed(2)]).toEqual(["409, acme", "200, rival"]);
    return "409; then it is theirs";
  },
);

async function checkedOnce(): Promise<string> {
  const { id } = await gone();
  return (await check(acme, id)).json.verifiedAt === null ? "withdrawn" : "counts";
}

const note = "kernel.note_record(kernel.domain,boolean)";
matters(
  "domain-grace",
  "the grace of a domain whose record is gone",
  ["counts", "withdrawn"],
  checkedOnce,
  less(note, [
    "when (was).missing_since <= now() - kernel.domain_grace() then 'withdrawn'",
    "when true then 'withdrawn'",
  ]),
);

matters(
  "domain-day",
  "the day for which a record must be gone before another's counts",
  ["409, acme", "200, rival"],
  () => claimed(0),
  less(note, ["holder.missing_since <= now() - interval '1 day'", "holder.missing_since <= now()"]),
);

matters(
  "domain-newcomer",
  "the question whether the record is there, of whom nobody knows yet",
  ["refused, account kept", "in, account taken"],
  newcomer,
  less("kernel.sso_member(kernel.sso_connection,text,text,text,boolean,text,text[],uuid,uuid,inet,text)", [
    "elsif not kernel.sso_vouches(connection, address, true) then",
    "elsif false then",
  ]),
);
