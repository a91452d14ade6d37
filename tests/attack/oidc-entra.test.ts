import { exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, expect } from "vitest";
import { uuidv7 } from "../../server/foundation/ids/index.ts";
import type { Client } from "../client.ts";
import { type Handle, microsoft, type Microsoft } from "../microsoft.ts";
import { directory, type OpenProvider, openProvider } from "../open-provider.ts";
import { proves } from "../proves.ts";
import { cameIn, type Org, ssoWorld, type SsoWorld } from "../sso-world.ts";
import { attack } from "./attack.ts";

// Microsoft Entra: one set of keys signs for everybody's directory, `sub` is another for each application, and `email` is
// whatever a directory's user or administrator typed. A certified provider plays it, under Microsoft's own name.

proves("IAM-7");

type Claims = Readonly<Record<string, unknown>>;

const [ours, theirs] = [uuidv7(), uuidv7()];
const [adasObject, gracesObject] = [uuidv7(), uuidv7()];
const pathOf = (tid: string): string => `/${tid}/v2.0`;

let world: SsoWorld;
let entra: Microsoft;
let provider: OpenProvider;
let elsewhere: OpenProvider;
let acme: Org;
let connection: string;
/** Who may sign in at Microsoft, by the name of a test's own. */
const accounts: Record<string, Claims> = {};
const clients: Claims[] = [];

beforeAll(async () => {
  [world, entra] = [await ssoWorld(), await microsoft()];
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const configuration = {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), use: "sig", alg: "RS256", kid: "everybody's" }] },
    // As Entra does: what was asked for stands in the id token.
    conformIdTokenClaims: false,
    claims: {
      openid: ["sub", "tid", "oid"],
      email: ["email", "email_verified", "xms_edov"],
      profile: ["name"],
    },
  };
  const started = (tid: string): Promise<OpenProvider> =>
    openProvider({ clients: () => clients, accounts, configuration, at: directory(entra, pathOf(tid)) });
  [provider, elsewhere] = [await started(ours), await started(theirs)];
  acme = await world.server.organization("acme");
  await world.verifyDomain(acme, "corp.example");
  connection = await world.connect(acme, provider.issuer);
  clients.push(registered(connection));
});
afterAll(async () => {
  await world.stop();
  await entra.stop();
});

const registered = (id: string): Claims => ({
  client_id: "ringfence",
  client_secret: "a secret of the client",
  redirect_uris: [`https://ringfence.example/auth/oidc/${id}/callback`],
});
const ada = { tid: ours, oid: adasObject, email: "ada@corp.example", xms_edov: true };
const grace = { tid: ours, oid: gracesObject, email: "grace@corp.example", xms_edov: true };

interface Seen {
  readonly in: boolean;
  readonly reason: string | undefined;
  readonly browser: Client;
}

/** Signs in at Microsoft as somebody of whom it says this; each gets a `sub` of its own unless it is told. */
async function enter(claims: Claims): Promise<Seen> {
  const account = uuidv7();
  accounts[account] = claims;
  const browser = world.server.stranger();
  const query = await provider.signIn(await world.begin(browser, connection), account);
  const came = cameIn(await world.arrive(browser, connection, query));
  return { in: came, reason: came ? undefined : (await world.reasons(acme))[0], browser };
}
const whoIs = async ({ browser }: Seen): Promise<string> =>
  (await browser.get("/auth/me")).json.person?.email ?? "nobody";
const refusedAs = (reason: string): object => expect.objectContaining({ in: false, reason });
const notOfThisDirectory = "the token names no object of this directory (tid, oid)";
const notVouchedFor = "address not vouched for";

