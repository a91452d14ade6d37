import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proves } from "../proves.ts";
import { complaints, openBrowser, openWindow, type Watched } from "./browser.ts";
import { call, invitationLink, makeContact, setUp, signIn } from "./people.ts";
import { startServer, type RunningServer } from "./running-server.ts";
import { salesforceExport } from "./salesforce-export.ts";

let server: RunningServer;
let browser: Browser;
let window: Watched;
let page: Page;
let contact: { readonly id: string };

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  // A browser of another language and zone than any organization here.
  window = await openWindow(browser, server.origin, { locale: "ja-JP", timezoneId: "Asia/Tokyo" });
  page = window.page;
  await setUp(page, server.setupLink, "Acme");
  await page.goto("/o/acme/settings");
  await page.getByRole("combobox", { name: "Dates and numbers as in" }).selectOption("de-DE");
  await page.getByRole("combobox", { name: "Time zone" }).selectOption("Europe/Berlin");
  await page.getByRole("combobox", { name: "Currency" }).selectOption("EUR");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Dates and numbers follow everywhere.").waitFor();
  await call(page, "POST", "/o/acme/v1/fields", {
    of: "contact",
    key: "size",
    label: "Size",
    type: "number",
  });
  await call(page, "POST", "/o/acme/v1/accounts", { name: "Analytical Engines" });
  await call(page, "POST", "/o/acme/v1/invitations", { email: "new@acme.example", roles: ["member"] });
  await call(page, "POST", "/o/acme/v1/keys", { name: "Nightly", permissions: null, expiresAt: null });
  contact = await makeContact(page, "acme", {
    firstName: "Ada",
    lastName: "Lovelace",
    birthday: "1815-12-10",
    custom: { size: 1234.5 },
  });
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

