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

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer({ host: "localhost" }), openBrowser()]);
  office = await openWindow(browser, server.origin);
  await setUp(office.page, server.setupLink, "Acme");
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

describe("second factors in the console", () => {
  proves("IAM-8");
  let secret = "";
  let backup: string[] = [];

  test("an authenticator app is added with its first code, and backup codes are shown once", async () => {
    const { page } = office;
    await page.goto("/o/acme/own-security");
    await page.getByRole("button", { name: "Add an authenticator app" }).click();
    secret = (await page.locator("[data-secret]").innerText()).replaceAll(/\s/gu, "");
    await page.getByLabel("The six digits that the app shows now").fill(await generate({ secret }));
    await page.getByRole("button", { name: "Add it" }).click();
    await page.getByText("Keep these backup codes").waitFor();
    // What is never shown again does not go by a slip.
    await page.keyboard.press("Escape");
    backup = (await page.locator("[data-secret]").innerText()).split("\n").filter((line) => line !== "");
    expect(backup.length).toBe(10);
    expect(await complaints(page)).toEqual([]);
    await page.getByRole("button", { name: "I have kept it" }).click();
    await page.getByText("A stolen password alone opens nothing").waitFor();
  });

  test("signing in then asks for it, and a backup code stands in once", async () => {
    const { page, context, faults } = await openWindow(browser, server.origin);
    await withPassword(page);
    await page.getByRole("heading", { name: "Is it really you?" }).waitFor();
    expect(await complaints(page)).toEqual([]);
    await page.getByRole("button", { name: "Use a backup code" }).click();
    await page.getByLabel("Backup code").fill(backup[0] ?? "");
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test("a browser is remembered on wish, and not asked again until it is forgotten; dangerous acts ask all the same", async () => {
    const { page, context, faults } = await openWindow(browser, server.origin, { width: 360 });
    await withPassword(page);
    await page.getByRole("button", { name: "Use a backup code" }).click();
    await page.getByLabel("Backup code").fill(backup[1] ?? "");
    await page.getByLabel("Do not ask in this browser for 30 days").check();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
    await signOut(page);
    await withPassword(page);
    await page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
    await page.goto("/o/acme/keys");
    await page.getByRole("button", { name: "New key" }).click();
    await page.getByLabel("Name").fill("A key");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Is it still you?" }).waitFor();
    await page.getByLabel("Code from your authenticator app").waitFor();
    expect(await page.getByRole("button", { name: "Use the password" }).count()).toBe(0);
    await page.goto("/o/acme/sessions");
    await page.getByRole("heading", { name: "Remembered browsers" }).waitFor();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await page.getByRole("button", { name: /^Forget /u }).press("Enter");
    await page.getByText("is asked for your second factor again").waitFor();
    await page.getByRole("heading", { name: "Remembered browsers" }).waitFor({ state: "detached" });
    await signOut(page);
    await withPassword(page);
    await page.getByLabel("Code").waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test("a passkey is made, and then the browser offers it in the e-mail field: it signs in by itself", async () => {
    const { page, context, faults } = office;
    const devtools = await context.newCDPSession(page);
    await devtools.send("WebAuthn.enable");
    // Says yes to whatever it is asked, as a person would who picks what is offered.
    await devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto("/o/acme/own-security");
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByText("Passkey added").waitFor();
    await signOut(page);
    await page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
    expect(faults).toEqual([]);
  });

  test("a passkey signs in by the button where the browser offers nothing, without a password or a code", async () => {
    const { page, context, faults } = office;
    await context.addInitScript(() => {
      PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
    });
    await page.goto("/o/acme/own-security");
    await signOut(page);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
    expect(faults).toEqual([]);
  });
});

describe("who gets in", () => {
  test("is shown by name before a rule is saved, and a rule that locks its author out cannot be", async () => {
    const { page } = office;
    await page.goto("/o/acme/security");
    await page.getByLabel("Allowed networks").fill("203.0.113.0/24");
    await page.getByRole("button", { name: "See who is affected" }).click();
    await page.getByText("This would lock you out").waitFor();
    expect(await page.getByRole("button", { name: "Save the rules" }).isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Go back" }).click();
    await page.getByLabel("Allowed networks").fill("127.0.0.0/8\n::1");
    await page.getByRole("button", { name: "See who is affected" }).click();
    await page.getByRole("button", { name: "Save the rules" }).click();
    await page.getByText("It holds from everybody's next request.").waitFor();
    expect(await call(page, "GET", "/o/acme/v1/security")).toMatchObject({
      networks: ["127.0.0.0/8", "::1/128"],
    });
  });

  test("a role of one's own is made from permissions, and given beside another", async () => {
    const { page, faults } = office;
    await page.goto("/o/acme/roles");
    await page.getByRole("button", { name: "New role" }).click();
    await page.getByLabel("Name", { exact: false }).first().fill("Bookkeeper");
    await page.getByRole("checkbox", { name: "See contacts" }).check();
    expect(await complaints(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Bookkeeper" }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("New role");
    await page.goto("/o/acme/members");
    await page.getByRole("button", { name: `Change ${vera.name}` }).click();
    await page.getByRole("checkbox", { name: "Bookkeeper" }).check();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Roles changed").waitFor();
    await page.getByRole("button", { name: `Change ${vera.name}` }).click();
    await page.getByRole("button", { name: "What can they do, and why?" }).click();
    await page.getByLabel("Can they do this now, and what keeps them from it?").selectOption("contact.read");
    await page.getByText(/^Given by .*bookkeeper/u).waitFor();
    expect(await complaints(page)).toEqual([]);
    expect(faults).toEqual([]);
  });
});

describe("a member who has lost their second factor", () => {
  proves("IAM-8");
  const grace = { name: "Grace", email: "grace@acme.example", password: "velvet otter lantern orbit 17" };

  test("gets rid of it by an owner, who types the address first; their sessions end", async () => {
    const { page } = office;
    const theirs = await joined(grace);
    const { id, secret } = (await call(theirs.page, "POST", "/auth/totp")) as { id: string; secret: string }; // as: the door's declared answer
    const code = await generate({ secret });
    await call(theirs.page, "POST", "/auth/totp/confirm", { id, code, name: "Phone" });
    await page.goto("/o/acme/members");
    await page.getByRole("button", { name: `Change ${vera.name}` }).click();
    await page.getByRole("button", { name: "What can they do, and why?" }).waitFor();
    expect(await page.getByRole("button", { name: "They have lost their second factor" }).count()).toBe(0);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: `Change ${grace.name}` }).click();
    await page.getByRole("button", { name: "They have lost their second factor" }).click();
    const act = page.getByRole("dialog").getByRole("button", { name: "Take it away" });
    expect(await act.isDisabled()).toBe(true);
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await page.getByLabel(`Type ${grace.email} to confirm`).fill(grace.email);
    await act.click();
    await page.getByText(`${grace.name} can add a second factor again`).waitFor();
    await theirs.page.goto("/o/acme/contacts");
    await theirs.page.getByRole("heading", { name: "Sign in", level: 1 }).waitFor();
    await theirs.page.getByLabel("E-mail").fill(grace.email);
    await theirs.page.getByRole("textbox", { name: "Password" }).fill(grace.password);
    await theirs.page.getByRole("button", { name: "Sign in" }).click();
    await theirs.page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
    expect([...office.faults, ...theirs.faults]).toEqual([]);
    await theirs.context.close();
  });
});

describe("a member", () => {
  const ada = { name: "Ada", email: "ada@acme.example", password: "velvet otter lantern orbit 17" };
  let theirs: Watched;

  test("whose roles two change at once has those of neither unseen, and nothing chosen is lost", async () => {
    const { page } = office;
    theirs = await joined(ada);
    await page.goto("/o/acme/members");
    await page.getByRole("button", { name: `Change ${ada.name}` }).click();
    await page.getByRole("checkbox", { name: "manager" }).check();
    const { items } = (await call(page, "GET", "/o/acme/v1/members")) as {
      items: { id: string; email: string; version: number }[];
    }; // as: the door's declared answer
    const { id = "", version = 0 } = items.find(({ email }) => email === ada.email) ?? {};
    await call(page, "PATCH", `/o/acme/v1/members/${id}`, { roles: ["viewer"] }, version);
    // What the list learns meanwhile is not what the change is one of.
    await page.evaluate(() => dispatchEvent(new Event("visibilitychange")));
    await page.locator("li", { hasText: ada.email }).getByText("viewer", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    const conflict = page.getByRole("alert", { name: "Somebody changed this meanwhile" });
    await conflict.getByText(`${vera.email} changed these roles meanwhile`).waitFor();
    await conflict.getByText("They are now: viewer.").waitFor();
    expect(await page.getByRole("checkbox", { name: "manager" }).isChecked()).toBe(true);
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await conflict.getByRole("button", { name: "Take theirs: viewer" }).click();
    expect(await page.getByRole("checkbox", { name: "viewer" }).isChecked()).toBe(true);
    await conflict.getByRole("button", { name: "Keep mine: member, manager" }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Roles changed").waitFor();
    const row = page.getByRole("listitem").filter({ hasText: ada.email });
    await row.getByText("manager", { exact: true }).waitFor();
    expect(await row.getByText("viewer", { exact: true }).count()).toBe(0);
  });

  test("signs in again when an owner says so, by the keyboard alone", async () => {
    const { page } = office;
    await page.getByRole("button", { name: `Change ${vera.name}` }).click();
    await page.getByRole("button", { name: "What can they do, and why?" }).waitFor();
    expect(await page.getByRole("button", { name: "Have them sign in again" }).count()).toBe(0);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: `Change ${ada.name}` }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Have them sign in again" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: `End the sessions of ${ada.name}?` }).waitFor();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    // The way out is what has the focus: nothing happens by a slip.
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Have them sign in again" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "End them" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText(`${ada.name} has to sign in again`).waitFor();
    await theirs.page.goto("/o/acme/contacts");
    await theirs.page.getByText("Sign in again").first().waitFor();
  });

  test("leaves by themselves, having read what ends by it; the last owner cannot", async () => {
    const { page } = theirs;
    await signOut(page);
    await page.getByLabel("E-mail").fill(ada.email);
    await page.getByRole("textbox", { name: "Password" }).fill(ada.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
    await call(page, "POST", "/auth/organizations", {
      name: "Lovelace",
      locale: "en-GB",
      timeZone: "Europe/Vienna",
      currency: "EUR",
    });
    await page.goto("/o/acme/own-security");
    await page.getByRole("button", { name: "Leave Acme" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Your API keys there end").waitFor();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await dialog.getByLabel("Type Acme to confirm").fill("Acme");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/o/lovelace/own-security");
    await page.getByText("You have left Acme", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: "Leave Lovelace" }).click();
    expect(await page.getByRole("button", { name: "Leave Acme" }).count()).toBe(0);
    await dialog.getByLabel("Type Lovelace to confirm").fill("Lovelace");
    await page.keyboard.press("Enter");
    await dialog
      .getByRole("alert")
      .getByText(/last owner/u)
      .waitFor();
    await office.page.goto("/o/acme/own-security");
    await office.page.getByText(`${ada.email} has left Acme`).waitFor();
    expect([...office.faults, ...theirs.faults]).toEqual([]);
  });
});

/** Invited and come in, in a window of their own. */
async function joined(person: Readonly<Record<"name" | "email" | "password", string>>): Promise<Watched> {
  await call(office.page, "POST", "/o/acme/v1/invitations", { email: person.email, roles: ["member"] });
  const theirs = await openWindow(browser, server.origin);
  await theirs.page.goto(await invitationLink(server, "acme"));
  await theirs.page.getByLabel("Your name").fill(person.name);
  await theirs.page.getByRole("textbox", { name: "Choose a password" }).fill(person.password);
  await theirs.page.getByRole("button", { name: "Join" }).click();
  await theirs.page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
  return theirs;
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^You, /u }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
}

async function withPassword(page: Page): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(vera.email);
  await page.getByRole("textbox", { name: "Password" }).fill(vera.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
