import type { Client } from "pg";
import { expect } from "vitest";
import { newApiKey, newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { doorWord, doorWordKeys, vouch } from "../../server/kernel/vault/index.ts";
import { boundAs, type Member, type Organization } from "../installed-database.ts";
import { trialDoorWord, trialDoorWords } from "../seed.ts";
import { attack as declared } from "./attack.ts";
import { attackGround, codeOf } from "./attack-ground.ts";

/** What the rooms of identity leave open between them; each was a hole once. */
const ground = attackGround(false);

function attack(row: Parameters<typeof declared>[0], run: () => Promise<string>): void {
  declared(row, async () => {
    const seen = await run();
    expect(seen).toBe(row.expected);
    return seen;
  });
}

attack(
  {
    id: "S-invited-account",
    title:
      "invite somebody else's passwordless member by a link that one has made oneself, with the API door's password; set a password",
    expected: "RF401",
  },
  async () => {
    const { victim, address } = await passwordless(ground.acme);
    const ticket = await invitation(ground.rival, ground.rival.owner, address, "viewer");
    const seen = await accepting(ticket, newToken());
    await gone(victim);
    return seen;
  },
);

attack(
  {
    id: "S-invited-known",
    title: "learn by inviting an address whether it has an account somewhere, as the owner who invites",
    expected: "the same for both",
  },
  async () => {
    const { acme, rival } = ground;
    const known = (await ground.db.member(acme, "member")).email;
    const shown: string[] = [];
    for (const address of [known, `nobody-${newToken().slice(0, 8).toLowerCase()}@elsewhere.example`]) {
      const ticket = await invitation(rival, rival.owner, address, "viewer");
      expect(ticket).not.toBe("");
      shown.push(
        await seenInOrganization(rival, address, [
          ["member.read", "select * from kernel.invitations where email = $1"],
          ["outbox.reveal", "select * from kernel.outbox where to_address = $1"],
          ["audit.read", "select * from kernel.audit_trail where after ->> 'email' = $1"],
        ]),
      );
    }
    expect(shown[0]).toContain("waiting");
    expect(new Set(shown).size).toBe(1);
    return "the same for both";
  },
);

attack(
  {
    id: "S-invited-letter",
    title: "read the letter of one's own invitation, whose link shows who reads the mailbox",
    expected: "0 rows, 42501, 42501, 42501",
  },
  async () => {
    const { rival } = ground;
    const address = "reader@elsewhere.example";
    await invitation(rival, rival.owner, address, "viewer");
    const seen: string[] = [];
    for (const text of [
      "select body from kernel.outbox where to_address = $1",
      "select body from kernel.person_mail where to_address = $1",
      "select * from kernel.operator_person_outbox($1)",
      "select * from kernel.lease_person_mail(sha256($1::bytea), 60, 50)",
    ])
      seen.push(await inOrganization(rival, rival.owner.token, ["outbox.reveal"], text, [address]));
    return seen.join(", ");
  },
);

attack(
  {
    id: "S-account-ahead",
    title: "make an account for an address that is not one's own, and wait until its directory takes it in",
    expected: "RF409, RF404",
  },
  async () => {
    const [address, session] = ["newcomer@directory.example", newToken()];
    await accepting(await invitation(ground.rival, ground.rival.owner, address, "viewer"), session);
    const directory = await directoryOf(ground.acme, "directory.example");
    // Nor is it taken from the organization that it belongs to: the newcomer is invited, or proves their mailbox (tests/attack/unproved-mailbox.test.ts).
    const taken = await inOrganization(
      ground.acme,
      directory,
      ["member.provision"],
      "select kernel.scim_create_user($1)",
      [{ email: address, userName: address, name: "New", active: true, attributes: {}, externalId: "1" }],
    );
    return `${taken}, ${await inOrganization(ground.acme, session, ["contact.read"], "select 1")}`;
  },
);

attack(
  {
    id: "S-stale-invitation",
    title: "make an owner by invitation with a session whose proof is a day old",
    expected: "RF403",
  },
  async () => {
    const { acme, db } = ground;
    const owner = await db.member(acme, "owner");
    await asSuperuser(
      "update kernel.credential set proved_at = now() - interval '1 day' where digest = sha256($1)",
      [sha256(owner.token)],
    );
    return inOrganization(
      acme,
      owner.token,
      ["member.invite"],
      "select kernel.invite('thief@elsewhere.example', '{owner}', $1, 3600, $2, 'Join', '\\x00')",
      [sha256(newToken()), uuidv7()],
    );
  },
);

attack(
  {
    id: "S-tokens-outlive",
    title: "keep a program's tokens through the change of the password of the session that they came from",
    expected: "RF401",
  },
  async () => {
    const { acme, db } = ground;
    const member = await db.member(acme, "member");
    const access = `a.${newToken()}`;
    await asAuth("select kernel.issue_tokens($1, null, $2, $3, $4, null, 'thief')", [
      sha256(member.token),
      sha256(access),
      sha256(newToken()),
      uuidv7(),
    ]);
    await asAuth(
      "select kernel.change_password($1, $2, '{}', $3, true, $4, 'Changed', '\\x00', $5, null, 'a test')",
      [sha256(member.token), member.derived, sha256(sha256("new")), uuidv7(), uuidv7()],
    );
    return inOrganization(acme, access, ["contact.read"], "select 1");
  },
);

attack(
  {
    id: "S-displaced",
    title: "end somebody's sessions elsewhere by twenty sign-ins at one's own identity provider",
    expected: "1 row",
  },
  async () => {
    const { acme, rival, db } = ground;
    const member = await db.member(acme, "member");
    for (let i = 0; i < 20; i += 1) {
      await asSuperuser("select kernel.mint_session($1, $2, null, 'provider', '{sso}', $3)", [
        member.personId,
        sha256(newToken()),
        rival.id,
      ]);
    }
    return inOrganization(acme, member.token, ["contact.read"], "select 1");
  },
);

attack(
  {
    id: "S-pending-outlives",
    title: "finish a sign-in that waits for its second factor after its person has ended all others",
    expected: "0 rows",
  },
  async () => {
    const { acme, db } = ground;
    const member = await db.member(acme, "member");
    await asSuperuser("update kernel.person set second_factor_since = now() where id = $1", [
      member.personId,
    ]);
    await asAuth("select kernel.sign_in($1, $2, $3, $4, null, 'thief', null, null)", [
      member.email,
      member.derived,
      sha256(newToken()),
      uuidv7(),
    ]);
    await asAuth("select kernel.end_session($1, null, $2, null, 'a test')", [sha256(member.token), uuidv7()]);
    return asSuperuser(
      "select from kernel.credential where person_id = $1 and kind = 'pending' and ended_at is null",
      [member.personId],
    );
  },
);

attack(
  {
    id: "S-directory-ceiling",
    title: "remove an admin by a directory of one's own, as somebody who may not remove them by hand",
    expected: "RF403, RF403",
  },
  async () => {
    const { acme, db } = ground;
    const [admin, helper] = [await db.member(acme, "admin"), await db.member(acme, "viewer")];
    await inOrganization(
      acme,
      acme.owner.token,
      ["role.change"],
      `select kernel.create_role('Helpdesk', '', '{security.change,member.invite,member.change,member.read,organization.read}')`,
    );
    await inOrganization(
      acme,
      acme.owner.token,
      ["member.change"],
      "select kernel.change_roles($1, '{helpdesk}', null)",
      [helper.memberId],
    );
    const byHand = await inOrganization(
      acme,
      helper.token,
      ["member.change"],
      "select kernel.end_membership($1)",
      [admin.memberId],
    );
    const byDirectory = await inOrganization(
      acme,
      helper.token,
      ["security.change"],
      "select kernel.scim_open('mine', null, '{}', '{}', $1, 'tail', now() + interval '1 year')",
      [sha256(newApiKey("scim").token)],
    );
    return `${byHand}, ${byDirectory}`;
  },
);

attack(
  {
    id: "S-leaver-holds-rows",
    title: "hold one's own membership locked in an open transaction of the API's door, to stay a member",
    expected: "removed",
  },
  async () => {
    const { acme, db } = ground;
    const admin = await db.member(acme, "admin");
    const holder = await ground.connect("api");
    await holder.query("set idle_in_transaction_session_timeout = 0");
    await holder.query("begin");
    await holder.query("select kernel.enter($1, 'acme', '{member.change}', null, '203.0.113.7', 'a test')", [
      sha256(admin.token),
    ]);
    await holder.query("select kernel.change_roles($1, '{admin}', null)", [admin.memberId]);
    const seen = await inOrganization(
      acme,
      acme.owner.token,
      ["member.change"],
      "select kernel.end_membership($1)",
      [admin.memberId],
    );
    await holder.query("rollback").catch(() => undefined);
    return seen === "1 row" ? "removed" : seen;
  },
);

attack(
  {
    id: "S-exchange-works",
    title: "take the rights of a key for an hour by exchange, and end the key",
    expected: "1 row, RF401",
  },
  async () => {
    const { acme, db } = ground;
    const [key, token] = [await db.key(acme, acme.owner), newToken()];
    const exchanged = await inOrganization(
      acme,
      key,
      ["contact.read"],
      "select kernel.exchange_key($1, 'tail', 600, null)",
      [sha256(token)],
    );
    await asSuperuser(
      "select kernel.end_credentials(array(select id from kernel.credential where digest = sha256($1)), 'revoked')",
      [sha256(key)],
    );
    return `${exchanged}, ${await inOrganization(acme, token, ["contact.read"], "select 1")}`;
  },
);

attack(
  {
    id: "S-door-mints-link",
    title: "sign in as anybody with the password of rf_auth alone, by a link whose digest one has chosen",
    expected: "RF403",
  },
  async () => {
    const { email } = ground.acme.owner;
    const ask = (ticket: Buffer, word: Buffer | null): Promise<string> =>
      asAuth(
        "select kernel.ask_magic_link($1, $2, $3, 900, $4, 'Sign in', '\\x00', $4, null, 'a test', $5)",
        [email, ticket, sha256("browser"), uuidv7(), word],
      );
    const [mailed, chosen] = [sha256(newToken()), sha256(newToken())];
    const said = doorWord(trialDoorWords, "magic-link", email, mailed);
    expect(await ask(mailed, said)).toBe("1 row");
    // One's own keys; what the database keeps, in place of the key that it does not; a word overheard for another link; cut, long, none.
    const own = doorWord(doorWordKeys(sha256("mine")), "magic-link", email, chosen);
    const kept = vouch(
      { inner: trialDoorWord.inner, outer: trialDoorWord.outerDigest },
      ["magic-link", email, chosen.toString("hex")].join("|"),
    );
    const reset = doorWord(trialDoorWords, "password-reset", email, chosen);
    const words = [own, kept, said, reset, said.subarray(0, 32), Buffer.alloc(0), Buffer.alloc(4096), null];
    const seen: string[] = [];
    for (const word of words) seen.push(await ask(chosen, word));
    expect(new Set(seen).size).toBe(1);
    return String(seen[0]);
  },
);

async function passwordless(organization: Organization): Promise<{ victim: string; address: string }> {
  const address = `guest-${newToken().slice(0, 8).toLowerCase()}@${organization.slug}.example`;
  const superuser = await ground.superuser();
  const { rows } = await superuser.query<{ id: string }>(
    `with made as (insert into kernel.person (email, name) values ($1, 'Guest') returning id)
     insert into kernel.membership (tenant_id, person_id, roles, permissions) select $2, id, '{admin}', '{}' from made returning person_id as id`,
    [address, organization.id],
  );
  await superuser.end();
  const [row] = rows;
  expect(row).toBeDefined();
  return { victim: row?.id ?? "", address };
}

async function gone(person: string): Promise<void> {
  await asSuperuser("update kernel.membership set ended_at = now() where person_id = $1", [person]);
}

async function invitation(
  organization: Organization,
  by: Member,
  address: string,
  role: string,
): Promise<string> {
  const ticket = newToken();
  const seen = await inOrganization(
    organization,
    by.token,
    ["member.invite"],
    "select kernel.invite($1, $2, $3, 3600, $4, 'Join', '\\x00')",
    [address, [role], sha256(ticket), uuidv7()],
  );
  expect(seen).toBe("1 row");
  return ticket;
}

function accepting(ticket: string, session: string): Promise<string> {
  return asAuth("select kernel.accept_invitation($1, null, 'Thief', '{}', $2, $3, $4, null, 'a test')", [
    sha256(ticket),
    sha256(sha256("the thief's")),
    sha256(session),
    uuidv7(),
  ]);
}

async function directoryOf(organization: Organization, domain: string): Promise<string> {
  const { token } = newApiKey("scim");
  const owner = organization.owner.token;
  await inOrganization(organization, owner, ["security.change"], "select kernel.add_domain($1, $2)", [
    domain,
    "x".repeat(43),
  ]);
  await asSuperuser("update kernel.domain set verified_at = now() where name = $1", [domain]);
  const opened = await inOrganization(
    organization,
    owner,
    ["security.change"],
    "select kernel.scim_open('directory', 'viewer', '{}', '{}', $1, 'tail', now() + interval '1 year')",
    [sha256(token)],
  );
  expect(opened).toBe("1 row");
  return token;
}

async function inOrganization(
  { slug }: Organization,
  token: string,
  needs: readonly string[],
  text: string,
  values: unknown[] = [],
): Promise<string> {
  const api = await ground.connect("api");
  return told(api, () => boundAs(api, { token, slug, needs }, () => api.query(text, values)));
}

/** What these questions show, less what differs by chance. */
async function seenInOrganization(
  { slug, owner }: Organization,
  address: string,
  questions: readonly (readonly [need: string, text: string])[],
): Promise<string> {
  const api = await ground.connect("api");
  const seen: unknown[] = [];
  for (const [need, text] of questions) {
    const { rows } = await boundAs(api, { token: owner.token, slug, needs: [need] }, () =>
      api.query<Record<string, unknown>>(text, [address]),
    );
    seen.push(rows);
  }
  await api.end();
  return JSON.stringify(seen)
    .replaceAll(address, "the address")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:.]+Z/g, "…");
}

async function asAuth(text: string, values: unknown[]): Promise<string> {
  const auth = await ground.connect("auth");
  return told(auth, () => auth.query(text, values));
}

async function asSuperuser(text: string, values: unknown[]): Promise<string> {
  const superuser = await ground.superuser();
  return told(superuser, () => superuser.query(text, values));
}

async function told(client: Client, work: () => Promise<{ rowCount: number | null }>): Promise<string> {
  try {
    const { rowCount } = await work();
    return `${rowCount ?? 0} ${rowCount === 1 ? "row" : "rows"}`;
  } catch (error) {
    return codeOf(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
