import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proves } from "../proves.ts";
import { complaints, openBrowser, openWindow, type Watched } from "./browser.ts";
import { call, setUp, signIn, vera } from "./people.ts";
import { startServer, type RunningServer } from "./running-server.ts";

describe("a lost laptop", () => {
  proves("IAM-15");
  let server: RunningServer;
  let browser: Browser;
  let laptop: Watched;
  let phone: Watched;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), openBrowser()]);
    laptop = await openWindow(browser, server.origin);
    phone = await openWindow(browser, server.origin, { width: 360 });
    await setUp(laptop.page, server.setupLink, "Acme");
    await signIn(phone.page);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test("is signed out from a phone within ten seconds, and refused from its next request", async () => {
    const began = performance.now();
    await phone.page.getByRole("button", { name: /^You, /u }).click();
    await phone.page.getByRole("menuitem", { name: "Your sessions" }).click();
    await phone.page.getByText("This one, in use now").waitFor();
    await phone.page.getByRole("button", { name: /^End the session on/u }).press("Enter");
    await phone.page.getByText("Session ended").waitFor();
    // Its row is gone with the button; the keyboard goes on from the list.
    await phone.page.waitForFunction(() => document.activeElement?.matches(".rf-sessions"));
    expect(performance.now() - began).toBeLessThan(10_000);
    const status = await laptop.page.evaluate(async () => (await fetch("/o/acme/v1/contacts")).status);
    expect(status).toBe(401);
  });

  test("its window says so, and goes on where it was after signing in again", async () => {
    const { page } = laptop;
    await page.getByRole("link", { name: "Members" }).click();
    await page.getByText("Your session has ended").waitFor();
    await page.getByLabel("E-mail").fill("vera@acme.example");
    await page.getByRole("textbox", { name: "Password" }).fill("lantern otter velvet orbit 71");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(/\/o\/acme\//u);
  });

  test("what is being typed on it when it is ended is still there after signing in, and is sent", async () => {
    const { page } = laptop;
    await page.goto("/o/acme/members");
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByLabel("E-mail").fill("otto@acme.example");
    await call(phone.page, "DELETE", "/auth/sessions");
    await page.keyboard.press("Enter");
    await page.getByText("Your session has ended").waitFor();
    expect(await complaints(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByLabel(`Password of ${vera.email}`).fill(vera.password);
    await page.keyboard.press("Enter");
    await page.getByText("Invited otto@acme.example").waitFor();
    expect(await focused(page)).toBe("Invite");
  });

  test("the sessions fit a phone", async () => {
    const { page } = phone;
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(sideways).toBeLessThanOrEqual(0);
    expect(await complaints(page)).toEqual([]);
  });

  test("a form outlives a lost connection and a proof that was called off", async () => {
    const { page, context, faults } = await openWindow(browser, server.origin);
    await page.goto("/sign-in");
    await page.getByLabel("E-mail").fill(vera.email);
    await page.getByRole("textbox", { name: "Password" }).fill(vera.password);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
    await page.goto("/o/acme/service-accounts");
    await page.getByRole("button", { name: "New service account" }).click();
    const name = page.getByLabel("Name");
    await name.fill("Warehouse sync");
    await page.route("**/*", (route) => route.abort());
    await name.press("Enter");
    await page.getByText("The server cannot be reached").waitFor();
    await page.unroute("**/*");
    await name.press("Enter");
    await page.getByRole("heading", { name: "Is it still you?" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("Prove once more that it is you").waitFor();
    expect(await name.inputValue()).toBe("Warehouse sync");
    await name.press("Enter");
    // Whoever has nothing of their own to show signs in again beside it, as they always do.
    await page.getByRole("button", { name: "Sign in again" }).click();
    await call(page, "POST", "/auth/prove", { password: vera.password });
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("heading", { name: "Warehouse sync", level: 1 }).waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test("rules that somebody else has changed meanwhile are saved by who knows it, and not before", async () => {
    const { page } = laptop;
    await page.goto("/o/acme/security");
    const networks = page.getByLabel("Allowed networks");
    await networks.fill("127.0.0.0/8");
    const { version } = (await call(phone.page, "GET", "/o/acme/v1/security")) as { version: number };
    await call(phone.page, "PATCH", "/o/acme/v1/security", { sessionMaxSeconds: 86_400 }, version);
    await page.getByRole("button", { name: "See who is affected" }).click();
    await page.getByRole("button", { name: "Save the rules" }).click();
    await page.getByText("Somebody changed this meanwhile").waitFor();
    await page.getByRole("button", { name: "Go back" }).click();
    await page.getByText("Somebody changed these rules meanwhile").waitFor();
    expect(await networks.inputValue()).toBe("127.0.0.0/8");
    await page.getByRole("button", { name: "Take theirs" }).click();
    expect(await networks.inputValue()).toBe("");
    expect(await page.getByLabel("End in any case after").inputValue()).toBe("86400");
  });

  test("a sign-in looks like a person's in a browser as people have it, and like a program's where one drives it", async () => {
    const userAgent =
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
    const signals: unknown[] = [];
    for (const driven of [false, true]) {
      const context = await browser.newContext({ baseURL: server.origin, userAgent });
      await context.addInitScript(`Object.defineProperty(navigator, "webdriver", { value: ${driven} })`);
      const page = await context.newPage();
      await signIn(page);
      const { items } = (await call(page, "GET", "/auth/notices")) as {
        items: { kind: string; details: { signals: unknown } }[];
      }; // as: the door's declared answer
      signals.push(items.find(({ kind }) => kind === "new-device")?.details.signals);
      await context.close();
    }
    expect(signals).toEqual([["new-device"], ["new-device", "automated"]]);
  });

  test("breaks no policy and asks nobody outside", () => {
    expect([...laptop.faults, ...phone.faults]).toEqual([]);
  });
});

function focused(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent ?? "");
}
