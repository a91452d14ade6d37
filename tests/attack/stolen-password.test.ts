import { expect } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import { doorRoles, type DoorRole } from "../../server/kernel/install/index.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, canary } from "./attack-ground.ts";
import { everythingTold } from "./everything-told.ts";
import { curious, destructive } from "./hostile-statements.ts";

// A door's password in the wrong hands: everything that comes to mind, by psql where there is one, without a credential and
// with one that lives. What comes back is searched for whatever it must not hold; what stands is compared before and after.

proves("ISO-6", "ISO-10", "ISO-1");

const ground = attackGround();

const told = (role: DoorRole, statements: readonly string[]): Promise<string> =>
  everythingTold(ground.db, role, statements);

/** What no answer may hold: the other's values, keys, verifiers, digests, in the shapes in which PostgreSQL prints bytes. */
async function secrets(): Promise<string[]> {
  const superuser = await ground.superuser();
  const { rows } = await superuser.query<{ secret: Buffer }>(
    `
    select inner_pad as secret from kernel.credential union all select outer_pad from kernel.credential
    union all select inner_pad from kernel.job union all select outer_pad from kernel.job
    union all select inner_pad from kernel.installation union all select outer_pad from kernel.installation
    union all select digest from kernel.credential where digest <> sha256($1) union all select verifier from kernel.person where verifier is not null`,
    // One's own digest follows from one's own token.
    [sha256(ground.acme.owner.token)],
  );
  return [
    canary,
    ground.rival.owner.email,
    ground.rival.id,
    "SCRAM-SHA-256$",
    "root:x:0",
    ...rows.flatMap(({ secret }) => shapes(secret)),
  ];
}

/** Hex, escaped, and as a plan tree prints a constant: signed decimal bytes. */
function shapes(bytes: Buffer): string[] {
  const some = bytes.subarray(0, 12);
  return [
    some.toString("hex"),
    [...some].join(""),
    [...some].map((byte) => (byte > 127 ? byte - 256 : byte)).join(""),
  ];
}

const printing = [
  "set client_min_messages = log",
  "set debug_print_plan = on",
  "set debug_print_parse = on",
  "set debug_print_rewritten = on",
];
const printingDebug = ["set client_min_messages = debug5", ...printing.slice(1)];

/** Opens a transaction as the owner of acme, with nothing but the right to read contacts. */
const entering = (): string[] => [
  "begin",
  `select * from kernel.enter('\\x${sha256(ground.acme.owner.token).toString("hex")}', 'acme', '{contact.read}', gen_random_uuid(), null, 'psql')`,
];

attack(
  {
    id: "ISO-6a",
    title: `run ${curious.length + destructive.length} hostile statements with the password of each door and no credential`,
    expected: "no tenant's value, no key, no digest; nothing changed",
  },
  async () => {
    const before = await fingerprint();
    const forbidden = [...(await secrets()), "@nothing.example", ground.acme.owner.email, ground.acme.id];
    for (const role of doorRoles) {
      const answer = await told(role, [...curious, ...destructive]);
      for (const secret of forbidden) expect(answer.includes(secret), `${role}: ${secret}`).toBe(false);
    }
    expect(await fingerprint()).toEqual(before);
    return "nothing told, nothing changed";
  },
  120_000,
);

attack(
  {
    id: "ISO-6b",
    title: "the same with one live credential of another organization",
    expected: "its own rows and nothing beyond; nothing changed",
  },
  async () => {
    const before = await fingerprint();
    const answer = await told("api", [...entering(), ...curious, "commit"]);
    expect(answer).toContain("person1@nothing.example");
    for (const secret of await secrets()) expect(answer.includes(secret), secret).toBe(false);
    expect(await fingerprint()).toEqual(before);
    return "own rows; nothing changed";
  },
  60_000,
);

attack(
  {
    id: "ISO-10",
    title: `inject ${destructive.length} statements that write into an owner's read, and commit`,
    expected: "nothing changed",
  },
  async () => {
    const before = await fingerprint();
    const answer = await told("api", [...entering(), ...destructive, "commit"]);
    expect(answer).toContain("42501");
    for (const secret of await secrets()) expect(answer.includes(secret), secret).toBe(false);
    expect(await fingerprint()).toEqual(before);
    return "nothing changed";
  },
  60_000,
);

attack(
  {
    id: "N-seal-key",
    title: "have the seal key printed with the plans: debug_print_plan, custom, generic and auto plans",
    expected: "plans, and no key in them",
  },
  async () => {
    const asking = Array.from({ length: 7 }, () => [
      "select kernel.bound('contact.read')",
      "select kernel.holds('contact.read')",
      "select count(*) from app.contact",
    ]).flat();
    const forbidden = await secrets();
    for (const settings of [printing, printingDebug]) {
      for (const mode of ["auto", "force_custom_plan", "force_generic_plan"]) {
        const script = [`set plan_cache_mode = ${mode}`, ...settings, ...entering(), ...asking, "commit"];
        const answer = await told("api", script);
        // The plan of the very query that reads the key is among them.
        expect(answer.includes("outer_pad")).toBe(true);
        for (const secret of forbidden) expect(answer.includes(secret), `${mode}: ${secret}`).toBe(false);
      }
    }
    return "plans without the key";
  },
  60_000,
);

attack(
  {
    id: "N-verifier",
    title:
      "have a person's password verifier printed by a sign-in that fails, with the password of the auth door",
    expected: "plans, and no verifier in them",
  },
  async () => {
    const superuser = await ground.superuser();
    const { rows } = await superuser.query<{ secret: Buffer }>(
      "select v as secret from kernel.person p, unnest(array[p.verifier, sha256(p.verifier)]) v where p.email = $1",
      [ground.rival.owner.email],
    );
    for (const [at, mode] of ["auto", "force_custom_plan", "force_generic_plan"].entries()) {
      const answer = await told("auth", [
        `set plan_cache_mode = ${mode}`,
        ...printing,
        ...Array.from(
          { length: 7 },
          // From elsewhere each time: a few wrong ones from one network, and none is judged for a while.
          (_, time) =>
            `select kernel.sign_in('${ground.rival.owner.email}', 'wrong', 'x', null, '10.0.${at}.${time}', null, null, null)`,
        ),
      ]);
      expect(answer.includes("verifier")).toBe(true);
      for (const secret of rows.flatMap((row) => shapes(row.secret)))
        expect(answer.includes(secret), `${mode}: ${secret}`).toBe(false);
    }
    return "plans without the verifier";
  },
  60_000,
);

/** A digest of every table of the database but those that count or record what was tried. */
async function fingerprint(): Promise<Record<string, unknown>[]> {
  const superuser = await ground.superuser();
  const { rows } = await superuser.query<{ relation: string }>(`
    select oid::regclass::text as relation from pg_class where relkind = 'r' and relname not in ('refusal', 'idempotency')
       and relnamespace in ('app'::regnamespace, 'kernel'::regnamespace, 'public'::regnamespace) order by 1`);
  const sums: Record<string, unknown>[] = [];
  for (const { relation } of rows) {
    const sum = await superuser.query<Record<string, unknown>>(
      `select '${relation}' as relation, count(*) as rows, md5(string_agg(x::text, '|' order by x::text)) as sum from ${relation} x`,
    );
    sums.push(...sum.rows);
  }
  return sums;
}
