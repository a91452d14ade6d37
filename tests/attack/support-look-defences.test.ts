import type { Client as Database } from "pg";
import { afterAll, beforeAll } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import { proves } from "../proves.ts";
import { at, type Staff, supportGround, type SupportGround } from "../support-ground.ts";
import { inside, type Inside, laterBy, looksOf } from "../support-looks.ts";
import { codeOf, outcome } from "./attack-ground.ts";
import { less, mattersOn } from "./take-away.ts";

// What keeps the trail of looks whole, each part taken away once: against the staff, and against whoever has the password of the API's
// door and an operator's token besides.

proves("IAM-13", "AUD-7");

let ground: SupportGround;
let thief: Database;

beforeAll(async () => {
  ground = await supportGround();
  thief = await ground.server.database.connectAs("api");
});
afterAll(() => ground.server.stop());

const matters = mattersOn(() => ground.superuser);
const reading = ["contact.read"];
const door = "GET /contacts";
const enter = "kernel.enter(bytea,text,text[],uuid,inet,text,text)";
const demandLook = "kernel.demand_look(uuid,uuid,text[],text)";
const writeLook = "kernel.write_look(bytea,text,text[],uuid,inet,text,text)";

const write = ({ token }: Staff, needs: readonly string[], what: string, by = thief): Promise<unknown> =>
  by.query("select kernel.write_look($1, 'acme', $2, null, null, 'a thief', $3)", [
    sha256(token),
    needs,
    what,
  ]);
const come = ({ token }: Staff, needs: readonly string[], what: string): Promise<unknown> =>
  thief.query("select kernel.enter($1, 'acme', $2, null, null, 'a thief', $3)", [sha256(token), needs, what]);

const one = (): Promise<Database> => ground.server.database.connectAs("api");

/** Until somebody waits for somebody else's transaction to end. */
async function waiting(): Promise<void> {
  const text = "select from pg_locks where not granted and locktype = 'transactionid'";
  while ((await ground.superuser.query(text)).rowCount === 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

/** What a thief sees of acme's contacts in a transaction that is rolled back, and how much of it the trail then knows. */
async function stolen(staff: Inside, before: () => Promise<unknown>): Promise<string> {
  await thief.query("begin");
  try {
    await before();
    await come(staff, reading, door);
    return await outcome(thief, "select from app.contact");
  } catch (error) {
    return codeOf(error);
  } finally {
    await thief.query("rollback");
  }
}

const nothing = async (): Promise<void> => undefined;
const known = async (seen: string, staff: Inside): Promise<string> =>
  `${seen}, ${(await looksOf(ground, staff)).length} in the trail`;

matters(
  "look-demanded",
  "the demand that a look stands in the trail before anybody is let in",
  ["RF428, 0 in the trail", "1 row, 0 in the trail"],
  async () => {
    const staff = await inside(ground);
    return known(await stolen(staff, nothing), staff);
  },
  less(enter, ["if lent and live and here then", "if false then"]),
);

matters(
  "look-of-the-server",
  "the demand that a look stands in the trail, for whoever asks the server",
  ["200, 1 in the trail", "200, 0 in the trail"],
  async () => {
    const staff = await inside(ground);
    return known(String((await staff.browser.get(at("/contacts"))).status), staff);
  },
  less(enter, ["if lent and live and here then", "if false then"]),
);

matters(
  "look-kept",
  "the demand that what was written down is there to stay",
  ["RF428, 0 in the trail", "1 row, 0 in the trail"],
  async () => {
    const staff = await inside(ground);
    return known(await stolen(staff, () => write(staff, reading, door)), staff);
  },
  less(demandLook, ["and l.written_in is distinct from pg_current_xact_id_if_assigned()", ""]),
);

matters(
  "look-permission",
  "the permissions in what a look is known by",
  ["RF428, 1 in the trail", "1 row, 1 in the trail"],
  async () => {
    const staff = await inside(ground);
    await write(staff, ["organization.read"], door);
    return known(await stolen(staff, nothing), staff);
  },
  async (db) => {
    const body = (asked: string): string =>
      `create or replace function kernel.look_digest(needs text[], what text) returns bytea language sql immutable return sha256(convert_to(${asked} || coalesce(what, ''), 'UTF8'))`;
    await db.query(body("''"));
    return () => db.query(body("array_to_string(needs, ',') || '|'"));
  },
);

matters(
  "look-again",
  "that a look is demanded anew after a while",
  ["RF428, 1 in the trail", "1 row, 1 in the trail"],
  async () => {
    const staff = await inside(ground);
    await write(staff, reading, door);
    await laterBy(121, ground);
    return known(await stolen(staff, nothing), staff);
  },
  less(demandLook, ["and l.at > clock_timestamp() - interval '2 min'", ""]),
);

matters(
  "look-flood",
  "that the same look is written once a minute",
  ["1", "40"],
  async () => {
    const staff = await inside(ground);
    for (let poll = 0; poll < 40; poll += 1) await staff.browser.get(at("/contacts"));
    return String((await looksOf(ground, staff)).length);
  },
  less(
    writeLook,
    ["and l.at > clock_timestamp() - interval '1 min'", "and false"],
    ["where l.at <= clock_timestamp() - interval '1 min'", ""],
  ),
);

matters(
  "look-at-once",
  "the key that lets one of many write the same look",
  ["1", "2"],
  async () => {
    const staff = await inside(ground);
    const [first, second] = await Promise.all([one(), one()]);
    await first.query("begin");
    await write(staff, reading, door, first);
    const waits = write(staff, reading, door, second);
    await waiting();
    await first.query("commit");
    await waits;
    await Promise.all([first.end(), second.end()]);
    return String((await looksOf(ground, staff)).length);
  },
  less(writeLook, ["where l.at <= clock_timestamp() - interval '1 min'", ""]),
);

matters(
  "look-of-others",
  "the demand for a live grant of whoever writes a look",
  ["none", "1"],
  async () => {
    const staff = await inside(ground);
    await ground.acme.browser.delete(at(`/support-grants/${staff.grant}`));
    // Somebody whose membership outlived the grant.
    await ground.superuser.query(
      "update kernel.membership set ended_at = null, until = now() + interval '1 hour' where person_id = $1 and tenant_id = $2",
      [staff.personId, ground.acme.id],
    );
    await write(staff, reading, door);
    const { length } = await looksOf(ground, staff);
    return length === 0 ? "none" : String(length);
  },
  async (db) => {
    const text = (asks: string): string =>
      `create or replace function kernel.live_grant(tenant uuid, member uuid) returns uuid language sql stable security definer
set search_path = pg_catalog, pg_temp begin atomic select g.id from kernel.support_grant g join kernel.operator o on o.person_id = g.person_id and o.ended_at is null
where g.tenant_id = tenant and g.member_id = member and g.given_at is not null ${asks}; end`;
    await db.query(text(""));
    return () => db.query(text("and g.ended_at is null and g.until > clock_timestamp()"));
  },
);
