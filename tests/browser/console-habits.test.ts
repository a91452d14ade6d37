import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proves } from "../proves.ts";
import { complaints, openBrowser, openWindow, type Watched } from "./browser.ts";
import { call, makeContact, setUp } from "./people.ts";
import { startServer, type RunningServer } from "./running-server.ts";

let server: RunningServer;
let browser: Browser;
let window: Watched;
let page: Page;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  // A browser of another language and zone than any organization here.
  window = await openWindow(browser, server.origin, { locale: "ja-JP", timezoneId: "Asia/Tokyo" });
  page = window.page;
  await setUp(page, server.setupLink, "Acme");
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

describe("the organization's language, time zone and currency", () => {
  proves("ISO-9");
  let contact: { readonly id: string };

  beforeAll(async () => {
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

  test("show in settings what they mean, whatever the browser's own are", async () => {
    expect(await page.evaluate(() => [navigator.language, new Date(0).getHours()])).toEqual(["ja-JP", 9]);
    const preview = await page.getByText(/^Now: /u).innerText();
    expect(preview.replaceAll("\u00a0", " ")).toMatch(/\d\d\.\d\d\.\d{4}, .* 1\.234\.567,5 · 12\.345,67 €$/u);
  });

  test.each(["contacts", "accounts", "audit", "sessions", "keys", "outbox", "members"])(
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

  /** Every time on the screen tells the organization's clock on hover, and how long ago it is in its language. */
  async function everyTimeIs(locale: string, timeZone: string): Promise<void> {
    const shown = await page
      .locator("time")
      .evaluateAll((times) =>
        times.map((time) => [
          time.getAttribute("datetime") ?? "",
          time.getAttribute("title") ?? "",
          time.textContent,
        ]),
      );
    expect(shown.length).toBeGreaterThan(0);
    const clock = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium", timeZone });
    const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/gu, " ");
    for (const [at, title, text] of shown) {
      expect(plain(title ?? "")).toContain(plain(clock.format(Date.parse(at ?? ""))));
      expect(text).toMatch(
        locale === "de-DE" ? /^(?:jetzt|vor |in |heute|gestern)/u : /^(?:now|in |\d+ .* ago)/u,
      );
    }
  }
});

function fact(label: string) {
  return page
    .locator(".rf-facts__line")
    .filter({ has: page.locator("dt", { hasText: new RegExp(`^${label}$`, "u") }) });
}

test("breaks no policy and asks nobody outside", () => {
  expect(window.faults).toEqual([]);
});
