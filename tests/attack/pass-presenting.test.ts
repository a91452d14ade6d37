import type { Client } from "pg";
import { expect } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import { boundAs, enter } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, codeOf, outcome, summed, tried, valueOf } from "./attack-ground.ts";
import {
  type Bearer,
  digestOf,
  endByHand,
  genuinePass,
  present,
  presentation,
  presenting,
  set,
  setting,
  shown,
} from "./pass-ground.ts";

// A presentation is good in its transaction and its backend, and only kernel.present makes one: here every other way.

proves("ISO-1", "ISO-2", "ISO-6", "ISO-7");

const ground = attackGround();
const theirRows = "select * from app.contact";
const acmes = (): Bearer => ({ token: ground.acme.owner.token, slug: "acme" });
const passOf = (client: Client): Promise<Buffer> => genuinePass(client, acmes());

attack(
  {
    id: "P-copied",
    title:
      "copy a presentation to another transaction, of the same backend and of another, and into the session",
    expected: "RF410, after 9 rows",
  },
  async () => {
    const [api, other] = [await ground.connect(), await ground.connect()];
    const pass = await passOf(api);
    const read = async (client: Client): Promise<string> => tried(client, theirRows);
    const seen: string[] = [];
    const copied = await presenting(api, ground.acme.owner.token, pass, async () => {
      expect(await read(api)).toBe("9 rows");
      const text = await presentation(api);
      // While the one that made it is still open, and has the lock.
      seen.push(await setting(other, text, () => read(other)));
      await api.query("commit and chain");
      await set(api, text);
      seen.push(await read(api));
      return text;
    });
    for (const client of [api, other]) seen.push(await setting(client, copied, () => read(client)));
    await api.query(`set ringfence.binding = '${copied}'`);
    seen.push(await outcome(api, theirRows));
    // Whose setting is full already presents nothing.
    expect(await shown(api, ground.acme.owner.token, pass)).toBe("42501");
    await api.query("reset ringfence.binding");
    expect(await shown(api, ground.acme.owner.token, pass)).toBe("9 rows");
    expect(summed(seen)).toBe("RF410");
    return summed(seen);
  },
);

attack(
  {
    id: "P-message",
    title: "begin; present; commit; begin in one message, or in a DO block, then the copied presentation",
    expected: "42501; RF410 where it was begun before",
  },
  async () => {
    const api = await ground.connect();
    const presentText = presenter(await passOf(api));
    const copy = "select current_setting('ringfence.binding', true) as binding";
    const seen = [
      await outcome(api, `begin; ${presentText}; ${copy}; commit; begin;`),
      await outcome(api, "rollback").then(() => outcome(api, `${presentText}; ${copy}`)),
      await outcome(api, presentText),
      await outcome(api, `do $$ begin perform ${presentText.slice(7)}; commit; end $$`),
      await outcome(api, `do $$ begin commit; perform ${presentText.slice(7)}; commit; end $$`),
    ];
    expect(summed(seen)).toBe("42501");
    // Begun before: it is presented, but what begins afterwards has another time.
    await api.query("begin");
    // Several statements give several results, which the types of the client do not know.
    const results = (await api.query(`${presentText}; ${copy}; commit; begin`)) as unknown as {
      rows: { binding: string }[];
    }[];
    const copied = results[1]?.rows[0]?.binding ?? "";
    expect(copied).toMatch(/^[0-9a-f]{64}\|pass\|[0-9a-f]{64}$/);
    await set(api, copied);
    seen.push(await outcome(api, theirRows));
    await api.query("rollback");
    expect(summed(seen)).toBe("42501, RF410");
    return summed(seen);
  },
);

const presenter = (pass: Buffer): string =>
  `select kernel.present('\\x${sha256(ground.acme.owner.token).toString("hex")}', '\\x${pass.toString("hex")}')`;

attack(
  {
    id: "P-twice",
    title: "present twice, present after entering, enter after presenting, enter with a handle",
    expected: "42501, RF401",
  },
  async () => {
    const api = await ground.connect();
    const { token } = ground.acme.owner;
    const pass = await passOf(api);
    const presented = (): Promise<string> => present(api, token, pass).then(() => "presented", codeOf);
    const entered = (): Promise<string> =>
      enter(api, token, "acme", ["contact.change"]).then(() => "entered", codeOf);
    const seen = [
      await presenting(api, token, pass, presented),
      await presenting(api, token, pass, entered),
      await ground.inAcme(api, ["contact.read", "contact.change"], presented),
      // What is left to write by hand is a presentation of this pass, which was never made here.
      await setting(api, `${digestOf(pass)}|pass|`, presented),
      ...(await Promise.all(
        [pass.toString("hex"), pass.toString("latin1")].map(async (handle) =>
          boundAs(
            await ground.connect(),
            { token: handle, slug: "acme", needs: ["contact.read"] },
            async () => "entered",
          ).catch(codeOf),
        ),
      )),
    ];
    expect(seen).toEqual(["42501", "42501", "42501", "42501", "RF401", "RF401"]);
    return summed(seen);
  },
);