describe("the organization's language, time zone and currency", () => {
  proves("ISO-9");

  test("show in settings what they mean, whatever the browser's own are", async () => {
    expect(await page.evaluate(() => [navigator.language, new Date(0).getHours()])).toEqual(["ja-JP", 9]);
    const preview = await page.getByText(/^Now: /u).innerText();
    expect(preview.replaceAll("\u00a0", " ")).toMatch(/\d\d\.\d\d\.\d{4}, .* 1\.234\.567,5 · 12\.345,67 €$/u);
  });

  test.each(["contacts", "accounts", "audit", "sessions", "keys", "members", "outbox", "own-security"])(
    "hold for every time on %s",
    async (room) => {
      await page.goto(`/o/acme/${room}`);
      await page.locator("time").first().waitFor();
      await everyTimeIs("de-DE", "Europe/Berlin");
    },
  );

  test("hold for the times, days and numbers of a record and its history", async () => {
    await page.goto(`/o/acme/contacts/${contact.id}`);
    await fact("Birthday").getByText("10.12.1815", { exact: true }).waitFor();
    await fact("Size").getByText("1.234,5", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Edit" }).click();
    expect(await page.getByRole("textbox", { name: "Birthday" }).inputValue()).toBe("10.12.1815");
    expect(await page.getByLabel("Size").inputValue()).toBe("1234,5");
    expect(await complaints(page)).toEqual([]);
    await page.getByRole("textbox", { name: "Birthday" }).fill("1.2.1816");
    await page.getByLabel("Size").fill("-38,25");
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator(".rf-diff").getByText("01.02.1816").waitFor();
    await page.locator(".rf-diff").getByText("size: -38,25").waitFor();
    await everyTimeIs("de-DE", "Europe/Berlin");
    const now = await call(page, "GET", `/o/acme/v1/contacts/${contact.id}`);
    expect(now).toMatchObject({ birthday: "1816-02-01", custom: { size: -38.25 } });
  });

  test("refuse a number or a day of another language instead of guessing", async () => {
    await page.goto(`/o/acme/contacts?open=${contact.id}&edit=true`);
    await page.getByLabel("Size").fill("38.5");
    await page.getByText("A number such as 1234,5").waitFor();
    await page.getByRole("textbox", { name: "Birthday" }).fill("12/31/1815");
    await page.getByText("A day such as 31.12.2026").waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Save" }).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
  });

  test("decide when a day of the audit trail begins and ends", async () => {
    await page.goto("/o/acme/audit");
    const asked = page.waitForRequest(/audit-events\?.*from=/u);
    await page.getByRole("textbox", { name: "From" }).fill("01.07.2026");
    expect(new URL((await asked).url()).searchParams.get("from")).toBe("2026-06-30T22:00:00.000Z");
    await page.locator("time").first().waitFor();
    expect(await page.getByRole("textbox", { name: "From" }).inputValue()).toBe("01.07.2026");
  });

  test("are another organization's own for the same person in the same browser", async () => {
    const { organization } = (await call(page, "POST", "/auth/organizations", {
      name: "Globex",
      locale: "en-US",
      timeZone: "America/New_York",
      currency: "USD",
    })) as { organization: string }; // as: the door's declared answer
    const other = await makeContact(page, organization, { lastName: "Scorpio", birthday: "1959-03-14" });
    await page.goto(`/o/${organization}/contacts/${other.id}`);
    await fact("Birthday").getByText("Mar 14, 1959", { exact: true }).waitFor();
    await everyTimeIs("en-US", "America/New_York");
    await page.goto(`/o/${organization}/settings`);
    await page.getByText("$12,345.67").waitFor();
  });
});

function fact(label: string) {
  return page
    .locator(".rf-facts__line")
    .filter({ has: page.locator("dt", { hasText: new RegExp(`^${label}$`, "u") }) });
}

describe("an import from Salesforce", () => {
  proves("CRM-2");
  const rows = 2_500;

  test("is understood column by column", async () => {
    await page.goto("/o/acme/imports/new");
    await page.setInputFiles("input[type=file]", {
      name: "report1718.csv",
      mimeType: "text/csv",
      buffer: salesforceExport(rows),
    });
    await page.getByRole("button", { name: "Check the file" }).waitFor();
    const becomes = async (column: string): Promise<string> =>
      page.getByLabel(`${column} becomes`, { exact: true }).inputValue();
    expect(await Promise.all(["First Name", "Last Name", "Title", "Account Name"].map(becomes))).toEqual([
      "firstName",
      "lastName",
      "title",
      "account",
    ]);
    expect(await Promise.all(["Mailing Zip/Postal Code", "Mailing Country", "Mobile"].map(becomes))).toEqual([
      "postalCode",
      "country",
      "otherPhones",
    ]);
    expect(
      await Promise.all(["Email Opt Out", "Do Not Call", "Lead Source", "Contact ID"].map(becomes)),
    ).toEqual(["emailOptOut", "doNotCall", "source", "externalId"]);
    expect(await Promise.all(["Salutation", "Created Date", "Last Modified Date"].map(becomes))).toEqual([
      "",
      "",
      "",
    ]);
    expect(await complaints(page)).toEqual([]);
  });

  test("is tried first: the report counts every row, and nothing is written", async () => {
    const before = await contactCount();
    await page.getByRole("button", { name: "Check the file" }).click();
    await page.getByRole("progressbar", { name: /Checking every row/u }).waitFor();
    await page.getByText("This is a dry run. Nothing has been written.").waitFor();
    expect(await tally("Would be added")).toBe("2.499");
    expect(await tally("Would be refused")).toBe("1");
    await page.getByText("This is not an e-mail address.").waitFor();
    expect(await contactCount()).toBe(before);
  });

  test("runs on while the page is left, and tells how far it is", async () => {
    await page.getByRole("button", { name: "Start the import" }).click();
    await page.getByRole("progressbar", { name: "Importing" }).waitFor();
    await page.reload();
    await page.getByText("Done. Rows that were refused can be corrected and imported again.").waitFor();
    expect(await tally("Added")).toBe("2.499");
    await page.getByRole("link", { name: "See the contacts" }).click();
    await page.getByLabel("Search contacts").fill("contact00010@langley.example");
    await page.getByRole("link", { name: "Katherine Vaughan 00010" }).click();
    await fact("Birthday").getByText("26.08.1918", { exact: true }).waitFor();
    await fact("Opted out of e-mail").getByText("Yes").waitFor();
    await fact("Account").getByRole("link", { name: "Cirey" }).waitFor();
    expect(page.url()).toContain("q=contact00010");
  });

  test("is taken back whole", async () => {
    await page.goto("/o/acme/imports");
    await page.getByRole("cell", { name: "2.500" }).waitFor();
    await everyTimeIs("de-DE", "Europe/Berlin");
    await page.getByRole("link", { name: "report1718.csv" }).click();
    await page.getByRole("button", { name: "Undo the import" }).click();
    await page.getByText("Undone. What the import added is gone").waitFor({ timeout: 30_000 });
    expect(await contactCount()).toBe(1);
    const { items } = (await call(page, "GET", "/o/acme/v1/accounts")) as { items: { name: string }[] };
    expect(items.map(({ name }) => name)).toEqual(["Analytical Engines"]);
  });
});

describe("everyday work", () => {
  test("a changed role holds from the member's next request", async () => {
    await page.goto("/o/acme/members");
    await page.getByText("to hand on", { exact: true }).waitFor();
    await page.getByText("No mail leaves this installation").getByRole("link", { name: "outbox" }).click();
    await page
      .getByRole("button", { name: /^Copy the link in it/u })
      .first()
      .waitFor();
    const nora = await openWindow(browser, server.origin);
    await nora.page.goto(await invitationLink(server, "acme"));
    await nora.page.getByLabel("Your name").fill("Nora");
    await nora.page.getByRole("textbox", { name: "Choose a password" }).fill("velvet otter lantern orbit 17");
    await nora.page.getByRole("button", { name: "Join" }).click();
    await nora.page.getByRole("button", { name: "New contact" }).waitFor();
    await page.goto("/o/acme/members");
    await page.getByRole("button", { name: "Change Nora" }).click();
    await page.getByRole("checkbox", { name: "viewer" }).check();
    await page.getByRole("checkbox", { name: "member" }).uncheck();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Roles changed").waitFor();
    await page
      .getByRole("listitem")
      .filter({ hasText: "Nora" })
      .getByText("viewer", { exact: true })
      .waitFor();
    const refused = await nora.page.evaluate(async () => {
      const { token } = (await (await fetch("/auth/csrf")).json()) as { token: string };
      const headers = { "x-csrf-token": token, "content-type": "application/json" };
      return (await fetch("/o/acme/v1/contacts", { method: "POST", headers, body: '{"lastName":"X"}' }))
        .status;
    });
    expect(refused).toBe(403);
    await nora.page.reload();
    await nora.page.getByRole("gridcell", { name: "Ada Lovelace", exact: true }).waitFor();
    expect(await nora.page.getByRole("button", { name: "New contact" }).count()).toBe(0);
    // Nor is there anything to edit in place for somebody who may not.
    expect(await nora.page.locator("[aria-readonly=false]").count()).toBe(0);
    expect(nora.faults).toEqual([]);
    await nora.context.close();
  });

  test("an organization's new name stands everywhere at once", async () => {
    await page.goto("/o/acme/settings");
    await page.getByRole("textbox", { name: "Name" }).fill("Acme Loom Works");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: /^Organization Acme Loom Works/u }).waitFor();
    await expect.poll(() => page.title()).toContain("Acme Loom Works");
  });

  test("a field of one's own is declared, filled in, shown and exported", async () => {
    await page.goto("/o/acme/settings");
    await page.getByRole("button", { name: "Add a field" }).click();
    const dialog = page.getByRole("dialog", { name: "Add a field" });
    await dialog.getByLabel("Name").fill("Segment");
    await dialog.getByLabel("Kind").selectOption("choice");
    await dialog.getByLabel("Choices").fill("Small\nLarge");
    await dialog.getByRole("button", { name: "Add the field" }).click();
    await page.getByText("Added the field Segment").waitFor();
    await page.goto("/o/acme/contacts?fresh=true");
    const form = page.getByRole("complementary", { name: "New contact" });
    await form.getByLabel("Last name").fill("Noether");
    await form.getByLabel("Segment").selectOption("Large");
    await form.getByRole("button", { name: "Add contact" }).click();
    await fact("Segment").getByText("Large", { exact: true }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export these as CSV" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("contacts.csv");
    const [head = "", ...lines] = readFileSync(await download.path(), "utf8")
      .trimEnd()
      .split("\r\n");
    expect(head).toContain(",Segment,");
    expect(lines.filter((line) => line.includes("Noether"))).toEqual([expect.stringContaining(",Large,")]);
    expect(lines).toHaveLength(2);
  });

  test("columns that were dragged stay where they are put", async () => {
    await page.goto("/o/acme/contacts");
    const heads = page.getByRole("columnheader");
    await page
      .getByRole("columnheader", { name: "Job title" })
      .dragTo(page.getByRole("columnheader", { name: "E-mail" }));
    await expect
      .poll(async () => (await heads.allInnerTexts()).slice(1, 4))
      .toEqual(["Name", "Job title", "E-mail"]);
    await page.reload();
    await heads.first().waitFor();
    expect((await heads.allInnerTexts()).slice(1, 4)).toEqual(["Name", "Job title", "E-mail"]);
  });

  test("being offline is said, and what is changed meanwhile is saved afterwards", async () => {
    await page.goto("/o/acme/contacts");
    const title = page.getByRole("row").filter({ hasText: "Ada Lovelace" }).locator("[id$=-title]");
    await title.waitFor();
    await window.context.setOffline(true);
    const notice = page.getByText("You are offline.");
    await notice.waitFor();
    await title.dblclick();
    await page.getByRole("textbox", { name: "Job title of Ada Lovelace" }).fill("Countess");
    await page.keyboard.press("Enter");
    await title.getByText("Countess").waitFor();
    await window.context.setOffline(false);
    await notice.waitFor({ state: "detached" });
    await page.getByText("Changed the job title of Ada Lovelace").waitFor();
    await page.reload();
    await title.getByText("Countess").waitFor();
  });
});

