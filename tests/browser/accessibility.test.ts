import type { Browser, Page, Request } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Complaint,
  complaints,
  complaintsInLightAndDark,
  openBrowser,
  openWindow,
  type Watched,
} from "./browser.ts";
import { call, makeContact, setUp, signIn } from "./people.ts";
import { startServer, type RunningServer } from "./running-server.ts";

const rooms = [
  "contacts",
  "accounts",
  "imports",
  "imports/new",
  "members",
  "roles",
  "security",
  "access-review",
  "support",
  "service-accounts",
  "sessions",
  "own-security",
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
  ["new key", "keys", (page) => page.getByRole("button", { name: "New key", exact: true }).click()],
  [
    "new service account",
    "service-accounts",
    (page) => page.getByRole("button", { name: "New service account" }).click(),
  ],
  ["service account", "service-accounts", openServiceAccount],
  [
    "new key of a service account",
    "service-accounts",
    async (page) => {
      await openServiceAccount(page);
      await page.getByRole("button", { name: "New key", exact: true }).click();
    },
  ],
  [
    "public key of a service account",
    "service-accounts",
    async (page) => {
      await openServiceAccount(page);
      await page.getByRole("button", { name: "Add a public key" }).click();
    },
  ],
  [
    "end of a service account",
    "service-accounts",
    async (page) => {
      await openServiceAccount(page);
      await page.getByRole("button", { name: "End it" }).click();
    },
  ],
  [
    "sign-off of the review",
    "access-review",
    (page) => page.getByRole("button", { name: "Sign off" }).click(),
  ],
  ["new field", "settings", (page) => page.getByRole("button", { name: "Add a field" }).click()],
  ["audit event", "audit", (page) => page.locator(".rf-audit__line").first().click()],
  [
    "another password",
    "own-security",
    (page) => page.getByRole("button", { name: "Change the password" }).click(),
  ],
  [
    "another address",
    "own-security",
    (page) => page.getByRole("button", { name: "Change the address" }).click(),
  ],
  [
    "authenticator app",
    "own-security",
    (page) => page.getByRole("button", { name: "Add an authenticator app" }).click(),
  ],
  ["refusal of emergencies", "support", (page) => page.getByRole("button", { name: "Refuse it" }).click()],
  ["nothing found", "contacts?q=zzzz", (page) => page.getByText("No contacts match").waitFor()],
];

// Light and dark differ in colours only, so that one visit serves both; on a phone the screens are others.
const walks = [
  ["light and dark at 1440 px", { looks: "light and dark", width: 1440 }],
  ["dark at 360 px", { looks: "dark", width: 360 }],
] as const;

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

// Every screen and every dialog of the console, and axe looks at each.
describe.each(walks)("in %s", (_walk, { looks, width }) => {
  let window: Watched;
  const faultsShown = (): Promise<Complaint[]> =>
    looks === "dark" ? complaints(window.page) : complaintsInLightAndDark(window.page);
  beforeAll(async () => {
    const colorScheme = looks === "dark" ? "dark" : "light";
    window = await openWindow(browser, server.origin, { colorScheme, width, motionless: true });
    watchRequests(window.page);
    await window.page.goto("/sign-in");
    await window.page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(await faultsShown(), "sign-in").toEqual([]);
    await window.page.goto("/reset-password");
    await window.page.getByRole("button", { name: "Mail me a link" }).waitFor();
    expect(await faultsShown(), "password reset").toEqual([]);
    await window.page.goto("/sign-in");
    await signIn(window.page);
  });
  afterAll(() => window?.context.close());

  test.each(rooms)("%s has no fault", async (room) => {
    await window.page.goto(`/o/acme/${room}`);
    await settled(window.page);
    expect(await faultsShown()).toEqual([]);
    expect(
      await window.page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
    ).toBeLessThanOrEqual(0);
  });

  test.each(openings)("%s has no fault", async (_name, room, open) => {
    await goWithin(window.page, `/o/acme/${room}`);
    await open(window.page);
    await settled(window.page);
    expect(await faultsShown()).toEqual([]);
  });

  test("a contact beside the list, being edited, and on its own page has no fault", async () => {
    for (const path of [
      `contacts?open=${contact.id}`,
      `contacts?open=${contact.id}&edit=true`,
      `contacts/${contact.id}`,
    ]) {
      await window.page.goto(`/o/acme/${path}`);
      await settled(window.page);
      expect(await faultsShown(), path).toEqual([]);
    }
  });

  test("an address that leads nowhere has no fault", async () => {
    await window.page.goto("/o/somebody-else/contacts");
    await window.page.getByText("There is nothing here").waitFor();
    expect(await faultsShown()).toEqual([]);
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
  const program = (await call(page, "POST", "/o/acme/v1/service-accounts", {
    name: "Nightly sync",
    roles: ["member"],
  })) as { id: string };
  await call(page, "POST", `/o/acme/v1/service-accounts/${program.id}/keys`, { name: "Rack 4" });
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

async function openServiceAccount(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Nightly sync" }).click();
  await page.getByRole("heading", { name: "Nightly sync", level: 1 }).waitFor();
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

/**
 * Goes there as a link does, with everything closed that was open: what a load of that page shows was looked at already,
 * and loading takes longer than looking. By way of another room, so that what the last test did there is gone.
 */
async function goWithin(page: Page, path: string): Promise<void> {
  await page.keyboard.press("Escape");
  for (const address of ["/o/acme/sessions", path]) {
    await page.evaluate((to) => history.pushState(null, "", to), address);
    await settled(page);
  }
}

/** Waits until everything was fetched and drawn: Playwright's own `networkidle` would take half a second each time. */
async function settled(page: Page): Promise<void> {
  const asked = requestsOf.get(page);
  for (let seen = -1; seen !== asked?.count || asked.underWay.size > 0;) {
    seen = asked?.count ?? -1;
    await page.evaluate(drawnAnew);
  }
  await page.locator(".rf-bone").first().waitFor({ state: "detached" });
}

/** Runs in the page: what is asked for because of an answer is asked for before the page has come to rest. */
async function drawnAnew(): Promise<void> {
  for (let pause = 0; pause < 3; pause++)
    await new Promise((resolve) => requestAnimationFrame(() => requestIdleCallback(resolve)));
}

/** How much a page has asked for, and what it has not got yet. */
const requestsOf = new WeakMap<Page, { count: number; readonly underWay: Set<Request> }>();

function watchRequests(page: Page): void {
  const asked = { count: 0, underWay: new Set<Request>() };
  requestsOf.set(page, asked);
  page.on("request", (request) => {
    asked.count += 1;
    asked.underWay.add(request);
  });
  const over = (request: Request): void => void asked.underWay.delete(request);
  page.on("requestfinished", over);
  page.on("requestfailed", over);
  // What a page asked for before it was left may never be answered.
  page.on("framenavigated", (frame) => {
    if (frame === page.mainFrame()) asked.underWay.clear();
  });
}
