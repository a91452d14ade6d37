import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { promisedRates, type Rates, type Route } from "../../server/http/index.ts";
import { requestFor } from "../attack/door-requests.ts";
import { type Answer, client, type Client } from "../client.ts";
import { declaredRoutes } from "../declared-routes.ts";
import type { Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { connectDirectory } from "../scim-ground.ts";
import { testServer, type TestServer } from "../server.ts";

// Each act that is held to a rate of its own, over the real server: that it is held at all, at its number, and by name.

const hour = 3_600_000;
const plenty = { limit: 10_000_000, periodMs: hour };
/** A number for each kind of act, so that a door that counts as another kind is noticed. */
const numbers = { "sign-in": 3, import: 4, export: 5, bulk: 6, send: 7 } as const;
type Kind = keyof typeof numbers;
const kinds = Object.keys(numbers) as Kind[]; // its own keys, written above
const ratesOf = (limit: number) => ({ limit, periodMs: hour });
const rates: Rates = {
  ...promisedRates,
  address: plenty,
  console: plenty,
  person: plenty,
  secretKey: plenty,
  provisioningKey: plenty,
  tenant: plenty,
  bursts: {
    "sign-in": ratesOf(numbers["sign-in"]),
    import: ratesOf(numbers.import),
    export: ratesOf(numbers.export),
    bulk: ratesOf(numbers.bulk),
    send: ratesOf(numbers.send),
  },
};

const routes = declaredRoutes();
const limited = routes.filter(({ limit }) => limit !== undefined);
const named = ({ method, path }: Route): string => `${method} ${path}`;

/** Acts that no rule below finds by what they declare: what proves who somebody is, imports, and what others are sent. */
const acts: Readonly<Record<Exclude<Kind, "export" | "bulk">, readonly string[]>> = {
  "sign-in": [
    "POST /auth/email",
    "POST /auth/organizations",
    "POST /auth/passkeys",
    "POST /auth/passkeys/options",
    "POST /auth/password",
    "POST /auth/prove",
    "POST /auth/prove/options",
    "POST /auth/tokens",
    "POST /auth/totp/confirm",
  ],
  import: [
    "POST /imports",
    "POST /imports/:id/cancel",
    "POST /imports/:id/check",
    "POST /imports/:id/start",
    "POST /imports/:id/undo",
  ],
  send: [
    "POST /auth/support",
    "POST /auth/support/emergencies",
    "POST /auth/support/emergencies/:id/confirm",
    "POST /domains/:id/check",
    "POST /invitations",
    "POST /support-grants",
  ],
};

/** Open doors that change something and are held by the general rates alone, with the reason. */
const unhurried: Readonly<Record<string, string>> = {
  "POST /auth/tokens/refresh":
    "many programs of one network refresh at once, each by a token that nobody guesses",
  "POST /auth/oidc/:connection/backchannel-logout":
    "a provider ends everybody's sessions from one address, by what it signed",
};

describe("the list of acts", () => {
  proves("LIM-5");
  const heldAs = (kind: Kind | undefined, of: (route: Route) => boolean): string[] =>
    routes.filter((route) => route.limit === kind && of(route)).map(named);
  const signIn = (route: Route): boolean => route.kind === "open";
  const leaves = ({ path }: Route): boolean => /\.(csv|jsonl)$/.test(path);
  const bulk = ({ path }: Route): boolean => /\/bulk(\/|$)/i.test(path);

  test("every open door that changes anything counts as a sign-in, but for those that are named", () => {
    const open = routes.filter((route) => route.kind === "open" && route.method !== "GET").map(named);
    expect(open.length).toBeGreaterThan(20);
    expect(open.filter((name) => !heldAs("sign-in", signIn).includes(name)).toSorted()).toEqual(
      Object.keys(unhurried).toSorted(),
    );
  });

  test("every file that leaves counts as an export, and whatever needs the right to export", () => {
    const leaving = routes.filter(
      (route) => leaves(route) || ("needs" in route && route.needs.some((need) => need.endsWith(".export"))),
    );
    expect(leaving.length).toBeGreaterThan(5);
    expect(leaving.map(named)).toEqual(heldAs("export", () => true));
  });

  test("every door for many records at once counts as bulk", () => {
    const many = routes.filter(bulk).map(named);
    expect(many.length).toBeGreaterThan(9);
    expect(many).toEqual(heldAs("bulk", () => true));
  });

  test.each(Object.entries(acts))("what counts as %s is named", (kind, names) => {
    const held = limited.filter((route) => route.limit === kind && !(kind === "sign-in" && signIn(route)));
    expect(held.map(named).toSorted()).toEqual([...names]);
  });

  test("every kind of act has a rate that is promised", () => {
    expect(Object.keys(promisedRates.bursts).toSorted()).toEqual(kinds.toSorted());
  });
});

let server: TestServer;
let acme: Organization;

beforeAll(async () => {
  server = await testServer({}, undefined, rates);
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

let callers = 0;
/** Somebody whom no bucket knows yet: a person, a directory, or an address. */
async function newcomer({ kind }: Route): Promise<Client> {
  callers += 1;
  if (kind === "open") return client({ origin: server.origin, ip: `198.51.100.${callers}` });
  if (kind === "protocol") {
    const { token } = await connectDirectory(server, acme, { name: `Directory ${callers}` });
    return server.bearer(token);
  }
  return server.browserOf((await server.database.member(acme, "owner")).token);
}

async function ask(caller: Client, route: Route): Promise<Answer> {
  const { method, path, sending } = requestFor(route, route.kind === "tenant" ? "/o/acme/v1" : "");
  const browser = route.kind === "open" || caller.cookies.size > 0;
  const proof = browser && method !== "GET" ? { "x-csrf-token": await caller.csrf() } : {};
  return caller.send(method, path, { ...sending, headers: { ...sending.headers, ...proof } });
}

describe("an act with a rate of its own", () => {
  proves("LIM-5");

  test.each(limited.map((route) => [named(route), route.limit, route] as const))(
    "is refused at its number: %s (%s)",
    async (_, kind, route) => {
      if (kind === undefined) throw new Error("a route without a limit is no row of this table");
      const [caller, limit] = [await newcomer(route), numbers[kind]];
      const seen: Answer[] = [];
      for (let time = 0; time <= limit; time += 1) seen.push(await ask(caller, route));
      expect(seen.map(({ status }) => status === 429)).toEqual([...Array<false>(limit).fill(false), true]);
      const [last, refused] = seen.slice(-2);
      expect(last?.headers["ratelimit"]).toMatch(new RegExp(`^"${kind}";r=0;`));
      expect(refused?.headers["ratelimit-policy"]).toContain(`"${kind}";q=${limit};w=3600`);
      expect(refused?.headers["ratelimit"]).toMatch(new RegExp(`^"${kind}";r=0;t=\\d+$`));
      // One comes back after each part of the hour.
      const wait = Number(refused?.headers["retry-after"]);
      expect(wait).toBeGreaterThan(3600 / limit - 60);
      expect(wait).toBeLessThanOrEqual(Math.ceil(3600 / limit));
      // Nothing else of whoever it is has been used up, and nobody else's.
      expect((await caller.get("/readyz")).status).toBe(200);
      expect((await ask(await newcomer(route), route)).status).not.toBe(429);
    },
  );
});
