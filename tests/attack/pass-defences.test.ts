import type { Client } from "pg";
import { beforeAll, expect } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import type { Member } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attackGround, tried, valueOf } from "./attack-ground.ts";
import { asOwner, endByHand, genuinePass, making, minted, presenting, shown } from "./pass-ground.ts";
import { type Gone, less, mattersOn, sql } from "./take-away.ts";

// What makes passes and takes them away matters: without each of it the attack that it is there for succeeds.

proves("ISO-1", "ISO-6", "ISO-7", "ISO-10");

const ground = attackGround();
const mint = "kernel.mint_pass()";

let superuser: Client;
beforeAll(async () => {
  superuser = await ground.superuser();
});
const matters = mattersOn(() => superuser);

const someone = (): Promise<Member> => ground.db.member(ground.acme, "member");
const passOf = (client: Client, { token }: { token: string }, needs?: readonly string[]): Promise<Buffer> =>
  genuinePass(client, { token, slug: "acme" }, needs);

/** What a pass shows after this change, having shown everything before. */
async function after(change: (who: Member) => Promise<unknown>): Promise<string> {
  const [api, who] = [await ground.connect(), await someone()];
  const pass = await passOf(api, who);
  expect(await shown(api, who.token, pass)).toBe("9 rows");
  await change(who);
  return shown(api, who.token, pass);
}

const untriggered = (table: string, event = "update"): Gone =>
  sql(
    `alter table kernel.${table} disable trigger take_passes_${event}`,
    `alter table kernel.${table} enable trigger take_passes_${event}`,
  );

/** The same where it was presented before the change, and the transaction goes on. */
async function openAfter(change: (who: Member) => Promise<unknown>): Promise<string> {
  const [api, who] = [await ground.connect(), await someone()];
  return presenting(api, who.token, await passOf(api, who), async () => {
    expect(await tried(api, "select * from app.contact")).toBe("9 rows");
    await change(who);
    return tried(api, "select * from app.contact");
  });
}

matters(
  "pass-credential",
  "the trigger that takes passes with their credential, in a transaction that nobody could end",
  ["RF410", "9 rows"],
  () => openAfter(({ token }) => endByHand(superuser, token)),
  untriggered("credential"),
);

matters(
  "pass-deleted",
  "the trigger that takes passes with a deleted credential",
  ["RF410", "9 rows"],
  () =>
    openAfter(({ token }) =>
      superuser.query("delete from kernel.credential where digest = sha256($1)", [sha256(token)]),
    ),
  untriggered("credential", "delete"),
);

matters(
  "pass-membership",
  "the trigger that takes passes with the roles they were judged by",
  ["RF410", "9 rows"],
  () =>
    after(({ memberId }) =>
      asOwner(ground, ["member.change"], "select kernel.change_roles($1, '{viewer}', null)", [memberId]),
    ),
  untriggered("membership"),
);

matters(
  "pass-person",
  "the trigger that takes passes with their person",
  ["RF410", "9 rows"],
  () =>
    after(({ personId }) =>
      superuser.query("update kernel.person set ended_at = now() where id = $1", [personId]),
    ),
  untriggered("person"),
);

matters(
  "pass-tenant",
  "the trigger that takes passes with their organization",
  ["RF410", "9 rows"],
  async () => {
    const state = "update kernel.tenant set state = $2 where id = $1";
    const seen = await after(() => superuser.query(state, [ground.acme.id, "suspended"]));
    await superuser.query(state, [ground.acme.id, "active"]);
    return seen;
  },
  untriggered("tenant"),
);

