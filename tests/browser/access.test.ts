import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { generate } from "otplib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { complaints, openBrowser, openWindow, type Watched } from "./browser.ts";
import { call, invitationLink, setUp, signIn, vera } from "./people.ts";
import { startServer, type RunningServer } from "./running-server.ts";

let server: RunningServer;
let browser: Browser;
let office: Watched;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  office = await openWindow(browser, server.origin);
  await setUp(office.page, server.setupLink, "Acme");
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

describe("a service account", () => {
  let key = "";

  test("is made with somebody who answers for it, and gets a key that is shown once", async () => {
    const { page } = office;
    await page.goto("/o/acme/service-accounts");
    await page.getByText("No service accounts yet").waitFor();
    await page.getByRole("button", { name: "New service account" }).click();
    await page.getByLabel("Name").fill("Warehouse sync");
    expect(await page.getByLabel("Who answers for it").locator("option:checked").innerText()).toContain(
      vera.name,
    );
    expect(await complaints(page)).toEqual([]);
    await page.getByRole("button", { name: "Make it" }).click();
    await page.getByRole("heading", { name: "Warehouse sync", level: 1 }).waitFor();
    await page.getByText(`${vera.name} answers for it`).waitFor();
    await page.getByRole("button", { name: "New key" }).click();
    await page.getByLabel("Name").fill("Rack 4");
    await page.getByRole("button", { name: "Make the key" }).click();
    key = await page.locator("[data-secret]").innerText();
    expect(key).toMatch(/^\S{40,}$/u);
    await page.getByRole("button", { name: "I have kept it" }).click();
    await page.getByText("Rack 4", { exact: true }).waitFor();
    expect(await page.content()).not.toContain(key);
    expect(await statusWith(key)).toBe(200);
  });

  test("has its public key registered, and a private one is refused before it is sent", async () => {
    const { page } = office;
    const { publicKey, privateKey } = await promisify(generateKeyPair)("ed25519");
    await page.getByRole("button", { name: "Add a public key" }).click();
    await page.getByLabel("Name").fill("Signing key of rack 4");
    await page.getByLabel("Public key (JWK)").fill(JSON.stringify(privateKey.export({ format: "jwk" })));
    const sent: string[] = [];
    const listen = (request: { url(): string }): void => void sent.push(request.url());
    page.on("request", listen);
    await page.getByRole("button", { name: "Register it" }).click();
    await page.getByText("This is the private key.").waitFor();
    page.off("request", listen);
    expect(sent.filter((url) => url.includes("public-keys"))).toEqual([]);
    await page.getByLabel("Public key (JWK)").fill(JSON.stringify(publicKey.export({ format: "jwk" })));
    await page.getByRole("button", { name: "Register it" }).click();
    await page.getByText("EdDSA").waitFor();
    expect(await complaints(page)).toEqual([]);
    await page.getByRole("button", { name: "End the public key Signing key of rack 4" }).click();
    await page.getByText("EdDSA").waitFor({ state: "detached" });
  });

  test("stands in the list and in the access review, which is signed off and downloaded", async () => {
    const { page } = office;
    await page.goto("/o/acme/access-review");
    await page.getByText("Nobody has signed off yet").waitFor();
    await page.getByRole("heading", { name: "Service accounts (1)" }).waitFor();
    await page.getByText("No second factor").waitFor();
    await page.getByRole("checkbox", { name: "Only what deserves a second look" }).check();
    await page.getByRole("heading", { name: "Service accounts (1)" }).waitFor({ state: "detached" });
    await page.getByText("No second factor").waitFor();
    await page.getByRole("checkbox", { name: "Only what deserves a second look" }).uncheck();
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download CSV" }).click();
    expect((await downloading).suggestedFilename()).toBe("access-review.csv");
    await page.getByRole("button", { name: "Sign off" }).click();
    await page.getByLabel("Note").fill("Vera adds a passkey this week");
    expect(await complaints(page)).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: "Sign off" }).click();
    await page.getByText("“Vera adds a passkey this week”").waitFor();
    await page.getByText("Last signed off").waitFor();
    expect(await complaints(page)).toEqual([]);
  });

  test("ends when its name is typed, and its key with it", async () => {
    const { page } = office;
    await page.goto("/o/acme/service-accounts");
    await page.getByRole("link", { name: "Warehouse sync" }).click();
    await page.getByRole("button", { name: "End it" }).click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.getByRole("button", { name: "End it" }).isDisabled()).toBe(true);
    await dialog.getByLabel("Type Warehouse sync to confirm").fill("Warehouse sync");
    await dialog.getByRole("button", { name: "End it" }).click();
    await page.getByText("No service accounts yet").waitFor();
    expect(await statusWith(key)).toBe(401);
    expect(office.faults).toEqual([]);
  });
});

