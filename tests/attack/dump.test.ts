import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { boundAs } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, valueOf } from "./attack-ground.ts";

// Whoever holds a copy of the database holds no way in: no token of a session, a key or a link, nor what the server makes of it.

proves("IAM-4");

const ground = attackGround();

/** Every row of every table as text. */
async function everyRow(): Promise<string> {
  const superuser = await ground.superuser();
  const { rows } = await superuser.query<{ relation: string }>(
    "select oid::regclass::text as relation from pg_class where relkind in ('r', 'm') and relnamespace not in ('pg_toast'::regnamespace)",
  );
  const texts: unknown[] = [];
  for (const { relation } of rows)
    texts.push(await valueOf(superuser, `select string_agg(x::text, E'\\n') from ${relation} x`));
  return texts.join("\n");
}

/** What pg_dump writes, where there is one that is new enough for the server. */
async function dumped(): Promise<string | null> {
  const server = Number(
    await valueOf(await ground.superuser(), "select current_setting('server_version_num')::int / 10000"),
  );
  const program = [`/usr/lib/postgresql/${server}/bin/pg_dump`].find((path) => existsSync(path));
  if (program === undefined) return null;
  const { stdout, status, stderr } = spawnSync(program, ["-d", ground.db.dsn], {
    encoding: "utf8",
    env: {},
    maxBuffer: 2 ** 28,
  });
  expect(status, stderr).toBe(0);
  return stdout;
}

/** The token itself, what the server sends of it to the database, and both in the spellings in which a dump could hold them. */
function spellings(token: string): string[] {
  const bytes = [Buffer.from(token), Buffer.from(token, "base64url"), sha256(token)];
  return [
    token,
    ...bytes.flatMap((value) => [
      value.toString("hex"),
      value.toString("base64"),
      value.toString("base64url"),
    ]),
  ];
}

attack(
  {
    id: "IAM-4",
    title: "search a dump of the database for the tokens of sessions, keys and links",
    expected: "none",
  },
  async () => {
    const { owner, slug } = ground.acme;
    const member = await ground.db.member(ground.acme, "member");
    const key = await ground.db.key(ground.acme, owner);
    const ticket = newToken();
    const api = await ground.connect();
    await boundAs(api, { token: owner.token, slug, needs: ["member.invite"] }, () =>
      api.query("select kernel.invite('late@x.example', '{viewer}', $1, 3600, $2, 'Join', '\\x00')", [
        sha256(ticket),
        uuidv7(),
      ]),
    );
    const copies = [await everyRow(), await dumped()].filter((text) => text !== null);
    for (const copy of copies) {
      expect(copy.includes(owner.email)).toBe(true);
      expect(copy.includes(sha256(sha256(owner.token)).toString("hex"))).toBe(true);
      for (const secret of [owner.token, member.token, key, ticket].flatMap(spellings))
        expect(copy.includes(secret)).toBe(false);
      for (const secret of [owner.derived, member.derived])
        expect(copy.includes(secret.toString("hex"))).toBe(false);
    }
    return "none";
  },
);