describe("at 200 % zoom on a screen of 1280 pixels", () => {
  test("no screen scrolls sideways, and nothing is cut off", async () => {
    const zoomed = await openWindow(browser, server.origin, { width: 1280, zoom: 2 });
    await signIn(zoomed.page);
    const rooms = [
      "contacts",
      "contacts?fresh=true",
      "accounts",
      "imports",
      "imports/new",
      "members",
      "roles",
    ];
    for (const room of [...rooms, "sessions", "keys", "audit", "outbox", "settings"]) {
      await zoomed.page.goto(`/o/acme/${room}`);
      await zoomed.page.getByRole("heading", { level: 1 }).waitFor();
      await zoomed.page.locator(".rf-bone").first().waitFor({ state: "detached" });
      expect(await zoomed.page.evaluate(whatDoesNotFit), room).toEqual([]);
    }
    await zoomed.context.close();
  });
});

/** Runs in the page: what reaches beyond the window or is cut, except in what is meant to scroll by itself. */
function whatDoesNotFit(): string[] {
  const faults = document.documentElement.scrollWidth > innerWidth ? ["the page scrolls sideways"] : [];
  for (const element of document.querySelectorAll<HTMLElement>(
    "button, a, h1, h2, input, select, label, p, time",
  )) {
    const { left, right, width, height } = element.getBoundingClientRect();
    const apart = element.closest(".rf-grid, .rf-scroll-x, .rf-hidden, [aria-hidden=true]") !== null;
    if (width === 0 || height === 0 || apart) continue;
    const cut = /^(?:H1|H2|LABEL)$/u.test(element.tagName) && element.scrollWidth > element.clientWidth + 1;
    if (left < -1 || right > innerWidth + 1 || cut)
      faults.push(`${element.tagName} ${element.className} ${element.innerText.slice(0, 40)}`);
  }
  return faults;
}

