import { generate } from "otplib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proves } from "../proves.ts";
import { complaints, complaintsInLightAndDark, openBrowser, openWindow, type Watched } from "./browser.ts";
import { call, invitationLink, setUp, vera } from "./people.ts";
import { startServer, type RunningServer } from "./running-server.ts";

let server: RunningServer;
let browser: Browser;
let office: Watched;
let otto: Watched;
let olga: Watched;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  office = await openWindow(browser, server.origin);
  await setUp(office.page, server.setupLink, "Acme");
  await call(office.page, "POST", "/auth/organizations", {
    name: "Platform",
    locale: "en-GB",
    timeZone: "Europe/Vienna",
    currency: "EUR",
  });
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

describe("one of the platform's staff", () => {
  test("has a view of their own that others do not see", async () => {
    await office.page.goto("/o/acme/own-security");
    await office.page.getByRole("heading", { name: "What happened lately" }).waitFor();
    expect(await office.page.getByText("Support access to organizations").count()).toBe(0);
    expect(await office.page.getByText("In an emergency").count()).toBe(0);
    otto = await operator("Otto", 1440);
    await otto.page.goto("/o/platform/own-security");
    await otto.page.getByRole("heading", { name: "Support access to organizations" }).waitFor();
  });

  test("asks an organization for what they need to see, and for a change", async () => {
    const { page } = otto;
    await page.getByRole("button", { name: "Ask an organization" }).click();
    await page.getByRole("textbox", { name: "Organization" }).fill("acme");
    await page.getByLabel("What for").fill("An import that stands still");
    // To read is ticked already; what is never lent is not there to be ticked.
    expect(await page.getByLabel("See imports").isChecked()).toBe(true);
    expect(await page.getByRole("checkbox", { name: /Export|Erase|API key/u }).count()).toBe(0);
    for (const sentence of ["See imports", "See fields", "See the organization's name"])
      await page.getByLabel(sentence).uncheck();
    await page.getByLabel("Change contacts").check();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    await page.getByText("Asked, not granted yet").waitFor();
    await page.getByText("Asked to see accounts, contacts, members, and roles; change contacts.").waitFor();
    await office.page.goto("/o/acme/support");
    await office.page
      .getByText("Asked to see accounts, contacts, members, and roles; change contacts.")
      .waitFor();
  });

  test("is let in for less than they asked for, told what it is, and gives it back", async () => {
    const { page } = otto;
    await office.page.getByRole("button", { name: "Let them in" }).click();
    const dialog = office.page.getByRole("dialog");
    await dialog.getByText("An import that stands still").waitFor();
    // Nothing can be given that was not asked for.
    expect(await dialog.getByLabel("See imports").count()).toBe(0);
    expect(await dialog.getByLabel("For").inputValue()).toBe("2");
    await dialog.getByLabel("Change contacts").uncheck();
    expect(await complaintsInLightAndDark(office.page)).toEqual([]);
    await dialog.getByRole("button", { name: "Let them in" }).click();
    await office.page.getByText("Has access", { exact: true }).waitFor();
    await office.page.getByText("May see accounts, contacts, members, and roles.", { exact: true }).waitFor();
    await page.reload();
    await page.getByText("You may come in").waitFor();
    await page.getByText("You may see accounts, contacts, members, and roles.").waitFor();
    expect(await complaints(page)).toEqual([]);
    await page.getByRole("link", { name: "Go there" }).click();
    await page.waitForURL(/\/o\/acme\//u);
    // What they may see is to be seen, though fields are not among it.
    await page.getByText("The people you do business with").waitFor();
    await page
      .getByText(/^You are in Acme as support.*You may see accounts, contacts, members, and roles\./u)
      .waitFor();
    await page.goto("/o/platform/own-security");
    await page.getByRole("button", { name: "Give back: acme" }).click();
    await page.getByText("You may come in").waitFor({ state: "detached" });
    await office.page.reload();
    await office.page.getByText("they gave it back").waitFor();
    expect([...office.faults, ...otto.faults]).toEqual([]);
  });

  test("is let in without having asked, for what the organization ticks", async () => {
    const { page } = office;
    await page.getByRole("button", { name: "Let somebody in" }).click();
    await page.getByLabel("Their e-mail address").fill("nobody@platform.example");
    await page.getByLabel("What for").fill("A look at the trail");
    expect(await page.getByLabel("Read the audit trail").isChecked()).toBe(false);
    await page.getByLabel("Read the audit trail").check();
    for (const sentence of ["See imports", "See fields"]) await page.getByLabel(sentence).uncheck();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await page.keyboard.press("Enter");
    const told =
      "May see accounts, contacts, members, roles, the audit log, and the organization’s settings.";
    await page.getByText(told, { exact: true }).waitFor();
    await page.getByRole("button", { name: "End the access of nobody@platform.example" }).click();
    await page.getByText(told.replace("May", "Could"), { exact: true }).waitFor();
    expect(office.faults).toEqual([]);
  });
});

describe("an emergency", () => {
  proves("IAM-13", "AUD-7");

  test("is not there until the installation allows it, and both sides are told how that is", async () => {
    await otto.page.getByText("This installation does not allow it").waitFor();
    expect(await otto.page.getByRole("button", { name: "Ask in an emergency" }).count()).toBe(0);
    await office.page.getByText("Not possible now").waitFor();
    await office.page.getByText("It was never asked for.").waitFor();
    await server.command("emergency", "allow");
    await office.page.reload();
    await office.page.getByText("Possible", { exact: true }).waitFor();
  });

  test("is asked for by one, and the organization sees at once who asks and why", async () => {
    const { page } = otto;
    await page.reload();
    await page.getByText("Nobody waits for you to confirm").waitFor();
    await page.getByRole("button", { name: "Ask in an emergency" }).click();
    await page.getByRole("textbox", { name: "Organization" }).fill("acme");
    await page.getByLabel("Why it cannot wait").fill("Records are being lost");
    expect(await complaints(page)).toEqual([]);
    // Without the number of a case nothing is sent.
    await page.keyboard.press("Enter");
    expect(await page.getByRole("dialog").isVisible()).toBe(true);
    await page.getByLabel("Number of the support case").fill("INC-1");
    await page.keyboard.press("Enter");
    await page.getByText("Waits for another operator").waitFor();
    await office.page.reload();
    const underWay = partOf(office.page, "Under way, without your consent");
    await underWay.getByText("Waits for a second operator").waitFor();
    await underWay.getByText("Records are being lost (INC-1)").waitFor();
    expect(await complaints(office.page)).toEqual([]);
  });

  test("is confirmed by another, on a phone, after they have typed whose records it is about", async () => {
    olga = await operator("Olga", 360);
    const { page } = olga;
    await page.goto("/o/platform/own-security");
    await page.getByRole("button", { name: /^Look at the emergency of otto@/u }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Ask them by voice first").waitFor();
    expect(await dialog.getByRole("button", { name: "Confirm it" }).isDisabled()).toBe(true);
    expect(await complaints(page)).toEqual([]);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await dialog.getByLabel("Type acme to confirm").fill("acme");
    await page.keyboard.press("Enter");
    await page.getByText("Nobody waits for you to confirm").waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
  });

  test("lets the first one in, who is told whose house it is, and the organization sees that", async () => {
    const { page } = otto;
    await page.reload();
    await page.getByText("You may read, without their consent").waitFor();
    await page.getByRole("link", { name: "Go there" }).click();
    await page.waitForURL(/\/o\/acme\//u);
    await page.getByText("You are in Acme as support, in an emergency and without their consent").waitFor();
    expect(await complaints(page)).toEqual([]);
    // Below the work, and over none of it.
    const [work, banner] = await Promise.all([
      page.locator("#main").boundingBox(),
      page.locator(".rf-support").boundingBox(),
    ]);
    expect((work?.y ?? 0) + (work?.height ?? Infinity)).toBeLessThanOrEqual(banner?.y ?? 0);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.locator("html[data-mantine-color-scheme=dark]").waitFor();
    expect(await complaints(page, ["color-contrast"])).toEqual([]);
    await page.emulateMedia({ colorScheme: "light" });
    await office.page.reload();
    const underWay = partOf(office.page, "Under way, without your consent");
    await underWay.getByText("May read now").waitFor();
    expect(await underWay.innerText()).toMatch(/Confirmed .* by Olga · first used /u);
    await underWay.getByRole("link", { name: "Audit log of the access of otto@platform.example" }).click();
    await office.page.getByText("came in as support").waitFor();
    await office.page.getByText("asked for emergency support").waitFor();
  });

  test("shows in words what they looked at, while they are still inside", async () => {
    const { page } = office;
    await page.goto("/o/acme/support");
    await page.getByRole("link", { name: "What otto@platform.example did" }).first().click();
    const line = page.getByRole("button", { name: /otto@platform\.example \(support .* listed contacts$/u });
    await line.click();
    await page.getByText("Written down before it was answered").waitFor();
    await page.getByText("GET /contacts", { exact: true }).waitFor();
    expect(await complaints(page)).toEqual([]);
  });

  test("ends when the organization refuses it, and none comes in any more until it takes that back itself", async () => {
    const { page } = office;
    await page.goto("/o/acme/support");
    await page.getByRole("button", { name: "Refuse it" }).click();
    await page.getByText("1 emergency under way will end at once.").waitFor();
    expect(await complaints(page)).toEqual([]);
    // The way out is what has the focus: nothing happens by a slip.
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByText("May read now").waitFor();
    await page.getByRole("button", { name: "Refuse it" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Refuse it" }).click();
    await page.getByText("Refused", { exact: true }).waitFor();
    const past = page.getByRole("list", { name: "Earlier emergencies" });
    await past.getByText(new RegExp(`by ${vera.name}: emergency access was refused`, "u")).waitFor();
    expect(await page.getByText("Under way, without your consent").count()).toBe(0);
    await otto.page.reload();
    await otto.page.getByText("There is nothing here").waitFor();
    expect(await asking(otto.page)).toContain("this organization has refused emergency access");
    await page.getByRole("button", { name: "Take the refusal back" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Take it back" }).click();
    await page.getByText("Possible", { exact: true }).waitFor();
    expect([...office.faults, ...otto.faults, ...olga.faults]).toEqual([]);
  });

  /** What one hears who asks. */
  async function asking(page: Page): Promise<string> {
    await page.goto("/o/platform/own-security");
    await page.getByRole("button", { name: "Ask in an emergency" }).click();
    await page.getByRole("textbox", { name: "Organization" }).fill("acme");
    await page.getByLabel("Why it cannot wait").fill("Again");
    await page.getByLabel("Number of the support case").fill("INC-2");
    await page.keyboard.press("Enter");
    return page.getByRole("dialog").getByRole("alert").innerText();
  }
});

const partOf = (page: Page, title: string): ReturnType<Page["locator"]> =>
  page.locator("section", { has: page.getByRole("heading", { name: title }) });

const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

/** Invited into an organization of their own kind by a mail, as everybody; named by whoever runs the installation; with a second factor. */
async function operator(name: string, width: number): Promise<Watched> {
  const email = `${name.toLowerCase()}@platform.example`;
  const window = await openWindow(browser, server.origin, { width });
  const { page } = window;
  await call(office.page, "POST", "/o/platform/v1/invitations", { email, roles: ["member"] });
  await page.goto(await invitationLink(server, "platform"));
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("textbox", { name: "Choose a password" }).fill("velvet otter lantern orbit 17");
  await page.getByRole("button", { name: "Join" }).click();
  await page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
  await server.command("operator", "add", "--email", email);
  await withSecondFactor(page);
  return window;
}

/** Whoever asks or confirms must have shown a second factor in this session. */
async function withSecondFactor(page: Page): Promise<void> {
  const made = (await call(page, "POST", "/auth/totp")) as { id: string; secret: string };
  const { backupCodes } = (await call(page, "POST", "/auth/totp/confirm", {
    id: made.id,
    code: await generate({ secret: made.secret }),
    name: "Phone",
  })) as { backupCodes: string[] }; // as: the doors' declared answers
  await call(page, "POST", "/auth/prove", { backupCode: backupCodes[0] });
}
