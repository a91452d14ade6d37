import type { Client as Database } from "pg";
import { afterAll, beforeAll, expect } from "vitest";
import { type CountedWork, functionsCalled } from "../counted-work.ts";
import type { Member } from "../installed-database.ts";
import { lettersTo, setPassword } from "../mail-ground.ts";
import type { TestServer } from "../server.ts";
import { attack } from "./attack.ts";
import { countedGround, type CountedGround, password, uniqueSlug, whole } from "./enumeration-ground.ts";
import { less, mattersOn } from "./take-away.ts";

// Where no password leads in, the door for passwords tells nothing about them: by the answer, by what the server does for it, or by what becomes
// of the tries after it.

let ground: CountedGround;
let server: TestServer;
let db: Database;
let counted: CountedWork;

beforeAll(async () => {
  ground = await countedGround();
  ({ server, db, counted } = ground);
});
afterAll(() => ground.stop());

/** What closes the door to passwords, as an assignment to an organization's row, and what its trail then calls a right one. */
const closing: readonly (readonly [change: string, reason: string])[] = [
  ["sso_enforced = true", "single-sign-on-needed"],
  ["closed_ways = '{password}'", "another-way-needed"],
  ["closed_ways = '{link,password}'", "another-way-needed"],
];

/** An organization with two people who have the password, closed so. */
async function closedOrganization(change: string): Promise<readonly [Member, Member]> {
  const closed = await server.organization(uniqueSlug("closed"));
  const people = [
    await server.database.member(closed, "member"),
    await server.database.member(closed, "member"),
  ] as const;
  for (const { email } of people) await setPassword(server.database, email, password);
  await db.query(`update kernel.tenant set ${change} where id = $1`, [closed.id]);
  return people;
}

attack(
  {
    id: "E-closed-password",
    title:
      "learn whether a password is the right one where single sign-on alone leads in, or no password does: by the answer, or by what becomes of the tries after it",
    expected: "the same, try for try; the trail knows which it was",
  },
  async () => {
    let network = 0;
    /** Nine tries from one network, the fourth of them with this. */
    const triesWith = async (email: string, fourth: string): Promise<string[]> => {
      network += 1;
      const browser = server.stranger();
      await browser.csrf();
      const answers: string[] = [];
      for (let time = 1; time <= 9; time += 1) {
        const typed = time === 4 ? fourth : "not the password 99";
        const sending = { headers: { "x-forwarded-for": `198.51.101.${network}` } };
        const { came, work, sent } = await counted.during(() =>
          browser.post("/auth/sign-in", { email, password: typed }, sending),
        );
        const called = await functionsCalled(db, sent);
        answers.push([whole(came), work.hashes, ...work.statements, ...called].join("\n"));
      }
      return answers;
    };
    for (const [change, reason] of closing) {
      const [one, another] = await closedOrganization(change);
      const wrong = await triesWith(one.email, "neither is this one 12");
      const right = await triesWith(another.email, password);
      expect([change, right]).toEqual([change, wrong]);
      expect(wrong[3]).toMatch(/^1$[^]*kernel\.audit_person 1$/m);
      expect([wrong[3], wrong[8]]).toEqual([
        expect.stringContaining("wrong-credentials"),
        expect.stringContaining("too-many-requests"),
      ]);
      const { rows } = await db.query(
        `select distinct after ->> 'reason' as reason, (select count(*)::integer from kernel.credential c where c.person_id = $1 and c.kind = 'pending') as begun
           from kernel.audit_event where actor_id = $1 and action = 'sign-in-refused' order by 1`,
        [another.personId],
      );
      expect([change, rows]).toEqual([
        change,
        [reason, "wrong-credentials"].toSorted().map((each) => ({ reason: each, begun: 0 })),
      ]);
    }
    return "the same, try for try; the trail knows which it was";
  },
);

const signsIn = async (email: string): Promise<string> => {
  const { status, json } = await server.stranger().post("/auth/sign-in", { email, password });
  return `${status} ${json.signedIn ?? json.type.split("/").at(-1)}`;
};

attack(
  {
    id: "E-closed-elsewhere",
    title: "be kept out by an organization that takes no passwords, though another one takes them",
    expected:
      "200 true with both, 401 wrong-credentials with the closed ones alone, and when the other is no more",
  },
  async () => {
    const [{ email, personId }] = await closedOrganization("closed_ways = '{password}'");
    const enforced = await server.organization(uniqueSlug("enforced"));
    const open = await server.organization(uniqueSlug("open"));
    await db.query("update kernel.tenant set sso_enforced = true where id = $1", [enforced.id]);
    const join = (tenant: string): Promise<unknown> =>
      db.query(
        "insert into kernel.membership (tenant_id, person_id, roles, permissions) values ($1, $2, '{member}', kernel.permissions_of($1, '{member}'))",
        [tenant, personId],
      );
    await join(enforced.id);
    const alone = await signsIn(email);
    await join(open.id);
    const both = await signsIn(email);
    await db.query("update kernel.tenant set state = 'closed' where id = $1", [open.id]);
    expect(await signsIn(email)).toBe(alone);
    return `${both} with both, ${alone} with the closed ones alone, and when the other is no more`;
  },
);

attack(
  {
    id: "E-closed-letters",
    title: "be mailed a link for a new password where none leads anywhere",
    expected: "withheld; a link that signs in comes",
  },
  async () => {
    const [{ email }] = await closedOrganization("closed_ways = '{password}'");
    const browser = server.stranger();
    for (const path of ["/auth/password-reset", "/auth/magic-link"])
      expect((await browser.post(path, { email })).status).toBe(202);
    const purposes = (await lettersTo(server.database, email)).map(({ purpose }) => purpose);
    expect(purposes).toEqual(["magic-link"]);
    return "withheld; a link that signs in comes";
  },
);

mattersOn(() => db)(
  "closed-password",
  "the question whether an organization takes passwords, at the door for them",
  ["401 wrong-credentials", "200 true"],
  async () => signsIn((await closedOrganization("closed_ways = '{password}'"))[0].email),
  less("kernel.shut(uuid,text)", [/\(shut\.method <> 'password'::text\)/g, "true"]),
);
