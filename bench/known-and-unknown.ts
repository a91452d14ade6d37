import {
  argon2idByDefault,
  derive,
  newRecipe,
  storedRecipe,
  verifierOf,
} from "../server/kernel/passwords/index.ts";
import { type Compared, mannWhitney } from "../tests/mann-whitney.ts";
import type { TestServer } from "../tests/server.ts";

/** A door that takes an address, and what is sent to it. */
export interface AddressDoor {
  readonly path: string;
  readonly body: (email: string) => unknown;
}

/** The open doors that take an address from anybody. */
export const addressDoors: readonly AddressDoor[] = [
  { path: "/auth/sign-in", body: (email) => ({ email, password: "not the password 99" }) },
  { path: "/auth/password-reset", body: (email) => ({ email }) },
  { path: "/auth/magic-link", body: (email) => ({ email }) },
];

export interface Told extends Compared {
  /** Distinct answers, less the id of the request: status, headers that could tell, body. */
  readonly answers: readonly string[];
}

/** Makes people with passwords, `person-N@known.example`; that many at `unknown.example` exist nowhere. */
export async function makePeople(server: TestServer, count: number): Promise<void> {
  const organization = await server.database.organization({ slug: "known" });
  const recipe = newRecipe(argon2idByDefault);
  const { scheme, parameters, salt } = storedRecipe(recipe);
  const db = await server.database.connectAsSuperuser();
  await db.query(
    `with made as (
       insert into kernel.person (email, name, recipe, verifier)
       select 'person-' || i || '@known.example', 'Person ' || i, $1, $2 from generate_series(1, $3::integer) i returning id)
     insert into kernel.membership (tenant_id, person_id, roles, permissions)
     select $4, made.id, '{member}', kernel.permissions_of($4, '{member}') from made`,
    [
      JSON.stringify({ scheme, parameters, salt: salt.toString("base64") }),
      verifierOf(await derive("the right password 12", recipe)),
      count,
      organization.id,
    ],
  );
  await db.query("analyze");
}

/**
 * Asks a door about addresses that somebody has and that nobody has, in turns, one request after the other, each from a
 * network of its own; says by Mann and Whitney's test whether the times differ.
 */
export async function askInTurns(
  server: TestServer,
  { path, body }: AddressDoor,
  rounds: number,
  people: number,
): Promise<Told> {
  const times = { known: [] as number[], unknown: [] as number[] };
  const answers = new Set<string>();
  const browser = server.stranger();
  await browser.csrf();
  const ask = async (kind: "known" | "unknown", round: number): Promise<void> => {
    const email = `person-${(round % people) + 1}@${kind}.example`;
    const ip = `10.${kind === "known" ? 1 : 2}.${(round >> 8) & 255}.${round & 255}`;
    const startedAt = performance.now();
    const answer = await browser.post(path, body(email), { headers: { "x-forwarded-for": ip } });
    times[kind].push(performance.now() - startedAt);
    const cookies = [answer.headers["set-cookie"] ?? []].flat().map((line) => line.replace(/=[^;]+/, ""));
    answers.add(`${answer.status} ${cookies.join()} ${answer.text.replace(/urn:request:[0-9a-f-]{36}/, "")}`);
  };
  // The first ones open connections and have plans made.
  for (let round = 0; round < 10; round += 1)
    for (const kind of ["known", "unknown"] as const) await ask(kind, round);
  times.known = [];
  times.unknown = [];
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? (["known", "unknown"] as const) : (["unknown", "known"] as const);
    for (const kind of order) await ask(kind, round);
  }
  return { ...mannWhitney(times.known, times.unknown), answers: [...answers] };
}
