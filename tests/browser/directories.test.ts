import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { complaintsInLightAndDark, openBrowser, openWindow, type Watched } from "./browser.ts";
import { call, setUp, vera } from "./people.ts";
import { startServer, type RunningServer } from "./running-server.ts";

let server: RunningServer;
let browser: Browser;
let office: Watched;
let page: Page;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  office = await openWindow(browser, server.origin);
  ({ page } = office);
  await setUp(page, server.setupLink, "Acme");
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const button = (name: string) => page.getByRole("button", { name, exact: true });
const dialogButton = (name: string) => page.getByRole("dialog").getByRole("button", { name, exact: true });
const statusWith = async (token: string): Promise<number> => {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${server.origin}/scim/v2/ServiceProviderConfig`, { headers })).status;
};
/** The address and the token, which are shown this one time. */
const shownOnce = async (): Promise<readonly [string, string]> => {
  const [address = "", token = ""] = await page.locator("[data-secret]").allInnerTexts();
  return [address, token];
};

describe("a directory in the console", () => {
  let token = "";

  test("is connected, and its token is shown once", async () => {
    await call(page, "POST", "/o/acme/v1/domains", { name: "acme.example" });
    await page.goto("/o/acme/security");
    await page.getByText("No directory connected").waitFor();
    await button("Connect a directory").click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Company directory");
    await page.getByLabel("Role of somebody in no group below").selectOption("viewer");
    const mapping = page.getByLabel("Groups that give a role");
    await mapping.fill("CRM Admins = admin\nSales");
    await dialogButton("Connect it").click();
    await page.getByText("Line 2 has no equals sign", { exact: false }).waitFor();
    expect(await mapping.getAttribute("aria-invalid")).toBe("true");
    await mapping.fill("CRM Admins = admin\nSales = member");
    await page.getByRole("checkbox", { name: "acme.example" }).check();
    await page.getByLabel("Its token runs out after").selectOption({ label: "A year" });
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await dialogButton("Connect it").click();
    await page.getByText("Enter these in the directory").waitFor();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    const [address, first] = await shownOnce();
    token = first;
    expect(address).toBe(`${server.origin}/scim/v2`);
    await button("I have kept it").click();
    await page.getByText(`${vera.name} answers for it`).waitFor();
    expect(await page.content()).not.toContain(token);
    expect(await statusWith(token)).toBe(200);
    expect(await onlyDirectory()).toMatchObject({
      name: "Company directory",
      defaultRole: "viewer",
      roleMapping: { "CRM Admins": "admin", Sales: "member" },
      domains: ["acme.example"],
      keys: [{ expiresAt: expect.any(String) }],
    });
    await page.getByText("A token of it runs out").waitFor();
  });

  test("is changed, and goes on with the same token", async () => {
    await button("Change Company directory").click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Entra");
    await page.getByLabel("Groups that give a role").fill("Sales = manager");
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await dialogButton("Save").click();
    await page.getByText("Entra", { exact: true }).waitFor();
    expect(await onlyDirectory()).toMatchObject({
      name: "Entra",
      roleMapping: { Sales: "manager" },
      domains: ["acme.example"],
    });
    expect(await statusWith(token)).toBe(200);
  });

  test("says what went wrong with it, so that nobody has to guess why somebody is missing", async () => {
    await button("What went wrong with Entra").click();
    await page.getByText("The last hundred faults would stand here", { exact: false }).waitFor();
    await page.keyboard.press("Escape");
    const refused = await fetch(`${server.origin}/scim/v2/Users`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      body: JSON.stringify({
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
        userName: "grace@elsewhere.example",
        active: true,
      }),
    });
    expect(refused.status).toBe(403);
    await button("What went wrong with Entra").click();
    await page
      .getByText("this connection does not provision addresses of that domain", { exact: false })
      .waitFor();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  test.each([
    ["An hour", 200],
    ["Not at all: it ends now", 401],
  ])("gets a new token; the old one goes on for as long as is said: %s", async (overlap, status) => {
    await button("A new token for Entra").click();
    await page.getByLabel("The old one goes on for").selectOption({ label: overlap });
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await dialogButton("Make the new token").click();
    await page.getByText("Enter these in the directory").waitFor();
    const [, next] = await shownOnce();
    await button("I have kept it").click();
    expect(next).not.toBe(token);
    expect([await statusWith(token), await statusWith(next)]).toEqual([status, 200]);
    token = next;
  });

  test("is ended when its name is typed, and its token with it", async () => {
    await button("End Entra").click();
    expect(await dialogButton("End it").isDisabled()).toBe(true);
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await page.getByLabel("Type Entra to confirm").fill("Entra");
    await dialogButton("End it").click();
    await page.getByText("No directory connected").waitFor();
    expect(await statusWith(token)).toBe(401);
    expect(office.faults).toEqual([]);
  });

  async function onlyDirectory(): Promise<unknown> {
    const answer = await call(page, "GET", "/o/acme/v1/scim-connections");
    return (answer as { items: unknown[] }).items[0]; // as: the door's declared answer
  }
});
