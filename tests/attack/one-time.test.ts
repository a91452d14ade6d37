import { expect } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import type { Member } from "../installed-database.ts";
import { lettersTo, linkTo } from "../mail-ground.ts";
import { proves } from "../proves.ts";
import { publicUrl } from "../server.ts";
import { attack } from "./attack.ts";
import { codeOf } from "./attack-ground.ts";
import { oneTimeGround, purposesOf } from "./one-time-ground.ts";

// Everything that is good once lies in one table and is used up by one statement; here many hands reach for it at once, and each
// artefact is shown at every door but its own.

proves("IAM-2", "IAM-3");

const ground = oneTimeGround();
const times = <T>(count: number, work: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => work(at)));

const recipe = '{"scheme":"argon2id","parameters":{},"salt":""}';
const letter = (): [string, string, Buffer] => [uuidv7(), "s", Buffer.from("sealed")];
const hands = [null, "203.0.113.1", "an attacker"];

/** The doors of this room that use a ticket up, as the server calls them. */
const doors: Readonly<Record<string, (token: string) => [text: string, values: unknown[]]>> = {
  setup: (token) => [
    "select kernel.claim_installation($1, $2, 'x@example.com', 'X', $3, $4, $5, $6, $7)",
    [
      sha256(token),
      '{"slug":"taken-over","name":"X","locale":"en","timeZone":"UTC","currency":"EUR"}',
      recipe,
      sha256("v"),
      sha256(newToken()),
      hands[1],
      hands[2],
    ],
  ],
  invitation: (token) => [
    "select kernel.accept_invitation($1, null, 'X', $2, $3, $4, $5, $6, $7)",
    [sha256(token), recipe, sha256("v"), sha256(newToken()), ...hands],
  ],
  "password-reset": (token) => [
    "select kernel.redeem_password_reset($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    [sha256(token), recipe, sha256("v"), ...letter(), ...hands],
  ],
  "magic-link": (token) => [
    "select kernel.redeem_magic_link($1, $2, $3, $4, $5, $6, $7)",
    [sha256(token), sha256("browser"), sha256("code"), sha256(newToken()), ...hands],
  ],
  "email-change": (token) => [
    "select kernel.redeem_email_change($1, $2, $3, $4, $5, 's', $6, $7, $8)",
    [sha256(token), uuidv7(), Buffer.from("x"), uuidv7(), Buffer.from("x"), ...hands],
  ],
  unlock: (token) => ["select kernel.redeem_unlock($1, $2, $3, $4)", [sha256(token), ...hands]],
};
const doorOf = (purpose: string): string => purpose.replace(/^(email-change)-.*/, "$1");
const payloadOf = (purpose: string): unknown =>
  purpose === "magic-link"
    ? { browser: sha256(sha256("browser")).toString("hex") }
    : { change: uuidv7(), email: `${uuidv7()}@example.com` };

attack(
  {
    id: "OT-1",
    title: "use up a ticket of each purpose 50 times at once (better-auth #9993)",
    expected: "once each",
  },
  async () => {
    const purposes = await purposesOf(ground.superuser());
    expect(purposes.length).toBeGreaterThanOrEqual(14);
    for (const purpose of purposes) {
      const token = await ground.ticket(purpose);
      const hand = await times(10, () => ground.database.connectAsSuperuser());
      const seen = await times(50, async (at) =>
        hand[at % hand.length]
          ?.query("select kernel.redeem($1, $2)", [sha256(token), purpose])
          .then(() => "used", codeOf),
      );
      expect([purpose, seen.filter((came) => came === "used").length]).toEqual([purpose, 1]);
      expect([purpose, seen.filter((came) => came === "RF403").length]).toEqual([purpose, 49]);
      await Promise.all(hand.map((each) => each.end()));
    }
    return "once each";
  },
);

attack(
  {
    id: "OT-2",
    title: "use up each ticket 50 times at once at its own door (better-auth #9993, GHSA-7w99-5wm4-3g79)",
    expected: "once each",
  },
  async () => {
    const purposes = Object.keys(doors).filter((purpose) => !["setup", "email-change"].includes(purpose));
    for (const purpose of [...purposes, "email-change-old", "email-change-new"]) {
      const token = await ground.ticket(purpose, { payload: payloadOf(purpose) });
      const door = doors[doorOf(purpose)];
      const seen = await times(50, async () =>
        door === undefined ? "no door" : ground.auth(...door(token)),
      );
      const refused = seen.filter((came) => came === "RF403").length;
      expect([purpose, refused, seen.length - refused]).toEqual([purpose, 49, 1]);
    }
    return "once each";
  },
);