async function contactCount(): Promise<number> {
  return ((await call(page, "GET", "/o/acme/v1/contacts/count")) as { count: number }).count; // as: the door's declared answer
}

async function tally(label: string): Promise<string> {
  const term = page.locator(".rf-tally dt", { hasText: new RegExp(`^${label}$`, "u") });
  return (await term.locator("xpath=following-sibling::dd").innerText()).trim();
}

/** Every time on the screen tells the organization's clock on hover, and how long ago it is in the language of the sentences around it. */
async function everyTimeIs(locale: string, timeZone: string): Promise<void> {
  const shown = await page
    .locator("time")
    .evaluateAll((times) =>
      times.map((time) => [
        time.getAttribute("datetime") ?? "",
        time.getAttribute("title") ?? "",
        time.textContent,
        time.closest("[lang]")?.getAttribute("lang") ?? "",
      ]),
    );
  expect(shown.length).toBeGreaterThan(0);
  const clock = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium", timeZone });
  const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/gu, " ");
  for (const [at, title, text, language] of shown) {
    expect(plain(title ?? "")).toContain(plain(clock.format(Date.parse(at ?? ""))));
    expect(text).toMatch(
      /^(?:now|yesterday|tomorrow|in \d+ (?:second|minute|hour|day)s?|\d+ (?:second|minute|hour|day)s? ago)$/u,
    );
    expect(language).toBe("en");
  }
}

test("breaks no policy and asks nobody outside", () => {
  expect(window.faults).toEqual([]);
});
