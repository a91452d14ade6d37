import { generate } from "otplib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type NameServer, nameServer } from "../name-server.ts";
import { type OpenProvider, openProvider } from "../open-provider.ts";
import { proves } from "../proves.ts";
import { complaintsInLightAndDark, openBrowser, openWindow, type Watched } from "./browser.ts";
import { call, invitationLink, setUp } from "./people.ts";
import { startServer, type RunningServer } from "./running-server.ts";

// An organization that does not let a session in any more: it says so before, and has the act at hand that opens it again.

const ben = { name: "Ben", email: "ben@corp.example", password: "quarry lantern seven boats" };
const eve = { name: "Eve", email: "eve@corp.example", password: "velvet harbor nine stones" };

let names: NameServer;
let provider: OpenProvider;
let server: RunningServer;
let browser: Browser;
let office: Watched;
const clients: Record<string, unknown>[] = [];

beforeAll(async () => {
  names = await nameServer();
  const accounts = {
    vera: { email: "vera@acme.example", email_verified: true },
    zoe: { email: "zoe@corp.example", email_verified: true, name: "Zoe" },
    ben: { email: ben.email, email_verified: true, name: ben.name },
  };
  provider = await openProvider({ clients: () => clients, accounts });
  const settings = { RINGFENCE_EGRESS_NETWORKS: "127.0.0.1", RINGFENCE_DNS_SERVERS: names.address };
  [server, browser] = await Promise.all([startServer({ settings }), openBrowser()]);
  office = await window();
  await setUp(office.page, server.setupLink, "Acme");
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await provider?.stop();
  await names?.stop();
});

async function window(width = 1440): Promise<Watched> {
  const opened = await openWindow(browser, server.origin, { elsewhere: provider.issuer, width });
  // The provider's own pages want a font from far away.
  await opened.context.route(/^https:/u, (route) => route.abort());
  return opened;
}

async function joined({ name, email, password }: typeof ben, width?: number): Promise<Watched> {
  await call(office.page, "POST", "/o/acme/v1/invitations", { email, roles: ["member"] });
  const opened = await window(width);
  await opened.page.goto(await invitationLink(server, "acme"));
  await opened.page.getByLabel("Your name").fill(name);
  await opened.page.getByRole("textbox", { name: "Choose a password" }).fill(password);
  await opened.page.getByRole("button", { name: "Join" }).click();
  await opened.page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
  return opened;
}

async function change(wish: object): Promise<void> {
  const { version } = (await call(office.page, "GET", "/o/acme/v1/security")) as { version: number }; // as: the door's declared answer
  await call(office.page, "PATCH", "/o/acme/v1/security", wish, version);
}

const folder = process.env["RINGFENCE_TEST_PICTURES"];
/** The page as it stands, in light and dark and on a phone, for whoever wants to look at it. */
async function pictured(page: Page, name: string): Promise<void> {
  if (folder === undefined) return;
  const size = page.viewportSize() ?? { width: 1440, height: 900 };
  await page.screenshot({ path: `${folder}/${name}-light.png` });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForTimeout(200);
  await page.screenshot({ path: `${folder}/${name}-dark.png` });
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 360, height: 740 });
  await page.waitForTimeout(200);
  await page.screenshot({ path: `${folder}/${name}-phone.png` });
  await page.setViewportSize(size);
}

/** Adds an authenticator app in the dialog that is open, and keeps the backup codes. */
async function addApp(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Add an authenticator app" }).click();
  const secret = (await page.locator("[data-secret]").innerText()).replaceAll(/\s/gu, "");
  await page.getByLabel("The six digits that the app shows now").fill(await generate({ secret }));
  await page.getByRole("button", { name: "Add it" }).click();
  await page.getByText("Keep these backup codes").waitFor();
  return secret;
}