attack(
  {
    id: "OT-3",
    title:
      "show a ticket of each purpose at every door but its own (Keycloak CVE-2026-4282: one store for all kinds)",
    expected: "RF403",
  },
  async () => {
    const purposes = await purposesOf(ground.superuser());
    const seen = new Set<unknown>();
    for (const made of purposes) {
      const token = await ground.ticket(made, { payload: payloadOf(made) });
      for (const [at, door] of Object.entries(doors)) {
        if (at === doorOf(made)) continue;
        seen.add(await ground.auth(...door(token)));
      }
      for (const wanted of purposes) {
        if (wanted === made) continue;
        seen.add(
          await ground
            .superuser()
            .query("select kernel.redeem($1, $2)", [sha256(token), wanted])
            .then(() => `${made} as ${wanted}`, codeOf),
        );
      }
      const { rows } = await ground
        .superuser()
        .query("select used_at from kernel.ticket where digest = kernel.ticket_digest($1, $2)", [
          made,
          sha256(token),
        ]);
      expect([made, rows]).toEqual([made, [{ used_at: null }]]);
    }
    expect([...seen]).toEqual(["RF403"]);
    return "RF403";
  },
);

attack(
  {
    id: "OT-4",
    title: "type the six digits of another browser's code 50 times at once (better-auth #8067)",
    expected: "five tries, once",
  },
  async () => {
    const person = await ground.somebody();
    const browser = newToken();
    const asking = sha256(sha256(browser));
    const code = sha256("123456");
    const digest = sha256(Buffer.concat([code, asking])).toString("hex");
    const type = (guess: string): Promise<unknown> =>
      ground.auth("select kernel.redeem_magic_code($1, $2, $3, $4, $5, $6)", [
        sha256(browser),
        sha256(guess),
        sha256(newToken()),
        ...hands,
      ]);
    await ground.ticket("magic-code", { person, browser: asking, payload: { code: digest } });
    const right = await times(50, () => type("123456"));
    expect(right.filter((came) => came !== null)).toEqual([{ next: null }]);
    await ground.ticket("magic-code", { person, browser: asking, payload: { code: digest } });
    const wrong = await times(50, (at) => type(String(at).padStart(6, "0")));
    expect(wrong.every((came) => came === null)).toBe(true);
    expect(await type("123456")).toBeNull();
    const { rows } = await ground
      .superuser()
      .query(
        "select tries from kernel.ticket where purpose = 'magic-code' and person_id = $1 and used_at is null",
        [person.personId],
      );
    expect(rows).toEqual([{ tries: 5 }]);
    return "five tries, once";
  },
);

attack(
  {
    id: "OT-5",
    title: "use up one mailed link 50 times at once through the server",
    expected: "one answer of 2xx each",
  },
  async () => {
    const { email, token } = await ground.somebody();
    const { server, database } = ground;
    const password = "three slow otters 81 lamps";
    await server.stranger().post("/auth/password-reset", { email });
    const reset = await linkTo(database, email, "password-reset");
    const browser = server.stranger();
    await browser.post("/auth/magic-link", { email });
    const magic = await linkTo(database, email, "magic-link");
    await browser.csrf();
    await server.browserOf(token).post("/auth/email", { email: "all.at.once@example.com" });
    const old = await linkTo(database, email, "email-change-old");
    const fresh = await linkTo(database, "all.at.once@example.com", "email-change-new");
    const statuses = async (path: string, body: unknown): Promise<number> => {
      const answers = await times(50, () => browser.post(path, body));
      for (const { status } of answers) expect([200, 204, 403, 503]).toContain(status);
      return answers.filter(({ status }) => status < 300).length;
    };
    expect(await statuses("/auth/email/redeem", { token: old.token })).toBe(1);
    expect(await statuses("/auth/email/redeem", { token: fresh.token })).toBe(1);
    // The change of address has ended what was mailed to the old one.
    expect(await statuses("/auth/password-reset/redeem", { token: reset.token, password })).toBe(0);
    expect(await statuses("/auth/magic-link/redeem", { token: magic.token })).toBe(0);
    const moved = "all.at.once@example.com";
    await server.stranger().post("/auth/password-reset", { email: moved });
    await browser.post("/auth/magic-link", { email: moved });
    const again = await linkTo(database, moved, "magic-link");
    expect(await statuses("/auth/magic-link/redeem", { token: again.token })).toBe(1);
    const set = await linkTo(database, moved, "password-reset");
    expect(await statuses("/auth/password-reset/redeem", { token: set.token, password })).toBe(1);
    return "one answer of 2xx each";
  },
  120_000,
);

