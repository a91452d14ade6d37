import { expect } from "vitest";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import type { Member } from "../installed-database.ts";
import { lettersTo, linkTo, setPassword } from "../mail-ground.ts";
import { attack } from "./attack.ts";
import { oneTimeGround } from "./one-time-ground.ts";
import { less, mattersOn } from "./take-away.ts";

// Guessing passwords: each try is counted by the statement that decides whether it is judged. And what stops the guessing must not
// become a way to lock others out (ASVS 6.1.1).

const ground = oneTimeGround();
const times = <T>(count: number, work: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => work(at)));

interface Try {
  readonly email: string;
  readonly derived?: Buffer;
  readonly ip: string;
  readonly device?: string;
}

/** What kernel.sign_in came to: "in", "wrong", "wait" or "locked". */
async function signIn({
  email,
  derived = Buffer.alloc(32, 9),
  ip,
  device = newToken(),
}: Try): Promise<string> {
  const came = await ground.auth("select kernel.sign_in($1, $2, $3, null, $4, 'a guesser', null, null, $5)", [
    email,
    derived,
    sha256(newToken()),
    ip,
    sha256(device),
  ]);
  if (came === null) return "wrong";
  if (typeof came !== "object") return String(came);
  return "wait" in came ? "wait" : "locked" in came ? "locked" : "in";
}

const of = (seen: readonly string[], what: string): number => seen.filter((each) => each === what).length;
const somewhere = (at: number): string => `198.${18 + (at >> 8)}.${at & 255}.7`;

async function failures(email: string): Promise<unknown> {
  const { rows } = await ground
    .superuser()
    .query("select tries from kernel.sign_in_lock where account = kernel.account_digest($1)", [email]);
  return rows[0]?.tries ?? 0;
}

/** A browser in which this person has signed in before. */
async function knownDevice(person: Member): Promise<string> {
  const device = newToken();
  await ground
    .superuser()
    .query("insert into kernel.known_device (person_id, digest) values ($1, $2)", [
      person.personId,
      sha256(sha256(device)),
    ]);
  return device;
}

attack(
  {
    id: "GU-1",
    title:
      "200 wrong passwords at once from 200 networks (ZITADEL CVE-2023-47111, Kratos 8d4b3c3ae: tries were lost)",
    expected: "200 counted, 100 judged",
  },
  async () => {
    const { email, derived } = await ground.somebody();
    const seen = await times(200, (at) => signIn({ email, ip: somewhere(at) }));
    expect([of(seen, "wrong"), of(seen, "locked")]).toEqual([100, 100]);
    expect(await failures(email)).toBe(200);
    const right = await times(50, (at) => signIn({ email, derived, ip: somewhere(1000 + at) }));
    expect(of(right, "in")).toBe(0);
    return "200 counted, 100 judged";
  },
);

attack(
  {
    id: "GU-2",
    title: "the right password in a burst of 200 wrong ones, beyond the limit",
    expected: "never in",
  },
  async () => {
    const { email, derived } = await ground.somebody();
    await ground
      .superuser()
      .query("insert into kernel.sign_in_lock (account, tries) values (kernel.account_digest($1), 100)", [
        email,
      ]);
    const seen = await times(200, (at) =>
      signIn({ email, ...(at % 10 === 7 ? { derived } : {}), ip: somewhere(at) }),
    );
    expect(of(seen, "locked")).toBe(200);
    expect(await failures(email)).toBe(300);
    return "never in";
  },
);

attack(
  {
    id: "GU-3",
    title: "200 guesses at once from one network, and from one IPv6 /64 by 200 addresses",
    expected: "5 judged each",
  },
  async () => {
    for (const ip of [() => "198.51.100.7", (at: number) => `2001:db8:1:2:${at.toString(16)}::1`]) {
      const { email, derived } = await ground.somebody();
      const startedAt = performance.now();
      const seen = await times(200, (at) => signIn({ email, ip: ip(at) }));
      const seconds = (performance.now() - startedAt) / 1000;
      // A machine that takes longer than the first wait of one second has one more judged, and so on.
      const judged = 5 + Math.floor(Math.log2(seconds + 1));
      expect(of(seen, "wrong")).toBeGreaterThanOrEqual(5);
      expect(of(seen, "wrong")).toBeLessThanOrEqual(judged);
      expect(of(seen, "wrong") + of(seen, "wait")).toBe(200);
      expect(await signIn({ email, derived, ip: ip(1) })).toBe("wait");
      // Somebody elsewhere is not made to wait by it.
      expect(await signIn({ email, derived, ip: "203.0.113.200" })).toBe("in");
    }
    return "5 judged each";
  },
);

