import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proves } from "../proves.ts";
import { complaints, openBrowser, openWindow, type Watched } from "./browser.ts";
import { setUp, signIn } from "./people.ts";
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
    await phone.page.getByRole("button", { name: /^End the session on/u }).click();
    await phone.page.getByText("Session ended").waitFor();
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

  test("the sessions fit a phone", async () => {
    const { page } = phone;
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(sideways).toBeLessThanOrEqual(0);
    expect(await complaints(page)).toEqual([]);
  });

  test("breaks no policy and asks nobody outside", () => {
    expect([...laptop.faults, ...phone.faults]).toEqual([]);
  });
});