attack(
  {
    id: "P-seals",
    title: "write settings of every shape by hand, with digest and seal of one's own passes and of another's",
    expected: "RF410 or 42501, nothing told, while the genuine one works",
  },
  async () => {
    const [api, superuser] = [await ground.connect(), await ground.superuser()];
    const { token } = ground.acme.owner;
    const [pass, mine] = [await passOf(api), await passOf(api)];
    const theirs = await genuinePass(api, { token: ground.rival.owner.token, slug: "rival" });
    const told: string[] = [];
    const codes = new Set<string>();
    await presenting(api, token, pass, async () => {
      const genuine = await presentation(api);
      const digests = [pass, mine, theirs].map(digestOf);
      for (const forged of settings(genuine, digests, [pass, mine, theirs])) {
        for (const text of asked) {
          await api.query("savepoint forged");
          await set(api, forged);
          const error = await api.query(text).then(
            ({ rows }) => ({ rows }),
            (thrown: unknown) => thrown,
          );
          if (!(error instanceof Error)) expect([forged, text, error]).toEqual([forged, text, null]);
          codes.add(codeOf(error));
          // What was typed is no news.
          if (!forged.includes(digests[2] ?? ""))
            told.push(JSON.stringify(error, Object.getOwnPropertyNames(error)));
          await api.query("rollback to savepoint forged");
        }
      }
      expect(await tried(api, theirRows)).toBe("9 rows");
    });
    for (const code of codes) expect(["RF410", "42501"]).toContain(code);
    expect(told.length).toBeGreaterThan(60);
    const { rows } = await superuser.query<{ digest: string; key: string }>(
      "select digest, encode(key, 'hex') as key from kernel.pass",
    );
    for (const { digest, key } of rows) {
      expect(told.join("\n")).not.toContain(digest);
      expect(told.join("\n")).not.toContain(key);
    }
    return "refused, nothing told";
  },
);

const asked = [theirRows, "select kernel.bound('contact.read')", "select pass from kernel.mint_pass()"];

function settings(genuine: string, digests: readonly string[], passes: readonly Buffer[]): string[] {
  const [digest = "", , seal = ""] = genuine.split("|");
  const [, mine = "", theirs = ""] = digests;
  const zeros = "0".repeat(64);
  return [
    ...[mine, theirs, zeros, seal].map((other) => `${other}|pass|${seal}`),
    ...[
      digest,
      zeros,
      mine,
      theirs,
      seal.slice(1),
      seal.slice(0, 62),
      `${seal}00`,
      "",
      "x",
      "zz",
      "0",
      " ",
    ].map((other) => `${digest}|pass|${other}`),
    ...passes.flatMap((pass) => [pass.toString("hex"), `${pass.toString("hex")}|pass|${seal}`]),
    `${digest.toUpperCase()}|pass|${seal}`,
    `${digest}|pass|${seal.toUpperCase()}`,
    `${digest}|pass|${seal} `,
    `${digest}|pass| ${seal}`,
    ` ${genuine}`,
    `${digest}|pass||${seal}`,
    `${digest}||pass|${seal}`,
    `${digest}|pass`,
    `${digest}|pass|`,
    `${digest}pass${seal}`,
    `${digest}${seal}`,
    `\\x${digest}|pass|\\x${seal}`,
    `%|pass|%`,
    `|pass|${seal}`,
    "|pass|",
    "pass",
    "x",
    "ä".repeat(64),
    `${digest}|pass|${"0".repeat(1_000_000)}`,
    "|".repeat(100_000),
  ];
}

attack(
  {
    id: "P-snapshot",
    title: "present a pass on a snapshot from before its end",
    expected: "42501, RF410, where READ COMMITTED reads before the end",
  },
  async () => {
    const [api, superuser] = [await ground.connect(), await ground.superuser()];
    const seen: string[] = [];
    for (const level of ["repeatable read", "serializable", "read committed"]) {
      for (const end of [true, false]) {
        const { token } = await ground.db.member(ground.acme, "member");
        const pass = await genuinePass(api, { token, slug: "acme" });
        await api.query(`begin isolation level ${level}`);
        expect(await valueOf(api, "select count(*)::int from pg_class")).toBeGreaterThan(0);
        if (end) await endByHand(superuser, token);
        const read = await present(api, token, pass).then(() => outcome(api, theirRows), codeOf);
        await api.query("rollback");
        if (!end && level === "read committed") expect(read).toBe("9 rows");
        else seen.push(read);
      }
    }
    expect(seen).toEqual(["42501", "42501", "42501", "42501", "RF410"]);
    return summed(seen);
  },
);
