import type { Client } from "pg";
import { beforeAll } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import type { Member } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attackGround, codeOf, outcome, tried } from "./attack-ground.ts";
import {
  digestOf,
  endByHand,
  endSessionsBut,
  genuinePass,
  making,
  present,
  secondSession,
  set,
  shown,
} from "./pass-ground.ts";
import { both, less, mattersOn, timelyOn } from "./take-away.ts";

// Each demand of presenting matters: without it the attack that it is there for succeeds.

proves("ISO-1", "ISO-6", "ISO-7", "ISO-10");

const ground = attackGround();
const theirRows = "select * from app.contact";
const presents = "kernel.present(bytea,bytea)";

let superuser: Client;
beforeAll(async () => {
  superuser = await ground.superuser();
});
const matters = mattersOn(() => superuser);
const timely = timelyOn(() => superuser);

const someone = (): Promise<Member> => ground.db.member(ground.acme, "member");
const passOf = (client: Client, { token }: { token: string }): Promise<Buffer> =>
  genuinePass(client, { token, slug: "acme" });
const pause = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));

matters(
  "pass-token",
  "the demand that a pass is of the credential whose token is shown: a handle alone is enough",
  ["RF410", "9 rows"],
  async () => {
    const api = await ground.connect();
    return shown(api, ground.rival.owner.token, await passOf(api, ground.acme.owner));
  },
  less(presents, ["and c.digest = sha256(token_hash)", ""]),
);

matters(
  "pass-digest",
  "digest and token: what a dump shows of the table would be the handles",
  ["RF410", "9 rows"],
  async () => {
    const api = await ground.connect();
    const digest = digestOf(await passOf(api, ground.acme.owner));
    return shown(api, ground.rival.owner.token, Buffer.from(digest, "hex"));
  },
  less(
    presents,
    ["and c.digest = sha256(token_hash)", ""],
    ["encode(sha256(pass), 'hex')", "encode(pass, 'hex')"],
  ),
);

matters(
  "pass-lock",
  "the lock under which a pass is presented: the session's end waits for what reads",
  ["answered, ended", "ended, answered"],
  async () => {
    const [api, who] = [await ground.connect(), await someone()];
    const pass = await passOf(api, who);
    const phone = await secondSession(ground, who);
    const order: string[] = [];
    await api.query("begin");
    await present(api, who.token, pass);
    const slow = "select c.id from app.contact c, generate_series(1, 600000) group by c.id";
    const reading = outcome(api, slow).then((seen) => order.push(seen === "9 rows" ? "answered" : seen));
    const over = reading.then(() => api.query("commit"));
    await pause(100);
    await endSessionsBut(ground, phone).then(() => order.push("ended"));
    await over;
    return order.join(", ");
  },
  less(presents, [
    "presented := pg_advisory_xact_lock_shared(kernel.credential_lock(sha256(token_hash)));",
    "",
  ]),
);

/** Nobody can be ended; and so that a test does not take long, nobody is waited for long. */
const endHolders = both(
  less("kernel.end_holders(bigint)", [
    "perform pg_terminate_backend",
    "return; perform pg_terminate_backend",
  ]),
  less("kernel.outwait(bigint[])", ["SET lock_timeout TO '2s'", "SET lock_timeout TO '200ms'"]),
);

matters(
  "pass-ended",
  "the look at the credential's end, where the making was held open across it and nobody could end it",
  ["RF410", "9 rows"],
  async () => {
    const who = await someone();
    const phone = await secondSession(ground, who);
    const { api, pass } = await making(ground, { token: who.token, slug: "acme" });
    await endSessionsBut(ground, phone).finally(await endHolders(superuser));
    await api.query("commit");
    return shown(api, who.token, pass);
  },
  less(presents, ["num_nulls(c.ended_at, m.ended_at) = 2", "num_nulls(m.ended_at) = 1"]),
);

/** A pass whose making is held open across a change of its membership. */
async function heldAcross(change: string): Promise<string> {
  const who = await someone();
  const { api, pass } = await making(ground, { token: who.token, slug: "acme" });
  const restore = await endHolders(superuser);
  await superuser
    .query(`update kernel.membership set ${change} where id = $1`, [who.memberId])
    .finally(restore);
  await api.query("commit");
  return shown(api, who.token, pass);
}

matters(
  "pass-permitted",
  "the look at what the membership permits now, where the making was held open across its change",
  ["RF410", "9 rows"],
  () => heldAcross("permissions = '{}'"),
  less(presents, ["string_to_array(btrim(p.needs, ','), ',') <@ m.permissions", "true"]),
);

matters(
  "pass-member",
  "the look at the membership's end, where the making was held open across it",
  ["RF410", "9 rows"],
  () => heldAcross("ended_at = now()"),
  less(presents, ["num_nulls(c.ended_at, m.ended_at) = 2", "num_nulls(c.ended_at) = 1"]),
);

/** The demands stand in the function itself, to save calls, and in those that raise. */
const fresh = "kernel.demand_fresh_transaction()";

matters(
  "pass-message",
  "the refusal to present in the message that begins a transaction",
  ["42501", "9 rows"],
  async () => {
    const api = await ground.connect();
    const { owner } = ground.acme;
    const [token, pass] = [sha256(owner.token), await passOf(api, owner)].map((bytes) =>
      bytes.toString("hex"),
    );
    const text = `begin; select kernel.present('\\x${token}', '\\x${pass}'); select current_setting('ringfence.binding') as binding; commit; begin`;
    try {
      // Several statements give several results, which the types of the client do not know.
      const results = (await api.query(text)) as unknown as { rows: { binding: string }[] }[];
      await set(api, results[2]?.rows[0]?.binding ?? "");
      return await outcome(api, theirRows);
    } catch (error) {
      return codeOf(error);
    } finally {
      await api.query("rollback");
    }
  },
  less(presents, ["or statement_timestamp() = transaction_timestamp()", ""]),
);

matters(
  "pass-snapshot",
  "the demand for READ COMMITTED when a pass is presented",
  ["42501", "9 rows"],
  async () => {
    const [api, who] = [await ground.connect(), await someone()];
    const pass = await passOf(api, who);
    await api.query("begin isolation level repeatable read");
    await api.query("select count(*) from pg_class");
    await endByHand(superuser, who.token);
    const seen = await present(api, who.token, pass).then(() => outcome(api, theirRows), codeOf);
    await api.query("rollback");
    return seen;
  },
  less(presents, ["current_setting('transaction_isolation') <> 'read committed' or", ""]),
);

matters(
  "pass-second",
  "the refusal of a pass where something is bound already",
  ["42501", "9 rows"],
  async () => {
    const api = await ground.connect();
    const { owner } = ground.acme;
    const pass = await passOf(api, owner);
    return ground.inAcme(api, ["account.read"], () =>
      present(api, owner.token, pass).then(() => tried(api, theirRows), codeOf),
    );
  },
  less(presents, ["or coalesce(current_setting('ringfence.binding', true), '') <> ''", ""]),
);

timely(
  "pass-young",
  "the refusal to present in an aged transaction (here after 0.2 s)",
  ["42501", "9 rows"],
  async () => {
    const api = await ground.connect();
    const { owner } = ground.acme;
    const pass = await passOf(api, owner);
    await api.query("begin");
    await pause(400);
    const seen = await present(api, owner.token, pass).then(() => outcome(api, theirRows), codeOf);
    await api.query("rollback");
    return seen;
  },
  both(
    less(presents, ["interval '2 s'", "interval '0.2 s'"]),
    less(fresh, ["interval '2 s'", "interval '0.2 s'"]),
  ),
);