attack(
  {
    id: "GU-4",
    title: "lock somebody out of their own account by guessing",
    expected: "in, from a known browser and by mail",
  },
  async () => {
    const { server, database } = ground;
    const person = await ground.somebody();
    const password = "quite-long winter 47 ferns";
    await setPassword(database, person.email, password);
    const laptop = server.stranger();
    expect((await laptop.post("/auth/sign-in", { email: person.email, password })).json.signedIn).toBe(true);
    await laptop.post("/auth/sign-out");
    await times(150, (at) => signIn({ email: person.email, ip: somewhere(at) }));
    const elsewhere = (ip: string) => ({ headers: { "x-forwarded-for": ip } });
    const stranger = server.stranger();
    const locked = await stranger.post(
      "/auth/sign-in",
      { email: person.email, password },
      elsewhere("192.0.2.1"),
    );
    expect([locked.status, locked.json.type]).toEqual([403, expect.stringMatching(/\/sign-in-locked$/)]);
    // The browser from before, even from the network of the guesser.
    const known = await laptop.post(
      "/auth/sign-in",
      { email: person.email, password },
      elsewhere(somewhere(3)),
    );
    expect(known.json.signedIn).toBe(true);
    await stranger.post("/auth/sign-in", { email: person.email, password }, elsewhere("192.0.2.2"));
    const letters = (await lettersTo(database, person.email)).filter(({ purpose }) => purpose === "unlock");
    expect(letters).toHaveLength(1);
    const { token } = await linkTo(database, person.email, "unlock");
    expect((await stranger.post("/auth/unlock/redeem", { token })).status).toBe(204);
    const after = await stranger.post(
      "/auth/sign-in",
      { email: person.email, password },
      elsewhere("192.0.2.3"),
    );
    expect(after.json.signedIn).toBe(true);
    return "in, from a known browser and by mail";
  },
);

attack(
  { id: "GU-5", title: "tell by the lock whether anybody has an address", expected: "the same for both" },
  async () => {
    const { server, database } = ground;
    const { email } = await ground.somebody();
    const answers: string[] = [];
    for (const address of [email, "nobody.at.all@example.com"]) {
      await times(120, (at) => signIn({ email: address, ip: somewhere(at) }));
      const answer = await server
        .stranger()
        .post(
          "/auth/sign-in",
          { email: address, password: "not the password 99" },
          { headers: { "x-forwarded-for": "192.0.2.9" } },
        );
      answers.push(`${answer.status} ${answer.text.replace(/urn:request:[0-9a-f-]{36}/, "")}`);
      expect(await failures(address)).toBe(120);
    }
    expect(new Set(answers).size).toBe(1);
    expect((await lettersTo(database, email)).map(({ purpose }) => purpose)).toEqual(["unlock"]);
    return "the same for both";
  },
);

attack(
  {
    id: "GU-6",
    title: "guess on and on with the cookie of a browser that was known",
    expected: "forgotten after 20 tries",
  },
  async () => {
    const person = await ground.somebody();
    const device = await knownDevice(person);
    const seen: string[] = [];
    for (let guess = 0; guess < 30; guess += 1) {
      seen.push(await signIn({ email: person.email, ip: "203.0.113.5", device }));
      // As if each wait had been sat out.
      await ground
        .superuser()
        .query("update kernel.sign_in_try set free_at = now() where account = kernel.account_digest($1)", [
          person.email,
        ]);
    }
    expect(of(seen, "wrong")).toBe(30);
    const { rows } = await ground
      .superuser()
      .query("select from kernel.known_device where person_id = $1", [person.personId]);
    expect(rows).toEqual([]);
    // Twenty-one were the device's own; the rest count against the account.
    expect(await failures(person.email)).toBe(9);
    return "forgotten after 20 tries";
  },
);

