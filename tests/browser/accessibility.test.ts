import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { complaints, openBrowser, openWindow, type Watched } from "./browser.ts";
import { call, makeContact, setUp, signIn } from "./people.ts";
import { startServer, type RunningServer } from "./running-server.ts";

let server: RunningServer;
let browser: Browser;
let contact: { readonly id: string };

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  const first = await openWindow(browser, server.origin);
  await first.page.goto(server.setupLink);
  await first.page.getByRole("button", { name: "Set up" }).waitFor();
  expect(await complaints(first.page), "setup").toEqual([]);
  await first.page.goto("/");
  await setUp(first.page, server.setupLink, "Acme");
  expect(await complaints(first.page), "no contacts yet").toEqual([]);
  contact = await seeded(first.page);
  expect(first.faults).toEqual([]);
  await first.context.close();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const rooms = [
  "contacts",
  "accounts",
  "imports",
  "imports/new",
  "members",
  "roles",
  "sessions",
  "keys",
  "audit",
  "outbox",
  "settings",
];

const openings: readonly (readonly [string, string, (page: Page) => Promise<void>])[] = [
  ["palette", "contacts", async (page) => page.keyboard.press("Control+k")],
  ["keyboard sheet", "contacts", async (page) => page.keyboard.press("?")],
  [
    "what protects this page",
    "contacts",
    (page) => page.getByRole("button", { name: "What protects this page" }).click(),
  ],
  ["person menu", "contacts", (page) => page.getByRole("button", { name: /^You, /u }).click()],
  ["organization menu", "contacts", openOrganizations],
  ["filters", "contacts?stage=lead", (page) => page.getByRole("button", { name: /^Filter/u }).click()],
  ["columns", "contacts", (page) => page.getByRole("button", { name: "Columns" }).click()],
  [
    "new contact",
    "contacts?fresh=true",
    (page) => page.getByRole("button", { name: "Add contact" }).waitFor(),
  ],
  ["invite", "members", (page) => page.getByRole("button", { name: "Invite" }).click()],
  [
    "member",
    "members",
    (page) =>
      page
        .getByRole("button", { name: /^Change /u })
        .first()
        .click(),
  ],
  ["new key", "keys", (page) => page.getByRole("button", { name: "New key" }).click()],
  ["new field", "settings", (page) => page.getByRole("button", { name: "Add a field" }).click()],
  ["audit event", "audit", (page) => page.locator(".rf-audit__line").first().click()],
  ["nothing found", "contacts?q=zzzz", (page) => page.getByText("No contacts match").waitFor()],
];

describe.each([
  ["light", 1440],
  ["dark", 1440],
  ["dark", 360],
] as const)("in %s at %i px", (colorScheme, width) => {
  let window: Watched;
  beforeAll(async () => {
    window = await openWindow(browser, server.origin, { colorScheme, width });
    await window.page.goto("/sign-in");
    await window.page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(await complaints(window.page), "sign-in").toEqual([]);
    await signIn(window.page);
  });
  afterAll(() => window?.context.close());

  test.each(rooms)("%s has no fault", async (room) => {
    await window.page.goto(`/o/acme/${room}`);
    await settled(window.page);
    expect(await complaints(window.page)).toEqual([]);
    expect(
      await window.page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
    ).toBeLessThanOrEqual(0);
  });

  test.each(openings)("%s has no fault", async (_name, room, open) => {
    await window.page.goto(`/o/acme/${room}`);
    await settled(window.page);
    await open(window.page);
    await settled(window.page);
    expect(await complaints(window.page)).toEqual([]);
  });

  test("a contact beside the list, being edited, and on its own page has no fault", async () => {
    for (const path of [
      `contacts?open=${contact.id}`,
      `contacts?open=${contact.id}&edit=true`,
      `contacts/${contact.id}`,
    ]) {
      await window.page.goto(`/o/acme/${path}`);
      await settled(window.page);
      expect(await complaints(window.page), path).toEqual([]);
    }
  });

  test("an address that leads nowhere has no fault", async () => {
    await window.page.goto("/o/somebody-else/contacts");
    await window.page.getByText("There is nothing here").waitFor();
    expect(await complaints(window.page)).toEqual([]);
  });

  test("breaks no policy and asks nobody outside", () => {
    expect(window.faults).toEqual([]);
  });
});

/** Enough of everything that no screen is empty. */
async function seeded(page: Page): Promise<{ readonly id: string }> {
  const account = (await call(page, "POST", "/o/acme/v1/accounts", {
    name: "Analytical Engines",
    domain: "engines.example",
  })) as { id: string };
  await call(page, "POST", "/o/acme/v1/fields", {
    of: "contact",
    key: "renewal",
    label: "Renewal",
    type: "date",
    options: [],
  });
  await call(page, "POST", "/o/acme/v1/invitations", { email: "new@acme.example", roles: ["member"] });
  await call(page, "POST", "/o/acme/v1/keys", { name: "Nightly export", permissions: null, expiresAt: null });
  await makeContact(page, "acme", {
    firstName: "Grace",
    lastName: "Hopper",
    stage: "customer",
    tags: ["navy"],
  });
  return makeContact(page, "acme", {
    firstName: "Ada",
    lastName: "Lovelace",
    email: "ada@example.org",
    phone: "+43 660 1234567",
    accountId: account.id,
    tags: ["math", "vip"],
    notes: "Prefers letters.",
  });
}

/** On a phone the organizations are in the rail, and the rail is behind a button. */
async function openOrganizations(page: Page): Promise<void> {
  const burger = page.getByRole("button", { name: "Rooms" });
  if (await burger.isVisible()) await burger.click();
  await page
    .getByRole("button", { name: /^Organization /u })
    .last()
    .click();
}

/** Waits until everything was fetched and drawn. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle");
  await page.locator(".rf-bone").first().waitFor({ state: "detached" });
}
