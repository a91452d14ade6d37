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
    await page.goto("/o/acme/security");
    await page.getByText("No directory connected").waitFor();
    await button("Connect a directory").click();
    await page.getByLabel("Name").fill("Company directory");
    await page.getByLabel("Role of somebody in no group below").selectOption("viewer");
    await page.getByLabel("Groups that give a role").fill("CRM Admins = admin\nSales = member");
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
    });
  });

  test("is changed, and goes on with the same token", async () => {
    await button("Change Company directory").click();
    await page.getByLabel("Name").fill("Entra");
    await page.getByLabel("Groups that give a role").fill("Sales = manager");
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await dialogButton("Save").click();
    await page.getByText("Entra", { exact: true }).waitFor();
    expect(await onlyDirectory()).toMatchObject({ name: "Entra", roleMapping: { Sales: "manager" } });
    expect(await statusWith(token)).toBe(200);
  });

  test("gets a new token, and the old one goes on for as long as is said", async () => {
    await button("A new token for Entra").click();
    await page.getByText("Enter these in the directory").waitFor();
    const [, next] = await shownOnce();
    await button("I have kept it").click();
    expect(next).not.toBe(token);
    expect([await statusWith(token), await statusWith(next)]).toEqual([200, 200]);
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
