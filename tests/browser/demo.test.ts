import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { complaints, openBrowser, openWindow, type Watched } from "./browser.ts";
import { signIn } from "./people.ts";
import { startServer, type RunningServer } from "./running-server.ts";

let server: RunningServer;
let browser: Browser;
let window: Watched;

beforeAll(async () => {
  // A relay that a real organization's letters would go to; the demo's never do, so that nothing needs to listen there.
  const settings = { RINGFENCE_SMTP_URL: "smtp://127.0.0.1:9", RINGFENCE_MAIL_FROM: "crm@ringfence.example" };
  [server, browser] = await Promise.all([startServer({ settings }), openBrowser()]);
  const said = await server.command("demo", "seed");
  const [, email = "", password = ""] = /e-mail\s+(\S+)\s+password\s+(\S+)/u.exec(said) ?? [];
  window = await openWindow(browser, server.origin);
  await signIn(window.page, { email, password });
  // Ten thousand contacts with their history.
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

describe("a demo where a relay is set", () => {
  test("does not say that the installation mails nobody, nor that the outbox has its links", async () => {
    const { page } = window;
    await page.goto("/o/demo-larkfield/members");
    await page.getByText("A demo mails nobody").waitFor();
    await page.getByText("to hand on", { exact: true }).first().waitFor();
    expect(await page.getByText("No mail leaves this installation").count()).toBe(0);
    expect(await complaints(page)).toEqual([]);
    await page.getByText("A demo mails nobody").getByRole("link", { name: "outbox" }).click();
    await page.getByText("This is a demo, which mails nobody").waitFor();
    await page.getByText("not mailed", { exact: true }).first().waitFor();
    await page.getByText("ringfence outbox --organization demo-larkfield").waitFor();
    expect(await page.getByRole("button", { name: /^Copy the link/u }).count()).toBe(0);
    expect(await complaints(page)).toEqual([]);
  });

  test("says so to whoever invites", async () => {
    const { page } = window;
    await page.goto("/o/demo-larkfield/members");
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByLabel("E-mail").fill("guest@larkfield.example");
    await page.getByRole("button", { name: "Send the invitation" }).click();
    await page.getByText("Not mailed: this is a demo.").waitFor();
    expect(await server.command("outbox", "--organization", "demo-larkfield")).toContain("guest@larkfield");
    expect(window.faults).toEqual([]);
  });
});