attack(
  {
    id: "GU-7",
    title: "sit out the waits between guesses",
    expected: "1, 2, 4, 8, 16, 32, 60 and 60 seconds",
  },
  async () => {
    const { email, derived } = await ground.somebody();
    const ip = "203.0.113.77";
    const waits: number[] = [];
    for (let guess = 1; guess <= 12; guess += 1) {
      expect(await signIn({ email, ip })).toBe("wrong");
      const { rows } = await ground
        .superuser()
        .query(
          "select round(extract(epoch from free_at - last_at))::integer as wait from kernel.sign_in_try where account = kernel.account_digest($1)",
          [email],
        );
      if (guess < 5) expect(rows).toEqual([{ wait: 0 }]);
      else waits.push(rows[0].wait);
      await ground
        .superuser()
        .query("update kernel.sign_in_try set free_at = now() where account = kernel.account_digest($1)", [
          email,
        ]);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(await signIn({ email, derived, ip })).toBe("in");
    expect(await failures(email)).toBe(0);
    return "1, 2, 4, 8, 16, 32, 60 and 60 seconds";
  },
);

attack(
  {
    id: "GU-8",
    title: "use up somebody's letters by asking for passwords and links, and then lock them out",
    expected: "unlocked by mail",
  },
  async () => {
    const { server, database } = ground;
    const person = await ground.somebody();
    const stranger = server.stranger();
    const from = (at: number) => ({ headers: { "x-forwarded-for": somewhere(at) } });
    for (let time = 0; time < 7; time += 1) {
      for (const door of ["/auth/password-reset", "/auth/magic-link"])
        expect((await stranger.post(door, { email: person.email }, from(time))).status).toBe(202);
    }
    expect(await lettersTo(database, person.email)).toHaveLength(10);
    await times(101, (at) => signIn({ email: person.email, ip: somewhere(at) }));
    await stranger.post("/auth/sign-in", { email: person.email, password: "x" }, from(300));
    const { token } = await linkTo(database, person.email, "unlock");
    expect((await server.stranger().post("/auth/unlock/redeem", { token })).status).toBe(204);
    expect(await signIn({ ...person, ip: "192.0.2.8" })).toBe("in");
    return "unlocked by mail";
  },
);

/** Guesses at somebody's password from 150 networks, all with the cookie of a browser that only the guesser has signed in with. */
async function guessesAs(guesser: string, email: string): Promise<string> {
  const seen = await times(150, (at) => signIn({ email, ip: somewhere(at), device: guesser }));
  return `${of(seen, "wrong")} judged, ${String(await failures(email))} counted`;
}

attack(
  {
    id: "GU-9",
    title:
      "guess with the cookie of a browser that is known, but as somebody else's, and from the network of whoever is guessed at",
    expected: "100 judged, 150 counted: it gains nothing, and costs nobody but the guesser",
  },
  async () => {
    const [anna, vera] = [await ground.somebody(), await ground.somebody()];
    const [hers, veras] = [await knownDevice(anna), await knownDevice(vera)];
    const seen = await guessesAs(hers, vera.email);
    // The right one is not heard either, wherever it comes from; the browser that is Vera's is, also beside the guesser.
    expect(await signIn({ ...vera, ip: "192.0.2.30", device: hers })).toBe("locked");
    expect(await signIn({ ...vera, ip: "192.0.2.31", device: veras })).toBe("in");
    const waiting = await times(20, () =>
      signIn({ email: vera.email, ip: "192.0.2.31", device: newToken() }),
    );
    expect(of(waiting, "in")).toBe(0);
    expect(await signIn({ ...vera, ip: "192.0.2.31", device: veras })).toBe("in");
    // Nor has it locked the guesser's own account, or had it forgotten there.
    expect([await failures(anna.email), await signIn({ ...anna, ip: "192.0.2.32", device: hers })]).toEqual([
      0,
      "in",
    ]);
    return `${seen}: it gains nothing, and costs nobody but the guesser`;
  },
);

mattersOn(ground.superuser)(
  "guess-known-as",
  "the question whose a known browser is, where tries are counted",
  ["100 judged, 150 counted", "5 judged, 0 counted"],
  async () => {
    const [anna, vera] = [await ground.somebody(), await ground.somebody()];
    return guessesAs(await knownDevice(anna), vera.email);
  },
  less("kernel.place_of_try(text,inet,bytea)", ["d.person_id = (kernel.person_at(address)).id and", ""]),
);