attack(
  {
    id: "E-entra-oid",
    title:
      "at Entra, people are told apart by directory and object (better-auth #10204): one `sub` for two people, two for one",
    expected: "each is who the object says",
  },
  async () => {
    const first = await enter({ ...ada, sub: "the same" });
    expect(await whoIs(first)).toBe("ada@corp.example");
    expect(await whoIs(await enter({ ...grace, sub: "the same" }))).toBe("grace@corp.example");
    // By another application of the same directory, and with an address that she typed since.
    const later = await enter({ ...ada, sub: "another", email: "grace@corp.example", xms_edov: undefined });
    expect(await whoIs(later)).toBe("ada@corp.example");
    const { rows } = await world.db.query(
      "select issuer, subject from kernel.sso_identity where email in ('ada@corp.example', 'grace@corp.example') order by subject",
    );
    const stored = [adasObject, gracesObject].toSorted().map((oid) => ({
      issuer: `https://login.microsoftonline.com/${ours}/v2.0`,
      subject: `${ours}.${oid}`,
    }));
    expect(rows).toEqual(stored);
    return "each is who the object says";
  },
);

const places: readonly [string, Claims][] = [
  ["of another directory, with the same object", { tid: theirs }],
  ["without a directory", { tid: undefined }],
  ["without an object", { oid: undefined }],
  ["without either", { tid: undefined, oid: undefined }],
  ["of an empty directory", { tid: "" }],
  ["with an empty object", { oid: "" }],
  ["of a list of directories", { tid: [ours] }],
  ["with an object in a list", { oid: [adasObject] }],
  ["of a part of the directory", { tid: ours.slice(0, 8) }],
  ["of the directory in capitals", { tid: ours.toUpperCase() }],
  ["of a directory that is the name of the host", { tid: "login.microsoftonline.com" }],
  ["of a directory that is what follows it in the address", { tid: "v2.0" }],
  ["of a directory and a way out of it", { tid: `${ours}/../${theirs}` }],
  ["with a control character in the object", { oid: `${adasObject}\u0000` }],
];
attack(
  {
    id: "E-entra-tid",
    title: `at Entra, a token ${places.length} times for no object of this directory (better-auth #10204), for somebody who has come in before`,
    expected: "all refused",
  },
  async () => {
    expect((await enter(ada)).in).toBe(true);
    for (const [name, change] of places) {
      expect([name, await enter({ ...ada, ...change })]).toEqual([name, refusedAs(notOfThisDirectory)]);
    }
    return "all refused";
  },
);

attack(
  {
    id: "E-entra-keys",
    title:
      "at Entra, a token of the attacker's own directory, by the keys that sign for all, with a stolen object id (better-auth #10204)",
    expected: "refused",
  },
  async () => {
    const [here, there] = [answering(ours), answering(theirs)];
    accounts["attacker"] = { ...ada, tid: theirs };
    const browser = world.server.stranger();
    const location = await world.begin(browser, connection);
    // The attacker signs in at home, to the same application, and brings that answer as one of the directory's.
    const answer = await elsewhere.signIn(location.replace(ours, theirs), "attacker");
    expect(answer.get("iss")).toBe(elsewhere.issuer);
    expect(cameIn(await world.arrive(browser, connection, answer))).toBe(false);
    expect((await world.reasons(acme))[0]).toMatch(/iss/);
    const again = world.server.stranger();
    const second = await elsewhere.signIn(
      (await world.begin(again, connection)).replace(ours, theirs),
      "attacker",
    );
    second.set("iss", provider.issuer);
    entra.answers.set(pathOf(ours), (request, response) =>
      (request.url === "/token" ? there : here)(request, response),
    );
    try {
      expect(cameIn(await world.arrive(again, connection, second))).toBe(false);
    } finally {
      entra.answers.set(pathOf(ours), here);
    }
    // It is the token that was judged: signed by a key that is published here.
    expect((await world.reasons(acme))[0]).toMatch(/unexpected JWT "iss" \(issuer\) claim value.*claim iss/);
    return "refused";
  },
);

