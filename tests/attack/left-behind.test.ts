import type { Client as Database } from "pg";
import { afterAll, beforeAll, expect } from "vitest";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import { linkTo, setPassword } from "../mail-ground.ts";
import { proves } from "../proves.ts";
import { connectDirectory, userNamed, verifyDomain } from "../scim-ground.ts";
import {
  account,
  type Account,
  codeOf,
  earlyInStep,
  enrolTotp,
  forgetSteps,
  passFirstFactor,
} from "../second-factors.ts";
import { testServer, type TestServer } from "../server.ts";
import type { Org } from "../sso-world.ts";
import { less, mattersOn } from "./take-away.ts";

// What ends takes along what it had opened the way for: links that were mailed, sign-ins that wait, browsers that are known.

proves("IAM-6", "IAM-13");

let server: TestServer;
let db: Database;
let acme: Org;

beforeAll(async () => {
  server = await testServer();
  db = await server.database.connectAsSuperuser();
  acme = await server.organization("acme");
  await verifyDomain(server, acme);
});
afterAll(() => server.stop());
const matters = mattersOn(() => db);

/** A link of this purpose, as it was mailed; the token. */
async function mailed(purpose: string, personId: string, payload: object | null = null): Promise<string> {
  const token = newToken();
  await db.query(
    `insert into kernel.ticket (digest, purpose, person_id, payload, expires_at)
     values (kernel.ticket_digest($1, $2), $1, $3, $4, now() + interval '10 min')`,
    [purpose, sha256(token), personId, payload === null ? null : JSON.stringify(payload)],
  );
  return token;
}
const liveLinks = async (personId: string): Promise<string[]> => {
  const { rows } = await db.query(
    "select purpose from kernel.ticket where person_id = $1 and used_at is null and ended_at is null order by 1",
    [personId],
  );
  return rows.map(({ purpose }) => String(purpose));
};
const browsersKnown = async (personId: string): Promise<string[]> => {
  const { rows } = await db.query(
    "select encode(digest, 'hex') as digest from kernel.known_device where person_id = $1",
    [personId],
  );
  return rows.map(({ digest }) => String(digest));
};
/** Shows the second factor of a sign-in that waits in this browser. */
async function goesOn(who: Account, waiting: Account["browser"], secret: string): Promise<string> {
  await earlyInStep();
  await forgetSteps(server, who.personId);
  const { status } = await waiting.post("/auth/second-factor", { method: "totp", code: codeOf(secret) });
  return status === 200 ? "in" : String(status);
}

matters(
  "left-restore",
  "the end of mailed links and known browsers with an owner's restore",
  ["nothing", "email-change-new, magic-link, password-reset and 2 browsers"],
  async () => {
    const who = await account(server, acme, "owner");
    for (const purpose of ["password-reset", "magic-link", "email-change-new"])
      await mailed(purpose, who.personId, { email: "thief@else.example" });
    await db.query("insert into kernel.known_device (person_id, digest) values ($1, sha256('thief'))", [
      who.personId,
    ]);
    const ticket = newToken();
    await db.query("select kernel.operator_open_restore('acme', $1, $2, 600)", [who.email, sha256(ticket)]);
    const { password } = who;
    const restored = await server.stranger().post("/auth/owner-restore/redeem", { token: ticket, password });
    expect(restored.status).toBe(200);
    const [links, known] = [await liveLinks(who.personId), await browsersKnown(who.personId)];
    return links.length + known.length === 0 ? "nothing" : `${links.join(", ")} and ${known.length} browsers`;
  },
  less("kernel.restore_owner(bytea,jsonb,bytea,bytea,uuid,inet,text)", [
    "perform kernel.end_sign_ins(ticket.person_id, null, 'owner restored');",
    "",
  ]),
);

matters(
  "left-password",
  "the end of what began with a password, or would set another one, when it is changed and sessions are kept",
  ["401, 403", "in, 204"],
  async () => {
    const who = await account(server, acme);
    const { secret } = await enrolTotp(who.browser);
    const { browser: thief } = await passFirstFactor(server, who);
    const reset = await mailed("password-reset", who.personId);
    const password = `three slow otters ${newToken()}`;
    const change = { current: who.password, password, endOthers: false };
    expect((await who.browser.post("/auth/password", change)).status).toBe(200);
    const seen = await goesOn(who, thief, secret);
    const again = { token: reset, password: `four slow otters ${newToken()}` };
    return `${seen}, ${(await server.stranger().post("/auth/password-reset/redeem", again)).status}`;
  },
  less("kernel.change_password(bytea,bytea,jsonb,bytea,boolean,uuid,text,bytea,uuid,inet,text)", [
    "perform kernel.end_begun(session.person_id, 'password', '{password-reset}', 'password changed');",
    "",
  ]),
);

matters(
  "left-mailbox",
  "the end of a sign-in that waits and began with a link to the former address",
  ["401", "in"],
  async () => {
    const who = await account(server, acme);
    const { secret } = await enrolTotp(who.browser);
    const waiting = server.stranger();
    const asking = newToken();
    waiting.cookies.set("__Host-browser", asking);
    const link = await mailed("magic-link", who.personId, {
      browser: sha256(sha256(asking)).toString("hex"),
    });
    expect((await waiting.post("/auth/magic-link/redeem", { token: link })).json.next).toBe("second-factor");
    const change = { change: crypto.randomUUID(), email: `moved-${who.email}` };
    for (const half of ["email-change-old", "email-change-new"]) {
      const token = await mailed(half, who.personId, change);
      expect((await server.stranger().post("/auth/email/redeem", { token })).status).toBeLessThan(300);
    }
    const { rows } = await db.query(
      "select email, email_proved_at is not null as proved from kernel.person where id = $1",
      [who.personId],
    );
    expect(rows).toEqual([{ email: change.email, proved: true }]);
    return goesOn(who, waiting, secret);
  },
  less("kernel.leave_mailbox(uuid)", [
    "kernel.end_begun(leave_mailbox.person, 'link'",
    "kernel.end_begun(leave_mailbox.person, 'no such'",
  ]),
);

