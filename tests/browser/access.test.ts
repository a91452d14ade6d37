import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { complaints, openBrowser, openWindow, type Watched } from "./browser.ts";
import { call, setUp, signIn, vera } from "./people.ts";
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
    await page.getByRole("dialog").getByRole("button", { name: "End it" }).click();
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

  test("is downloaded from a browser that is new to the person once they have proven who they are", async () => {
    const { page, context, faults } = await openWindow(browser, server.origin);
    await page.goto("/sign-in?to=/o/acme/access-review");
    await page.getByLabel("E-mail").fill(vera.email);
    await page.getByRole("textbox", { name: "Password" }).fill(vera.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "Download CSV" }).click();
    await page.getByRole("heading", { name: "Is it still you?" }).waitFor();
    await page.getByRole("textbox", { name: "Your password" }).fill(vera.password);
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Go on" }).click();
    expect((await downloading).suggestedFilename()).toBe("access-review.csv");
    expect(faults).toEqual([]);
    await context.close();
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

async function statusWith(token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${server.origin}/v1/contacts`, { headers })).status;
}
