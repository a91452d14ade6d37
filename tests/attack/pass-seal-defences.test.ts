import type { Client } from "pg";
import { beforeAll, expect } from "vitest";
import type { Member } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, outcome, tried, valueOf } from "./attack-ground.ts";
import { digestOf, genuinePass, presentation, presenting, set, setting, shown } from "./pass-ground.ts";
import { both, type Gone, less, lessOfView, mattersOn, timelyOn } from "./take-away.ts";

// Each piece of a presentation's seal matters, and each limit of its time.

proves("ISO-1", "ISO-6", "ISO-7");

const ground = attackGround();
const theirRows = "select * from app.contact";
const presents = "kernel.present(bytea,bytea)";
const view = "kernel.presented_pass";

let superuser: Client;
beforeAll(async () => {
  superuser = await ground.superuser();
});
const matters = mattersOn(() => superuser);
const timely = timelyOn(() => superuser);

const someone = (): Promise<Member> => ground.db.member(ground.acme, "member");
const passOf = (client: Client, { token }: { token: string }): Promise<Buffer> =>
  genuinePass(client, { token, slug: "acme" });

const nothing = "'\\x'::bytea";
/** Takes a piece out of what the seal covers, where it is made and where it is checked. */
const unsealed = (piece: string | RegExp): Gone =>
  both(less(presents, [piece, nothing]), lessOfView(view, [piece, nothing]));
const time = unsealed("timestamptz_send(transaction_timestamp())");
const pid = unsealed("int4send(pg_backend_pid())");

/** Copies a presentation out of one transaction and tries it in another, of the same backend or of another one. */
async function replayed(elsewhere: boolean): Promise<string> {
  const api = await ground.connect();
  const { owner } = ground.acme;
  const copied = await presenting(api, owner.token, await passOf(api, owner), () => presentation(api));
  const other = elsewhere ? await ground.connect() : api;
  return setting(other, copied, () => tried(other, theirRows));
}

matters(
  "pass-time",
  "the transaction's time in the seal of a presentation",
  ["RF410", "9 rows"],
  () => replayed(false),
  time,
);

matters(
  "pass-pid",
  "backend and time in the seal of a presentation",
  ["RF410", "9 rows"],
  () => replayed(true),
  both(time, pid),
);

attack(
  {
    id: "M-pass-pid-alone",
    title: "without the time in the seal of a presentation, in another backend",
    expected: "RF410 by the backend in it",
  },
  async () => {
    const restore = await time(superuser);
    const seen = await replayed(true).finally(restore);
    expect(seen).toBe("RF410");
    return seen;
  },
);

matters(
  "pass-key",
  "the key in the seal of a presentation: who knows a handle seals it by hand, and past the lock",
  ["RF410", "9 rows"],
  async () => {
    const api = await ground.connect();
    const digest = digestOf(await passOf(api, ground.acme.owner));
    await api.query("begin");
    const seal =
      "encode(sha256(timestamptz_send(transaction_timestamp()) || int4send(pg_backend_pid())), 'hex')";
    await set(api, `${digest}|pass|${String(await valueOf(api, `select ${seal}`))}`);
    const seen = await outcome(api, theirRows);
    await api.query("rollback");
    return seen;
  },
  unsealed(/(p\.)?\bkey(?= \|\|)/g),
);

timely(
  "pass-age",
  "the end of a transaction's life under a pass (here after 0.2 s)",
  ["RF410", "9 rows"],
  async () => {
    const api = await ground.connect();
    const { owner } = ground.acme;
    return presenting(api, owner.token, await passOf(api, owner), async () => {
      expect(await tried(api, theirRows)).toBe("9 rows");
      await new Promise((resolve) => setTimeout(resolve, 400));
      return tried(api, theirRows);
    });
  },
  lessOfView(view, ["'00:00:15'", "'00:00:00.2'"]),
);

matters(
  "pass-expiry",
  "the end of a pass itself",
  ["RF410", "9 rows"],
  async () => {
    const [api, who] = [await ground.connect(), await someone()];
    const pass = await passOf(api, who);
    expect(await shown(api, who.token, pass)).toBe("9 rows");
    await superuser.query("update kernel.pass set expires_at = now() where digest = $1", [digestOf(pass)]);
    return shown(api, who.token, pass);
  },
  lessOfView(view, ["LEAST(", "greatest("]),
);
