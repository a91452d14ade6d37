import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, openWindow, type Watched } from "./browser.ts";
import { call, makeContact, setUp } from "./people.ts";
import { startServer, type RunningServer } from "./running-server.ts";

const csv = [
  "First Name,Last Name,Email,Phone,Company",
  "Ada,Lovelace,ada@example.org,+43 660 1234567,Analytical Engines",
  "Grace,Hopper,grace@example.org,,Navy",
  '"Radia ""Mother of the Internet""",Perlman,radia@example.org,,',
  ",,not-an-address,,",
].join("\r\n");

describe("the first run", () => {
  let server: RunningServer;
  let browser: Browser;
  let window: Watched;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer({ fresh: true }), openBrowser()]);
    window = await openWindow(browser, server.origin);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test("asks for the setup link before anything else", async () => {
    await window.page.goto("/");
    await window.page.getByRole("heading", { name: "Open the setup link" }).waitFor();
    expect(new URL(window.page.url()).pathname).toBe("/setup");
  });

  test("opens the link, makes an organization and arrives at its contacts", async () => {
    const { page } = window;
    await setUp(page, server.setupLink, "Acme GmbH");
    expect(new URL(page.url()).pathname).toBe("/o/acme-gmbh/contacts");
    expect(page.url()).not.toContain("token");
    await page.getByText("The people you do business with").waitFor();
  });

  test("imports a CSV file: mapping, dry run, result", async () => {
    const { page } = window;
    await page.getByRole("link", { name: "Import a CSV file" }).click();
    await page.setInputFiles("input[type=file]", {
      name: "contacts.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(csv, "utf8"),
    });
    await page.getByRole("button", { name: "Check the file" }).waitFor();
    expect(await page.getByLabel("Email becomes").inputValue()).toBe("email");
    expect(await page.getByLabel("First Name becomes").inputValue()).toBe("firstName");
    await page.getByRole("button", { name: "Check the file" }).click();
    await page.getByText("This is a dry run. Nothing has been written.").waitFor();
    expect(await numberOf(window, "Would be added")).toBe("3");
    await page.getByRole("button", { name: "Start the import" }).click();
    await page.getByRole("link", { name: "See the contacts" }).waitFor();
    expect(await numberOf(window, "Added")).toBe("3");
    expect(await numberOf(window, "Refused")).toBe("1");
  });

  test("offers the refused rows with their reasons", async () => {
    const { page } = window;
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Refused rows with reasons" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.csv$/u);
  });

  test("keeps the result across a reload, then shows the contacts", async () => {
    const { page } = window;
    await page.reload();
    await page.getByRole("link", { name: "See the contacts" }).click();
    await page.getByRole("gridcell", { name: "Ada Lovelace", exact: true }).waitFor();
    expect(await page.getByRole("grid", { name: "Contacts" }).getAttribute("aria-rowcount")).toBe("4");
    await page.getByLabel("Search contacts").fill("hopp");
    await page.getByRole("gridcell", { name: "Grace Hopper", exact: true }).waitFor();
    await page.getByRole("gridcell", { name: "Ada Lovelace", exact: true }).waitFor({ state: "detached" });
  });

  test("a second organization sees nothing of the first", async () => {
    const { page } = window;
    await page.getByRole("button", { name: /^Organization Acme/u }).click();
    await page.getByRole("menuitem", { name: "Open another organization" }).click();
    await page.getByLabel("Name").fill("Globex");
    await page.getByRole("button", { name: "Open it" }).click();
    await page.getByText("The people you do business with").waitFor();
    expect(new URL(page.url()).pathname).toBe("/o/globex/contacts");
    const mine = await makeContact(page, "globex", { firstName: "Hank", lastName: "Scorpio" });
    await page.goto(`/o/acme-gmbh/contacts/${mine.id}`);
    await page.getByText("There is nothing here").waitFor();
    await page.goto("/o/globex/contacts");
    await page.getByRole("gridcell", { name: "Hank Scorpio", exact: true }).waitFor();
    expect(await page.getByRole("gridcell", { name: "Ada Lovelace", exact: true }).count()).toBe(0);
    const seen = (await call(page, "GET", "/o/globex/v1/contacts/count")) as { count: number };
    expect(seen.count).toBe(1);
  });

  test("breaks no policy and asks nobody outside on the whole way", () => {
    expect(window.faults).toEqual([]);
  });
});

async function numberOf({ page }: Watched, label: string): Promise<string> {
  const term = page.locator(".rf-tally dt", { hasText: new RegExp(`^${label}$`, "u") });
  return (await term.locator("xpath=following-sibling::dd").innerText()).trim();
}