/** A pass whose making is open while the roles change; the change is given time to come to it. */
async function madeMeanwhile(): Promise<string> {
  const who = await someone();
  const { api, pass } = await making(ground, { token: who.token, slug: "acme" });
  const changing = asOwner(ground, ["member.change"], "select kernel.change_roles($1, '{viewer}', null)", [
    who.memberId,
  ]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await api.query("commit");
  await changing;
  return shown(api, who.token, pass);
}

matters(
  "pass-outwait",
  "the wait of a change for passes in the making",
  ["RF410", "9 rows"],
  madeMeanwhile,
  less("kernel.take_passes()", ["perform kernel.outwait(", "perform cardinality("]),
);

const tryLocks = "pg_try_advisory_xact_lock_shared(kernel.judged_lock(j.id::uuid))";
matters(
  "pass-locks",
  "the locks under which a pass is made",
  ["RF410", "9 rows"],
  madeMeanwhile,
  less(mint, [tryLocks, "true"]),
);

matters(
  "pass-changing",
  "the look at those locks, while a change is open",
  ["none", "9 rows after the change"],
  async () => {
    const [api, who] = [await ground.connect(), await someone()];
    await superuser.query("begin");
    await superuser.query("update kernel.person set ended_at = now() where id = $1", [who.personId]);
    const pass = await minted(api, { token: who.token, slug: "acme" }).finally(() =>
      superuser.query("commit"),
    );
    return pass === null ? "none" : `${await shown(api, who.token, pass)} after the change`;
  },
  less(mint, [tryLocks, "true"]),
);

/** A pass of needs that none may be made of, and what it lets do. */
async function madeOf(token: string, needs: readonly string[], text: string): Promise<string> {
  const api = await ground.connect();
  const pass = await minted(api, { token, slug: "acme" }, needs);
  return pass === null ? "none" : presenting(api, token, pass, () => tried(api, text));
}

const onlyReads = less(mint, ["exists (select from unnest(needs) n where n !~ '^[a-z_]+\\.read$')", "false"]);

matters(
  "pass-reads",
  "the demand that a pass is of reading only: one that may write",
  ["none", "1 row"],
  () =>
    madeOf(
      ground.acme.owner.token,
      ["own_field.change", "own_field.read"],
      "select from (select kernel.bound('own_field.change') as tenant) b where tenant is not null",
    ),
  onlyReads,
);

matters(
  "pass-needless",
  "the demand that a pass is of something: one of nothing still names organization and member",
  ["none", "1 row"],
  () => madeOf(ground.acme.owner.token, [], "select kernel.bound_member()"),
  less(mint, ["cardinality(needs) = 0 or", ""]),
);

matters(
  "pass-kind",
  "the demand that a pass is of a credential: one of a migration needs nobody",
  ["none", "a pass"],
  async () => {
    await superuser.query("begin");
    const { id, owner } = ground.acme;
    // Its fields hold no credential; with those of somebody it would get past the rest.
    await superuser.query(
      "select kernel.bind('migration', $1, $2, $3, $4, '{contact.read}', null, null, 'm', 'm')",
      [
        id,
        owner.memberId,
        owner.personId,
        await valueOf(superuser, "select id from kernel.credential where digest = sha256($1)", [
          sha256(owner.token),
        ]),
      ],
    );
    const pass = await valueOf(superuser, `select pass from ${mint}`);
    await superuser.query("rollback");
    return pass === null ? "none" : "a pass";
  },
  less(mint, ["bound[2] <> 'credential' or", ""]),
);

/** Under a pass for reading contacts. */
const under = async (text: string): Promise<string> => {
  const api = await ground.connect();
  return presenting(api, ground.acme.owner.token, await passOf(api, ground.acme.owner), () =>
    tried(api, text),
  );
};
const refusal = ["if field[2] = 'pass' then", "if false then"] as const;

matters(
  "pass-claim",
  "the refusal to claim an Idempotency-Key by a pass",
  ["42501", "1 row"],
  () => under("select kernel.claim_idempotency('a key', 'x')"),
  less("kernel.claim_idempotency(text,bytea)", refusal),
);

matters(
  "pass-settle",
  "the refusal to settle an Idempotency-Key by a pass",
  ["42501", "1 row"],
  () => under("select kernel.settle_idempotency('a key', 201::smallint, null)"),
  less("kernel.settle_idempotency(text,smallint,uuid)", refusal),
);

matters(
  "pass-audit",
  "the refusal to write history by a pass",
  ["42501", "1 row"],
  async () => {
    const pass = await passOf(await ground.connect(), ground.acme.owner);
    // As a function of the kernel would; no door may call it.
    return presenting(superuser, ground.acme.owner.token, pass, () =>
      tried(superuser, "select kernel.audit('x', 'x', null, null, null)"),
    );
  },
  less("kernel.audit(text,text,uuid,jsonb,jsonb,text)", refusal),
);

matters(
  "pass-needs",
  "the look for the permission in a pass, reading accounts with one for contacts",
  ["0 rows", "5 rows"],
  () => under("select * from app.account"),
  sql(wall("true"), wall("strpos(p.needs, ',account.read,') > 0")),
);

function wall(condition: string): string {
  return `alter policy select_wall on app.account using (tenant_id = (select coalesce(
    (select p.tenant_id from kernel.presented_pass p where ${condition}), kernel.bound('account.read'))))`;
}