/** A person whom a directory has made, who has signed in by a link, and to whom another one was mailed, before it gives them another address. */
async function moved(): Promise<{ link: string; proved: boolean }> {
  const directory = await connectDirectory(server, acme, { name: `Moves ${newToken()}` });
  const name = `maiden-${newToken()
    .replaceAll(/[^a-z0-9]/g, "")
    .slice(0, 8)}`;
  const { id } = await directory.user(name);
  const { rows } = await db.query("select id from kernel.person where email = $1", [`${name}@acme.example`]);
  const personId = String(rows[0].id);
  await db.query("update kernel.person set email_proved_at = now() where id = $1", [personId]);
  const token = await mailed("password-reset", personId);
  const email = `married-${name}@acme.example`;
  const put = await directory.put(`/Users/${id}`, {
    ...userNamed(name, "acme"),
    userName: email,
    emails: [{ value: email, primary: true }],
  });
  expect(put.status).toBe(200);
  const after = await db.query(
    "select email, email_proved_at is not null as proved from kernel.person where id = $1",
    [personId],
  );
  expect(after.rows[0].email).toBe(email);
  const password = `three slow otters ${newToken()}`;
  const answer = await server.stranger().post("/auth/password-reset/redeem", { token, password });
  return { link: String(answer.status), proved: after.rows[0].proved };
}

matters(
  "left-address-links",
  "the end of what was mailed to an address that a directory has taken from somebody",
  ["403", "204"],
  async () => (await moved()).link,
  less("kernel.scim_write_user(kernel.scim_connection,uuid,jsonb)", [
    "perform kernel.leave_mailbox(belongs.person_id);",
    "",
  ]),
);

matters(
  "left-address-proof",
  "the end of the proof of a mailbox when a directory gives somebody another one",
  ["nothing is known", "proved"],
  async () => ((await moved()).proved ? "proved" : "nothing is known"),
  less("kernel.scim_write_user(kernel.scim_connection,uuid,jsonb)", [
    "email_proved_at = case when not movable or lower(p.email) = lower(address) then p.email_proved_at end",
    "email_proved_at = p.email_proved_at",
  ]),
);

matters(
  "left-browsers",
  "the end of knowing other browsers when all other sessions are ended",
  ["this one", "both"],
  async () => {
    const who = await server.person(acme, "member");
    const password = "quite-long winter 47 ferns";
    await setPassword(server.database, who.email, password);
    const [mine, stolen] = [server.stranger(), server.stranger()];
    for (const browser of [mine, stolen])
      expect((await browser.post("/auth/sign-in", { email: who.email, password })).status).toBe(200);
    const mark = (browser: Account["browser"]): string =>
      sha256(sha256(browser.cookies.get("__Host-device") ?? "")).toString("hex");
    expect(new Set(await browsersKnown(who.personId))).toEqual(new Set([mark(mine), mark(stolen)]));
    expect((await mine.delete("/auth/sessions")).status).toBe(200);
    const known = await browsersKnown(who.personId);
    expect(known).toContain(mark(mine));
    return known.length === 1 ? "this one" : "both";
  },
  less("kernel.end_session(bytea,uuid,uuid,inet,text,bytea)", [
    "if target is null and caller.sso_tenant_id is null then",
    "if false then",
  ]),
);

matters(
  "robots-invitation",
  "the rule that what a service account sends is sent by whoever made its key: an admin lets it invite them, with the owner to answer for it, before they are removed",
  ["403 403", "200 200"],
  async () => {
    const mallory = await server.person(acme, "admin");
    const robot = await mallory.browser.post("/o/acme/v1/service-accounts", {
      name: "Robot",
      roles: ["admin"],
      answerableId: acme.owner.memberId,
    });
    const its = await mallory.browser.post(`/o/acme/v1/service-accounts/${robot.json.id}/keys`, {
      name: "x",
    });
    const program = server.bearer(its.json.key);
    const email = `${newToken().slice(0, 12).toLowerCase()}@elsewhere.example`.replaceAll(/[_-]/g, "x");
    expect((await program.post("/v1/invitations", { email, roles: ["admin"] })).status).toBe(201);
    const { token } = await linkTo(server.database, email, "invitation");
    const link = await program.post("/v1/sso-setup-links", { name: "Ours" });
    expect(link.status).toBe(201);
    const setup = String(link.json.link).replace(/^.*token=/, "");
    expect((await acme.browser.delete(`/o/acme/v1/members/${mallory.memberId}`)).status).toBe(204);
    const stranger = server.stranger();
    const [invited, sets] = [
      await stranger.get(`/auth/invitations/${token}`),
      await stranger.get(`/auth/sso-setup/${setup}`),
    ];
    return `${invited.status} ${sets.status}`;
  },
  less("kernel.hands_of()", [/COALESCE\(c\.made_by,/g, "COALESCE(NULL::uuid,"]),
);
