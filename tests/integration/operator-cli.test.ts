import { afterAll, beforeAll, expect, test } from "vitest";
import type { Command } from "../../server/cli/command.ts";
import { emergencyAllow, emergencyForbid, emergencyList } from "../../server/cli/emergency.ts";
import { operatorAdd, operatorList, operatorRemove } from "../../server/cli/operator.ts";
import { refusals } from "../../server/cli/refusals.ts";
import { readConfig } from "../../server/foundation/config/index.ts";
import { hmacSha256 } from "../../server/foundation/ids/index.ts";
import { keyFor } from "../../server/foundation/secrets/index.ts";
import { client } from "../client.ts";
import { trialSecret } from "../seed.ts";
import { supportGround, type SupportGround } from "../support-ground.ts";

let ground: SupportGround;

beforeAll(async () => {
  ground = await supportGround();
  // As `start` notes it; the template of the tests has a check value of its own.
  const check = hmacSha256(keyFor(trialSecret, "key-check"), "ringfence installation");
  await ground.superuser.query("update kernel.installation set key_check = $1", [check]);
});
afterAll(() => ground.server.stop());

async function run(command: Command, options: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const lines: string[] = [];
  const settings = readConfig({
    PORT: "0",
    RINGFENCE_DATA: "/tmp",
    DATABASE_URL: ground.server.database.dsn,
    RINGFENCE_PUBLIC_URL: "https://crm.example.com",
    RINGFENCE_REGION: "eu",
  });
  // Set here, since the settings refuse a secret that looks like a placeholder.
  const config = { ...settings, secret: trialSecret };
  const exitCode = await command.runWith(options, {
    say: (text) => void lines.push(text),
    config: () => config,
  });
  expect(exitCode).toBe(0);
  return lines.join("\n");
}

test("ringfence operator names, lists and removes the platform's staff", async () => {
  const { email } = await ground.server.person(ground.platform, "viewer");
  await run(operatorAdd, { email });
  expect(await run(operatorList)).toBe(
    `${email}  Somebody  platform  0 live grants  (no second factor: comes in nowhere)`,
  );
  await run(operatorRemove, { email });
  expect(await run(operatorList)).toBe("There are no operators.");
  await expect(run(operatorAdd, { email: "nobody@nowhere.example" })).rejects.toMatchObject({
    detail: "Nobody has the address nobody@nowhere.example.",
  });
  await expect(run(operatorAdd, { email, organization: "acme" })).rejects.toMatchObject({
    detail: "they must be a member of the platform's own organization",
  });
  await run(operatorAdd, { email, organization: "platform" });
  await run(operatorRemove, { email });
});

test("ringfence emergency is forbidden at first, allowed by word, and lists what came of each", async () => {
  expect(await run(emergencyList)).toBe("Emergency access is forbidden.");
  expect(await run(emergencyAllow)).toBe(
    "Emergency access is allowed. An organization may refuse it for good.",
  );
  const [first, second] = [await ground.operator(), await ground.operator()];
  const body = { organization: "acme", reason: "Records are being lost", reference: "INC-1" };
  const { json } = await first.browser.post("/auth/support/emergencies", body);
  await second.browser.post(`/auth/support/emergencies/${json.id}/confirm`);
  expect(await ground.looks(first.browser)).toEqual([200, ""]);
  expect(await run(emergencyForbid)).toBe("Emergency access is forbidden, and 1 ended.");
  expect(await ground.looks(first.browser)).toEqual([404, "not-found"]);
  const [, line] = (await run(emergencyList)).split("\n");
  for (const part of [
    "acme",
    first.email,
    "INC-1",
    `confirmed by ${second.email}`,
    "used from",
    "switched off",
  ])
    expect(line).toContain(part);
  expect(JSON.parse(await run(emergencyList, { json: true })).items).toHaveLength(1);
});

test("ringfence refusals shows who was turned away, by which account and from where, and nothing that was typed", async () => {
  const { email } = await ground.server.person(ground.platform, "viewer");
  const stranger = client({ origin: ground.server.origin, ip: "198.51.100.9", device: "Prober/2" });
  for (const typed of [email, "nobody@typed.example"])
    await stranger.post("/auth/sign-in", { email: typed, password: "not this one at all" });
  await expect
    .poll(async () => (await run(refusals, { address: "198.51.100.9" })).split("\n"))
    .toHaveLength(2);
  const said = await run(refusals, { address: "198.51.100.9" });
  expect(said).toContain(`wrong-credentials  sign-in  ${email}  198.51.100.9  Prober/2`);
  expect(said).toContain("nobody's account");
  expect(said).not.toContain("typed.example");
  expect((await run(refusals, { address: "198.51.100.9", limit: 1 })).split("\n")).toHaveLength(1);
  expect(await run(refusals, { address: "203.0.113.250" })).toBe("Nobody was turned away.");
  const { items } = JSON.parse(await run(refusals, { json: true, address: "198.51.100.9" }));
  expect(items[0]).toMatchObject({ reason: "wrong-credentials", requestId: expect.any(String) });
});