describe("a second factor that an organization demands", () => {
  proves("IAM-8");
  let his: Watched;

  test("is announced in the console with the day and a button, and the page goes on as it was", async () => {
    his = await joined(ben);
    const { page } = his;
    expect(await page.getByText("asks for a second factor").count()).toBe(0);
    await change({ mfaRoles: ["member"], mfaGraceDays: 7 });
    await page.reload();
    await page
      .getByText(
        /^Acme asks for a second factor. From .+ on \(in \d+ (?:days|hours)\) you do not get in without one.$/u,
      )
      .waitFor();
    await page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await pictured(page, "banner");
    await page.getByRole("button", { name: "Add one now" }).click();
    await page.getByRole("heading", { name: "Acme asks for a second factor" }).waitFor();
    await page.getByRole("button", { name: "Add an authenticator app" }).waitFor();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await pictured(page, "dialog");
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "Acme asks for a second factor" }).waitFor({ state: "detached" });
    // Nobody else is bothered.
    await office.page.reload();
    await office.page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
    expect(await office.page.getByText("asks for a second factor").count()).toBe(0);
  });

  test("when it was not added in time: a screen adds it, and then shows what was to be shown, on the same page", async () => {
    const { page, faults } = his;
    await change({ mfaGraceDays: 0 });
    await page.goto("/o/acme/contacts?q=Stone");
    await page.getByRole("heading", { name: "This organization asks for a second factor" }).waitFor();
    await page.getByRole("button", { name: "Add a second factor" }).waitFor();
    expect(await page.getByText("you do not get in without one").count()).toBe(0);
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await pictured(page, "closed");
    await page.getByRole("button", { name: "Add a second factor" }).click();
    await addApp(page);
    // What is never shown again stays, whatever the page behind it may show by now.
    await page.evaluate(() => globalThis.dispatchEvent(new Event("visibilitychange")));
    await page.getByRole("button", { name: "I have kept it" }).click();
    await page
      .getByRole("heading", { name: "This organization asks for a second factor" })
      .waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
    expect(new URL(page.url()).search).toContain("q=Stone");
    expect(faults).toEqual([]);
  });

  test("that comes while somebody is typing is added over it, and what they typed is saved", async () => {
    await change({ mfaGraceDays: 7 });
    const hers = await joined(eve, 360);
    const { page, faults } = hers;
    await page.goto("/o/acme/contacts");
    await page.getByRole("button", { name: "New contact" }).click();
    await page.getByLabel("Last name").fill("Stone");
    await change({ mfaGraceDays: 0 });
    await page.getByLabel("Last name").press("Enter");
    await page.getByRole("heading", { name: "Acme asks for a second factor" }).waitFor();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await addApp(page);
    await page.getByRole("button", { name: "I have kept it" }).click();
    await page.getByText("Stone").first().waitFor();
    expect(faults).toEqual([]);
    await hers.context.close();
  });

  test("and single sign-on that is demanded: a button goes to the provider, which brings back to the same page", async () => {
    proves("IAM-7");
    await change({ mfaRoles: null });
    await enforceSingleSignOn(office.page);
    const { page, faults, context } = his;
    await page.goto("/o/acme/contacts?q=Stone");
    await page.getByRole("heading", { name: "This organization lets in by single sign-on only" }).waitFor();
    const way = page.getByRole("link", { name: "Sign in with Company account" });
    await way.waitFor();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await pictured(page, "single-sign-on");
    await way.click();
    await atProvider(page, "ben");
    // His own factor is asked for, as after every first one.
    await page.getByRole("heading", { name: "Is it really you?" }).waitFor();
    await page.getByRole("button", { name: "Use a backup code" }).waitFor();
    expect(new URL(page.url()).searchParams.get("to")).toBe("/o/acme/contacts?q=Stone");
    expect(faults).toEqual([]);
    await context.close();
  });

  test("of a session that the provider opened, without saying that it asked for one: it says where to go", async () => {
    const guest = await window();
    const { page } = guest;
    await change({ mfaRoles: ["member"], mfaGraceDays: 0 });
    await page.goto("/sign-in");
    await page.goto(`/sign-in?to=${encodeURIComponent("/o/acme/accounts")}`);
    await page.getByLabel("E-mail").fill("zoe@corp.example");
    await page.getByLabel("E-mail").blur();
    await page.getByRole("link", { name: "Continue with Company account (Acme)" }).click();
    await atProvider(page, "zoe");
    await page.getByRole("heading", { name: "This organization asks for a second factor" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/o/acme/accounts");
    await page.getByRole("button", { name: "See what to do" }).click();
    await page.getByText("did not say that it asked you for one. Sign in there").waitFor();
    const again = page.getByRole("dialog").getByRole("link", { name: "Sign in with Company account" });
    expect(await again.getAttribute("href")).toMatch(
      /^\/auth\/sso\/[\da-f-]{36}\?returnTo=%2Fo%2Facme%2Faccounts&fresh=1$/u,
    );
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await pictured(page, "by-provider");
    await guest.context.close();
  });
});

/** Vera sets it up by the API and tries it out in her window: a domain, a connection, a break-glass owner, the demand. */
async function enforceSingleSignOn(page: Page): Promise<void> {
  const at = (path: string): string => `/o/acme/v1${path}`;
  const totp = (await call(page, "POST", "/auth/totp")) as { id: string; secret: string }; // as: the door's declared answer
  await call(page, "POST", "/auth/totp/confirm", {
    id: totp.id,
    name: "Phone",
    code: await generate({ secret: totp.secret }),
  });
  const domain = (await call(page, "POST", at("/domains"), { name: "corp.example" })) as {
    id: string;
    record: { name: string; value: string };
  };
  names.records.set(domain.record.name, [domain.record.value]);
  await call(page, "POST", at(`/domains/${domain.id}/check`));
  const made = (await call(page, "POST", at("/sso-connections"), {
    kind: "oidc",
    name: "Company account",
  })) as {
    id: string;
    version: number;
    callbackUrl: string;
  };
  const settings = { issuer: provider.issuer, clientId: "ringfence", tokenAuth: "client_secret_basic" };
  const wish = { settings, secret: "a secret of the client", provisions: true, defaultRoles: ["member"] };
  await call(page, "PATCH", at(`/sso-connections/${made.id}`), wish, made.version);
  clients.push({
    client_id: "ringfence",
    client_secret: "a secret of the client",
    redirect_uris: [made.callbackUrl],
    response_types: ["code"],
    grant_types: ["authorization_code"],
  });
  await call(page, "POST", at(`/sso-connections/${made.id}/enable`));
  const { location } = (await call(page, "POST", at(`/sso-connections/${made.id}/test`))) as {
    location: string;
  };
  await page.goto(location);
  await atProvider(page, "vera");
  await page.getByRole("heading", { name: "Who gets in", level: 1 }).waitFor();
  const { organizations } = (await call(page, "GET", "/auth/me")) as {
    organizations: { memberId: string }[];
  };
  await call(page, "PUT", at(`/members/${organizations[0]?.memberId}/break-glass`), { breakGlass: true });
  await call(page, "PUT", at("/sso-enforcement"), { enforced: true });
}

/** Signs in on the provider's own pages, and says yes to whatever they ask. */
async function atProvider(page: Page, account: string): Promise<void> {
  await page.getByPlaceholder("Enter any login").fill(account);
  await page.getByPlaceholder("and password").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  const consent = page.getByRole("button", { name: "Continue" });
  // It is asked for once; a page of ours has a main part, and the provider's have none.
  await consent.or(page.getByRole("main")).first().waitFor();
  if (await consent.isVisible()) await consent.click();
}
