import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { complaints, openBrowser, openWindow, type Watched } from "./browser.ts";
import { call, makeContact, setUp, signIn } from "./people.ts";
import { startServer, type RunningServer } from "./running-server.ts";

describe("working with records", () => {
  let server: RunningServer;
  let browser: Browser;
  let window: Watched;
  let page: Page;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), openBrowser()]);
    window = await openWindow(browser, server.origin);
    page = window.page;
    await setUp(page, server.setupLink, "Acme");
    for (const [firstName, lastName, title] of people)
      await makeContact(page, "acme", { firstName, lastName, title });
  });
  beforeEach(async () => {
    await page.goto("/o/acme/contacts?sort=name");
    await cell(page, "Ada Lovelace").waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test("an archived contact comes back with undo", async () => {
    await page.getByRole("grid").focus();
    await page.keyboard.press("j");
    const first = await page.locator('[data-active="true"] [role="gridcell"]').nth(1).innerText();
    await page.keyboard.press("#");
    await cell(page, first).waitFor({ state: "detached" });
    await page.getByText(`Archived ${first}`).waitFor();
    expect(await complaints(page)).toEqual([]);
    await page.getByRole("button", { name: "Undo" }).click();
    await cell(page, first).waitFor();
    await page.getByText(`Restored ${first}`).waitFor();
  });

  test("the keyboard does it all: move, open, edit, save, select, close", async () => {
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.getByText("1 selected").waitFor();
    await page.keyboard.press("x");
    await page.keyboard.press("Enter");
    await page.getByRole("complementary", { name: "The contact" }).waitFor();
    await page.getByRole("heading", { name: "History" }).waitFor();
    await page.keyboard.press("e");
    await page.getByLabel("Job title").fill("Admiral");
    await page.getByLabel("Job title").press("Enter");
    await page
      .getByRole("complementary", { name: "The contact" })
      .getByText("Admiral", { exact: true })
      .first()
      .waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("complementary", { name: "The contact" }).waitFor({ state: "detached" });
    await cell(page, "Admiral").waitFor();
  });

  test("a conflict says who changed what, and both changes survive the choice", async () => {
    const colleague = await openWindow(browser, server.origin);
    await signIn(colleague.page);
    const grace = await find(page, "Grace");
    await page.goto(`/o/acme/contacts?open=${grace.id}&edit=true`);
    await page.getByLabel("Job title").fill("Commodore");
    await page.getByLabel("City").fill("Arlington");
    const there = (await call(colleague.page, "GET", `/o/acme/v1/contacts/${grace.id}`)) as {
      version: number;
    };
    await call(
      colleague.page,
      "PATCH",
      `/o/acme/v1/contacts/${grace.id}`,
      { title: "Professor", country: "USA" },
      there.version,
    );
    await page.getByRole("button", { name: "Save" }).click();
    const notice = page.getByRole("alert", { name: "Somebody changed this meanwhile" });
    await notice.waitFor();
    const said = (await notice.innerText()).replace(/\s+/gu, " ");
    expect(said).toContain("Vera Molnár changed this");
    expect(said).toContain("Taken over from them: Country.");
    expect(await complaints(page)).toEqual([]);
    await notice.getByRole("button", { name: "Take theirs: Professor" }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Edit" }).waitFor();
    const now = (await call(page, "GET", `/o/acme/v1/contacts/${grace.id}`)) as Record<string, unknown>;
    expect(now).toMatchObject({ title: "Professor", city: "Arlington", country: "USA" });
    await colleague.context.close();
  });

  test("filters, sort and the open record are in the address; back keeps them", async () => {
    await page.getByLabel("Search contacts").fill("turing");
    await page.waitForURL(/q=turing/u);
    await cell(page, "Alan Turing").click();
    await page.waitForURL(/open=/u);
    await page.reload();
    await page.getByRole("complementary", { name: "The contact" }).waitFor();
    await page.goBack();
    await page.getByRole("complementary", { name: "The contact" }).waitFor({ state: "detached" });
    expect(page.url()).toContain("q=turing");
  });

  test("hidden columns stay hidden after a reload", async () => {
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("checkbox", { name: "Phone" }).uncheck();
    await page.keyboard.press("Escape");
    await page.reload();
    await cell(page, "Ada Lovelace").waitFor();
    expect(await page.getByRole("columnheader", { name: "Phone" }).count()).toBe(0);
  });

  test("a fault that the server finds stands beside its field", async () => {
    await page.keyboard.press("n");
    const panel = page.getByRole("complementary", { name: "New contact" });
    await panel.getByLabel("First name").fill("Nobody");
    await panel.getByLabel("E-mail", { exact: true }).fill("nobody");
    await panel.locator("form").evaluate((form) => form.setAttribute("novalidate", ""));
    await panel.getByRole("button", { name: "Add contact" }).click();
    await panel.locator("[aria-invalid=true]").waitFor();
    await panel.getByRole("button", { name: "Cancel" }).click();
    await panel.waitFor({ state: "detached" });
  });

  test("the palette finds a contact and opens it", async () => {
    await page.keyboard.press("Control+k");
    await page.getByRole("textbox", { name: "Search or do anything" }).fill("lovel");
    await page.getByRole("dialog").getByText("Ada Lovelace").click();
    await page.getByRole("heading", { name: "Ada Lovelace", level: 1 }).waitFor();
  });

  test("breaks no policy and asks nobody outside", () => {
    expect(window.faults).toEqual([]);
  });
});

const people = [
  ["Ada", "Lovelace", "Countess"],
  ["Grace", "Hopper", "Rear admiral"],
  ["Alan", "Turing", "Fellow"],
  ["Radia", "Perlman", null],
] as const;

function cell(page: Page, name: string) {
  return page.getByRole("gridcell", { name, exact: true });
}

async function find(page: Page, q: string): Promise<{ readonly id: string }> {
  const found = (await call(page, "GET", `/o/acme/v1/contacts?q=${q}`)) as { items: { id: string }[] }; // as: the list's declared answer
  const [first] = found.items;
  if (first === undefined) throw new Error(`nobody is called ${q}`);
  return first;
}
