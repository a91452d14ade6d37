import { performance } from "node:perf_hooks";
import { SAML, ValidateInResponseTo } from "@node-saml/node-saml";
import { validateResponse } from "../server/features/sso/saml/validate-response.ts";
import {
  assertionOf,
  connectionTo,
  encode,
  expected,
  newIdp,
  requestId,
  signatureHere,
  signed,
  responseOf,
  told,
  twiceSigned,
} from "../tests/attack/saml-forge.ts";

/** What it costs to verify a SAML response, ours beside @node-saml/node-saml with all its checks on: CPU time for each, rounds taking turns. */

const rounds = 5;
const perRound = 60;

const idp = await newIdp();
const connection = connectionTo(idp);
const groups = (count: number): string =>
  `<saml:Attribute Name="groups">${Array.from({ length: count }, (_, n) => `<saml:AttributeValue>group-${n}</saml:AttributeValue>`).join("")}</saml:Attribute>`;
const once = (extraAttributes: string): string => {
  const whole = told(connection, { extraAttributes });
  return encode(responseOf(whole, signed(assertionOf(whole), idp)).replaceAll(signatureHere, ""));
};
const shapes: Readonly<Record<string, string>> = {
  "assertion signed": once(""),
  "response and assertion signed": encode(twiceSigned(idp, told(connection))),
  "assertion signed, 200 groups": once(groups(200)),
};

function ours(encoded: string): void {
  if ("refused" in validateResponse(encoded, connection, expected())) throw new Error("refused");
}

const peer = new SAML({
  callbackUrl: connection.acsUrl,
  issuer: connection.entityId,
  audience: connection.entityId,
  idpIssuer: connection.issuer,
  idpCert: [...connection.certificates],
  wantAssertionsSigned: true,
  wantAuthnResponseSigned: false,
  acceptedClockSkewMs: 60_000,
  validateInResponseTo: ValidateInResponseTo.always,
});
async function theirs(encoded: string): Promise<void> {
  await peer.cacheProvider.saveAsync(requestId, new Date().toISOString());
  await peer.validatePostResponseAsync({ SAMLResponse: encoded });
}

async function cpuMsEach(work: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  for (let n = 0; n < perRound; n += 1) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / perRound;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const begun = performance.now();
for (const [name, encoded] of Object.entries(shapes)) {
  const took = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const [a, b] = [await cpuMsEach(() => ours(encoded)), await cpuMsEach(() => theirs(encoded))];
    // The first round warms up.
    if (round === 0) continue;
    took.ours.push(a);
    took.theirs.push(b);
  }
  const [a, b] = [median(took.ours), median(took.theirs)];
  console.log(
    `${name}: ours ${a.toFixed(2)} ms CPU, node-saml ${b.toFixed(2)} ms CPU (${(b / a).toFixed(2)} times ours)`,
  );
}
console.log(`${rounds} rounds of ${perRound}, medians; ${Math.round((performance.now() - begun) / 1000)} s`);