attack(
  {
    id: "OT-6",
    title:
      "have the link of a mail point elsewhere by Host, X-Forwarded-Host and Forwarded (ZITADEL CVE-2025-64101, GHSA-mwmh-7px9-4c23; better-auth #9134; fastify CVE-2026-3635)",
    expected: "its origin stays",
  },
  async () => {
    const { server, database } = ground;
    const evil = [
      "evil.example",
      "evil.example:443",
      "ringfence.example.evil.example",
      "ringfence.example@evil.example",
      "[::1]",
      "evil.example/",
    ];
    const headers = evil.flatMap((host): Readonly<Record<string, string>>[] => [
      { host },
      { "x-forwarded-host": host },
      { "x-forwarded-host": `ringfence.example, ${host}` },
      { forwarded: `for=192.0.2.1;host=${host};proto=http` },
      { "x-forwarded-proto": "http", "x-forwarded-host": host, "x-forwarded-port": "1" },
      {
        "x-original-host": host,
        "x-host": host,
        "x-forwarded-server": host,
        "x-original-url": `//${host}/`,
        "x-rewrite-url": `//${host}/`,
      },
    ]);
    const origins = new Set<string>();
    for (const [at, sent] of headers.entries()) {
      const { email } = await ground.somebody();
      const browser = server.stranger();
      await browser.csrf();
      const door = at % 2 === 0 ? "/auth/password-reset" : "/auth/magic-link";
      const { status } = await browser.post(door, { email }, { headers: sent });
      expect([202, 400, 403, 404]).toContain(status);
      for (const { text } of await lettersTo(database, email)) {
        for (const [href] of text.matchAll(/https?:\/\/\S+/g)) origins.add(new URL(href).origin);
        expect(text).not.toContain("evil");
      }
    }
    expect([...origins]).toEqual([publicUrl]);
    return "its origin stays";
  },
  120_000,
);

attack(
  {
    id: "OT-7",
    title: "have a letter go to a look-alike of the address (GHSA-7rqj-j65f-68wh)",
    expected: "to the stored address, or to nobody",
  },
  async () => {
    const { server, database } = ground;
    const { email } = await ground.somebody();
    const [name = "", domain = ""] = email.split("@");
    const from = await ground.superuser().query("select clock_timestamp() as now");
    const wide = (text: string): string =>
      text.replace(/[a-z]/g, (sign) => String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0));
    const typed = [
      email.toUpperCase(),
      `${wide(name)}@${domain}`,
      `${name}\uff20${domain}`,
      `${name}@evil.example\uff20${domain}`,
      `${name}@${domain},eve@evil.example`,
      `${name}@${domain}\uff0ceve@evil.example`,
      `${name}@${domain.replace("e", "\u0435")}`,
      `${name}@${domain}\r\nBcc: eve@evil.example`,
      `${name}@${domain}\u0000eve@evil.example`,
      `"${name}@${domain}" <eve@evil.example>`,
    ];
    for (const address of typed) {
      const { status } = await server.stranger().post("/auth/password-reset", { email: address });
      expect([202, 400, 422]).toContain(status);
    }
    await ground.superuser().query("select kernel.grant_wishes()");
    const { rows } = await ground
      .superuser()
      .query(
        "select distinct to_address from kernel.person_mail where created_at > $1 and state = 'waiting'",
        [from.rows[0]?.now],
      );
    expect(rows).toEqual([{ to_address: email }]);
    expect((await lettersTo(database, email)).length).toBeGreaterThan(0);
    return "to the stored address, or to nobody";
  },
);

attack(
  {
    id: "OT-8",
    title: "be in an account before its owner has accepted (pre-hijack)",
    expected: "out when the owner comes",
  },
  async () => {
    // Made by a directory or an identity provider of the attacker's own organization, for an address that is not theirs.
    const { server } = ground;
    const victim: Member = await ground.somebody();
    await ground
      .superuser()
      .query("update kernel.person set recipe = null, verifier = null where id = $1", [victim.personId]);
    const attacker = server.browserOf(victim.token);
    const reset = await ground.ticket("password-reset", { person: victim });
    const beta = await server.database.organization({ slug: "beta" });
    const ticket = newToken();
    await ground.superuser().query(
      `insert into kernel.ticket (digest, purpose, tenant_id, email, roles, expires_at)
       values (kernel.ticket_digest('invitation', $1), 'invitation', $2, $3, '{admin}', now() + interval '1 day')`,
      [sha256(ticket), beta.id, victim.email],
    );
    const password = "three slow otters 81 lamps";
    // Whoever sent the invitation may have read it: it makes nobody the owner of an account that is there.
    const invited = await server.stranger().post(`/auth/invitations/${ticket}`, { name: "Owner", password });
    expect(invited.status).toBe(401);
    expect((await attacker.get("/auth/me")).status).toBe(200);
    // Only what came to the mailbox itself does.
    const owner = server.stranger();
    expect((await owner.post("/auth/password-reset/redeem", { token: reset, password })).status).toBeLessThan(
      300,
    );
    expect((await attacker.get("/auth/me")).status).toBe(401);
    const signedIn = await owner.post("/auth/sign-in", { email: victim.email, password });
    expect(signedIn.json.signedIn).toBe(true);
    return "out when the owner comes";
  },
);