test("a key that is replaced at once leaves the list, and the new one is shown all the same", async () => {
  const { page } = office;
  const old = (await call(page, "POST", "/o/acme/v1/keys", { name: "Nightly export" })) as { key: string };
  await page.goto("/o/acme/keys");
  await page.getByRole("button", { name: "A new key for Nightly export" }).click();
  await page.getByLabel("The old one goes on for").selectOption({ label: "Not at all: it ends now" });
  await page.getByRole("button", { name: "Make the new key" }).click();
  const next = await page.locator("[data-secret]").innerText();
  await page.getByRole("button", { name: "I have kept it" }).click();
  expect(await statusWith(old.key)).toBe(401);
  expect(await statusWith(next)).toBe(200);
});

describe("notices", () => {
  test("show as a dot until they were looked at", async () => {
    const elsewhere = await openWindow(browser, server.origin, { width: 360 });
    await signIn(elsewhere.page);
    const { page } = elsewhere;
    const person = page.getByRole("button", { name: /^You, .*something happened to your account/u });
    await person.click();
    await page.getByRole("menuitem", { name: /Your sign-in/u }).click();
    await page.getByRole("heading", { name: "What happened lately" }).waitFor();
    await page.getByText("A new device has signed in").first().waitFor();
    await page.getByText("New", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: `You, ${vera.name}`, exact: true }).waitFor();
    expect(await complaints(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    await page.reload();
    await page.getByText("A new device has signed in").first().waitFor();
    expect(await page.getByText("New", { exact: true }).count()).toBe(0);
    expect(elsewhere.faults).toEqual([]);
    await elsewhere.context.close();
  });
});

describe("one of the platform's staff", () => {
  const otto = { email: "otto@platform.example", password: "velvet otter lantern orbit 17" } as const;
  let staff: Watched;
  afterAll(() => staff?.context.close());

  test("has a view of their own that others do not see", async () => {
    const { page } = office;
    await call(page, "POST", "/auth/organizations", {
      name: "Platform",
      locale: "en-GB",
      timeZone: "Europe/Vienna",
      currency: "EUR",
    });
    await page.goto("/o/acme/own-security");
    await page.getByRole("heading", { name: "What happened lately" }).waitFor();
    expect(await page.getByText("Support access to organizations").count()).toBe(0);
    staff = await openWindow(browser, server.origin);
    await joined(staff.page);
    await server.command("operator", "add", "--email", otto.email);
    await withSecondFactor(staff.page);
    await staff.page.goto("/o/platform/own-security");
    await staff.page.getByRole("heading", { name: "Support access to organizations" }).waitFor();
  });

  test("asks an organization, is let in by it, and gives it back", async () => {
    const { page } = staff;
    await page.getByRole("button", { name: "Ask an organization" }).click();
    await page.getByRole("textbox", { name: "Organization" }).fill("acme");
    await page.getByLabel("What for").fill("An import that stands still");
    expect(await complaints(page)).toEqual([]);
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    await page.getByText("Asked, not granted yet").waitFor();
    await office.page.goto("/o/acme/support");
    await office.page.getByRole("button", { name: "Let them in" }).click();
    await office.page.getByText("May come in", { exact: true }).waitFor();
    await page.reload();
    await page.getByText("You may come in").waitFor();
    expect(await complaints(page)).toEqual([]);
    await page.getByRole("link", { name: "Go there" }).click();
    await page.waitForURL(/\/o\/acme\//u);
    await page.goto("/o/platform/own-security");
    await page.getByRole("button", { name: "Give back: acme" }).click();
    await page.getByText("You may come in").waitFor({ state: "detached" });
    expect([...office.faults, ...staff.faults]).toEqual([]);
  });

  /** Invited into an organization of their own kind, by a mail as everybody. */
  async function joined(page: Page): Promise<void> {
    await call(office.page, "POST", "/o/platform/v1/invitations", { email: otto.email, roles: ["member"] });
    await page.goto(await invitationLink(server, "platform"));
    await page.getByLabel("Your name").fill("Otto");
    await page.getByRole("textbox", { name: "Choose a password" }).fill(otto.password);
    await page.getByRole("button", { name: "Join" }).click();
    await page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
  }

  /** Whoever asks must have shown a second factor in this session. */
  async function withSecondFactor(page: Page): Promise<void> {
    const made = (await call(page, "POST", "/auth/totp")) as { id: string; secret: string };
    const { backupCodes } = (await call(page, "POST", "/auth/totp/confirm", {
      id: made.id,
      code: await generate({ secret: made.secret }),
      name: "Phone",
    })) as { backupCodes: string[] }; // as: the doors' declared answers
    await call(page, "POST", "/auth/prove", { backupCode: backupCodes[0] });
  }
});

async function statusWith(token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${server.origin}/v1/contacts`, { headers })).status;
}