const unverified: readonly [string, Claims][] = [
  ["missing", { xms_edov: undefined }],
  ["false", { xms_edov: false }],
  ['the text "false"', { xms_edov: "false" }],
  ["0", { xms_edov: 0 }],
  ['the text "0"', { xms_edov: "0" }],
  ["null", { xms_edov: null }],
  ["2", { xms_edov: 2 }],
  ['the text "TRUE"', { xms_edov: "TRUE" }],
  ['the text "yes"', { xms_edov: "yes" }],
  ["a list with true", { xms_edov: [true] }],
  ["an object", { xms_edov: { verified: true } }],
  ["true, and email_verified false", { xms_edov: true, email_verified: false }],
  ['true, and email_verified the text "false"', { xms_edov: true, email_verified: "false" }],
];
attack(
  {
    id: "E-entra-typed",
    title: `at Entra, an address that somebody typed and no directory vouches for: xms_edov in ${unverified.length} ways that are no yes (better-auth #10204)`,
    expected: "all refused; true and 1 come in",
  },
  async () => {
    for (const [name, change] of unverified) {
      const seen = await enter({ ...ada, oid: uuidv7(), email: "typed@corp.example", ...change });
      expect([name, seen]).toEqual([name, refusedAs(notVouchedFor)]);
    }
    for (const [at, xms_edov] of [true, "true", 1, "1"].entries()) {
      const seen = await enter({ ...ada, oid: uuidv7(), email: `vouched-${at}@corp.example`, xms_edov });
      expect([xms_edov, seen.in]).toEqual([xms_edov, true]);
    }
    return "all refused; true and 1 come in";
  },
);

attack(
  {
    id: "E-entra-other-address",
    title:
      "at Entra, another user types a colleague's address, the directory's own domain and all; or one of a domain that is not ours",
    expected: "refused; the colleague stays who they are",
  },
  async () => {
    expect(await whoIs(await enter(ada))).toBe("ada@corp.example");
    const mallory = { ...ada, oid: uuidv7() };
    expect(await enter(mallory)).toEqual(refusedAs("another subject has this address"));
    expect(await enter({ ...mallory, xms_edov: undefined })).toEqual(refusedAs(notVouchedFor));
    const foreign = { ...mallory, email: "mallory@elsewhere.example" };
    expect(await enter(foreign)).toEqual(refusedAs(notVouchedFor));
    // What is shown as a name is no address.
    const named = {
      ...mallory,
      email: undefined,
      preferred_username: "ada@corp.example",
      upn: "ada@corp.example",
    };
    expect(await enter(named)).toEqual(refusedAs(notVouchedFor));
    expect(await whoIs(await enter(ada))).toBe("ada@corp.example");
    return "refused; the colleague stays who they are";
  },
);

/** Who answers for a directory. */
function answering(tid: string): Handle {
  const handle = entra.answers.get(pathOf(tid));
  if (handle === undefined) throw new Error("nobody answers there");
  return handle;
}

/** Whether a connection to this issuer leads anywhere; Microsoft's discovery there names this one. */
async function leads(path: string, named: string): Promise<boolean> {
  entra.answers.set(path, (_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({
        issuer: named,
        authorization_endpoint: `${provider.issuer}/auth`,
        jwks_uri: `${provider.issuer}/jwks`,
      }),
    );
  });
  const id = await world.connect(acme, `https://${entra.host}${path}`);
  const seen = await world.server
    .stranger()
    .get(`/auth/sso/${id}`, { headers: { "sec-fetch-site": "none" } });
  expect(entra.requests.at(-1)).toBe(`GET ${path}/.well-known/openid-configuration`);
  entra.answers.delete(path);
  return !String(seen.headers["location"]).startsWith("/sign-in?refused=");
}

attack(
  {
    id: "E-entra-common",
    title:
      "Entra's issuers for everybody's directory (common, organizations, consumers), and a directory that says it is another",
    expected: "lead nowhere",
  },
  async () => {
    const template = `https://${entra.host}/{tenantid}/v2.0`;
    for (const everybody of ["common", "organizations", "consumers"]) {
      expect([everybody, await leads(`/${everybody}/v2.0`, template)]).toEqual([everybody, false]);
    }
    expect(await leads(pathOf(uuidv7()), elsewhere.issuer)).toBe(false);
    // The control: one that says who it is.
    const tid = uuidv7();
    expect(await leads(pathOf(tid), `https://${entra.host}/${tid}/v2.0`)).toBe(true);
    await expect(world.connect(acme, template)).rejects.toThrow(/issuer/);
    return "lead nowhere";
  },
);
