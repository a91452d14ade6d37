import type { Browser, Locator, Page } from "playwright-core";
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

  test("a cell is edited in place: two presses or Enter begin, Enter or leaving saves, Escape gives up, undo takes back", async () => {
    await cellOf(page, "Ada Lovelace", "Admiral").dblclick();
    const input = page.getByRole("textbox", { name: "Job title of Ada Lovelace" });
    expect(await complaints(page)).toEqual([]);
    await input.fill("Duchess");
    await input.press("Enter");
    await cell(page, "Duchess").waitFor();
    const notice = page.getByRole("status").filter({ hasText: "Changed the job title of Ada Lovelace" });
    expect(await notice.innerText()).toContain("Admiral → Duchess");
    expect(page.url()).not.toContain("open=");
    // The cell has the focus again, and a screen reader is told which one.
    const grid = page.getByRole("grid", { name: "Contacts" });
    expect(await grid.evaluate((element) => element === document.activeElement)).toBe(true);
    const chosen = await grid.getAttribute("aria-activedescendant");
    expect(await page.locator(`[id="${chosen}"]`).innerText()).toBe("Duchess");
    await page.keyboard.press("F2");
    await input.fill("Nobody");
    await input.press("Escape");
    await cell(page, "Duchess").waitFor();
    await notice.getByRole("button", { name: "Undo" }).click();
    await cell(page, "Admiral").waitFor();
    await grid.focus();
    await page.keyboard.press("Escape");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.getByRole("textbox", { name: "E-mail of Ada Lovelace" }).fill("ada@example.org");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("textbox", { name: "Phone of Ada Lovelace" }).fill("+43 660 1234567");
    await page.getByLabel("Search contacts").click();
    await expect
      .poll(() => find(page, "Ada"))
      .toMatchObject({
        title: "Admiral",
        email: "ada@example.org",
        phone: "+436601234567",
      });
  });

  test("a cell that the server refuses says why and keeps what was typed", async () => {
    await cellOf(page, "Ada Lovelace", "ada@example.org").dblclick();
    const input = page.getByRole("textbox", { name: "E-mail of Ada Lovelace" });
    await input.fill("nowhere");
    await input.press("Enter");
    await page
      .getByRole("alert")
      .filter({ hasText: /e-mail/iu })
      .waitFor();
    expect(await input.inputValue()).toBe("nowhere");
    expect(await input.getAttribute("aria-invalid")).toBe("true");
    expect(await complaints(page)).toEqual([]);
    await input.press("Escape");
    await cell(page, "ada@example.org").waitFor();
  });

  test("a cell that a colleague changed meanwhile is not overwritten unseen, and their other changes stay", async () => {
    const alan = await find(page, "Alan");
    const path = `/o/acme/v1/contacts/${alan.id}`;
    const input = page.getByRole("textbox", { name: "Job title of Alan Turing" });
    await cellOf(page, "Alan Turing", "Fellow").dblclick();
    await call(page, "PATCH", path, { city: "Manchester" }, alan.version);
    await input.fill("Reader");
    await input.press("Enter");
    await page.getByText("changed other fields meanwhile; both are kept.").waitFor();
    const both = await find(page, "Alan");
    expect(both).toMatchObject({ title: "Reader", city: "Manchester" });
    await cellOf(page, "Alan Turing", "Reader").dblclick();
    await call(page, "PATCH", path, { title: "Professor" }, both.version);
    await input.fill("Director");
    await input.press("Enter");
    const notice = page.getByRole("alert", { name: "Somebody changed this meanwhile" });
    expect(await notice.innerText()).toMatch(/Vera Molnár\s+changed the job title of Alan Turing/u);
    await cellOf(page, "Alan Turing", "Professor").waitFor();
    expect(await complaints(page)).toEqual([]);
    await notice.getByRole("button", { name: "Keep mine: Director" }).click();
    await cell(page, "Director").waitFor();
    await expect.poll(() => find(page, "Alan")).toMatchObject({ title: "Director", city: "Manchester" });
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

/** The cell with this text in the row of a contact. */
function cellOf(page: Page, name: string, text: string): Locator {
  return page
    .getByRole("row")
    .filter({ has: cell(page, name) })
    .getByRole("gridcell", { name: new RegExp(`^(?:${text})$`, "u") });
}

async function find(page: Page, q: string): Promise<{ readonly id: string; readonly version: number }> {
  const found = (await call(page, "GET", `/o/acme/v1/contacts?q=${q}`)) as {
    items: { id: string; version: number }[];
  }; // as: the list's declared answer
  const [first] = found.items;
  if (first === undefined) throw new Error(`nobody is called ${q}`);
  return first;
}
