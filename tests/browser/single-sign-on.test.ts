import { generate } from "otplib";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proves } from "../proves.ts";
import { newIdp } from "../attack/saml-forge.ts";
import { complaintsInLightAndDark, type Watched } from "./browser.ts";
import { call, vera } from "./people.ts";
import { atProvider, clientSecret, ssoGround, type SsoGround } from "./sso-ground.ts";

interface Connection {
  readonly id: string;
  readonly name: string;
  readonly domains: readonly string[];
  readonly state: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly callbackUrl: string;
  readonly version: number;
}

let ground: SsoGround;
let office: Watched;
let page: Page;

beforeAll(async () => {
  ground = await ssoGround();
  ({ office } = ground);
  ({ page } = office);
});
afterAll(() => ground?.stop());

const connections = async (): Promise<readonly Connection[]> => {
  const answer = await call(page, "GET", "/o/acme/v1/sso-connections");
  return (answer as { items: Connection[] }).items; // as: the door's declared answer
};
const connectionNamed = async (wanted: string): Promise<Connection> => {
  const found = (await connections()).find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`no connection ${wanted}`);
  return found;
};
const change = (connection: Connection, wish: object): Promise<unknown> =>
  call(page, "PATCH", `/o/acme/v1/sso-connections/${connection.id}`, wish, connection.version);
const button = (name: string) => page.getByRole("button", { name, exact: true });
const dialogButton = (name: string) => page.getByRole("dialog").getByRole("button", { name, exact: true });
const faulty = (somewhere: Page) => somewhere.locator("[aria-invalid=true]").first();
const openSecurity = async (): Promise<void> => {
  await page.goto("/o/acme/security");
  await page.getByRole("heading", { name: "Who gets in", level: 1 }).waitFor();
};

const more = () => page.getByRole("dialog").getByText("More", { exact: true });

/** Settings that somebody entered by the API, as the guide of a provider said. */
const byHand = {
  idTokenAlg: "RS256",
  scopes: ["openid", "email", "profile"],
  secondFactor: { amr: ["mfa"] },
};

describe("single sign-on in the console", () => {
  proves("IAM-7");

  test("a domain is added, looked for in vain, and verified once its record is there", async () => {
    await openSecurity();
    const field = page.getByLabel("Add a domain");
    await field.fill("not a domain");
    await button("Add").click();
    await faulty(page).waitFor();
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    await field.fill("acme.example");
    await button("Add").click();
    await page.getByText("Waiting for its record").waitFor();
    await button("Check now").click();
    await page.getByText("The record is not there yet").waitFor();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    const shown = await page.locator("code").allInnerTexts();
    const [name = "", value = ""] = shown;
    ground.names.records.set(name, [value]);
    await button("Check now").click();
    await page.getByText("Verified", { exact: true }).waitFor();
  });

  test("a domain that is verified is not removed without its name", async () => {
    await button("Remove acme.example").click();
    expect(await dialogButton("Remove it").isDisabled()).toBe(true);
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await dialogButton("Keep it").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  test("a connection is made as a draft, and what is wrong is said at its field", async () => {
    await button("Add an identity provider").click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Company account");
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await dialogButton("Go on").click();
    await page.getByRole("heading", { name: "Set up Company account" }).waitFor();
    const issuer = page.getByLabel("Issuer");
    await issuer.fill("login.example");
    await page.getByLabel("Client id").fill("ringfence");
    await page.getByRole("textbox", { name: "Client secret" }).fill(clientSecret);
    await dialogButton("Save").click();
    await faulty(page).waitFor();
    expect(await issuer.getAttribute("aria-invalid")).toBe("true");
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await issuer.fill(ground.provider.issuer);
    await page.getByLabel("Add people at their first sign-in").check();
    await dialogButton("Save").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const { settings, state, callbackUrl } = await connectionNamed("Company account");
    expect([state, settings]).toEqual([
      "draft",
      { issuer: ground.provider.issuer, clientId: "ringfence", tokenAuth: "client_secret_basic" },
    ]);
    ground.register(callbackUrl);
  });

  test("it is tried out at the provider, and switched on", async () => {
    await button("Try Company account out").click();
    await atProvider(page, "vera");
    await page.getByText("The connection works").waitFor();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await button("Switch Company account on").click();
    await page.getByText("Switched on", { exact: true }).waitFor();
  });

  test("a save that changes nothing leaves every setting as it was, also what was entered elsewhere", async () => {
    await change(await connectionNamed("Company account"), { settings: byHand });
    const before = await connectionNamed("Company account");
    await openSecurity();
    await button("Set up Company account").click();
    await dialogButton("Save").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const after = await connectionNamed("Company account");
    expect(after.settings).toEqual(before.settings);
    expect(after.settings).toMatchObject(byHand);
    expect(after.version).toBe(before.version + 1);
  });

  test("two who change it at once do not undo each other's: the second is told", async () => {
    await button("Set up Company account").click();
    await page.getByLabel("Claim that holds the groups").fill("teams");
    await change(await connectionNamed("Company account"), { settings: { groupsClaim: "groups" } });
    // Whoever comes back to the window has the page look again, and the form must not take that for its own beginning.
    const again = page.waitForResponse((answer) => answer.url().endsWith("/sso-connections"));
    await page.evaluate(lookAgain);
    await again;
    await dialogButton("Save").click();
    await page.getByText("Somebody changed this meanwhile").waitFor();
    expect((await connectionNamed("Company account")).settings["groupsClaim"]).toBe("groups");
    await dialogButton("Cancel").click();
  });

  test("what few need stands under More, which opens by itself for what is wrong in it", async () => {
    await openSecurity();
    await button("Set up Company account").click();
    const scopes = page.getByLabel("Scopes");
    expect(await scopes.isVisible()).toBe(false);
    await more().click();
    expect(await scopes.inputValue()).toBe("openid email profile");
    expect(await page.getByLabel("It has asked for a second factor when amr holds").inputValue()).toBe("mfa");
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await scopes.fill('openid "email"');
    await more().click();
    await dialogButton("Save").click();
    await scopes.waitFor();
    expect(await scopes.getAttribute("aria-invalid")).toBe("true");
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await scopes.fill("openid email");
    await page.getByLabel("It has asked for a second factor when amr holds").fill("");
    await page.getByLabel("Or when acr is").fill("2");
    await page.getByRole("checkbox", { name: "acme.example" }).check();
    await dialogButton("Save").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const { settings, domains } = await connectionNamed("Company account");
    expect(settings).toMatchObject({ scopes: ["openid", "email"], secondFactor: { acr: ["2"] } });
    expect(domains).toEqual(["acme.example"]);
  });

  test("groups give roles, and a line that cannot be read is said at its field", async () => {
    await button("Set up Company account").click();
    const mapping = page.getByLabel("Groups that give roles");
    await mapping.fill("Sales leads = manager, viewer\nSupport");
    await dialogButton("Save").click();
    await page.getByText("Line 2 has no equals sign", { exact: false }).waitFor();
    expect(await mapping.getAttribute("aria-invalid")).toBe("true");
    await mapping.fill("Sales leads = manager, viewer\nSupport = Member");
    await page.getByRole("checkbox", { name: "Viewer" }).uncheck();
    await page.getByRole("checkbox", { name: "Member", exact: true }).check();
    await page.getByLabel("Roles follow the groups").check();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await dialogButton("Save").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await connectionNamed("Company account")).toMatchObject({
      provisions: true,
      defaultRoles: ["member"],
      roleMap: [
        { group: "Sales leads", roles: ["manager", "viewer"] },
        { group: "Support", roles: ["member"] },
      ],
      followsGroups: true,
    });
  });

  test("the door shows the way to whoever has an address of the domain, in colours that can be read", async () => {
    const newcomer = await ground.elsewhere();
    await newcomer.page.goto("/sign-in");
    await newcomer.page.getByLabel("E-mail").fill("ada@acme.example");
    await newcomer.page.getByLabel("E-mail").blur();
    const way = newcomer.page.getByRole("link", { name: "Continue with Company account (Acme)" });
    await way.waitFor();
    expect(await complaintsInLightAndDark(newcomer.page)).toEqual([]);
    await way.hover();
    expect(await complaintsInLightAndDark(newcomer.page)).toEqual([]);
    await way.click();
    await atProvider(newcomer.page, "ada");
    await newcomer.page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
    expect(newcomer.faults).toEqual([]);
    await openSecurity();
    await page.getByText("Switch it off").waitFor({ state: "detached" });
    await button("Switch Company account off").click();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await dialogButton("Switch it off").click();
    await page.getByText("Switched off", { exact: true }).waitFor();
    await newcomer.page.goto("/o/acme/contacts");
    await newcomer.page.getByRole("heading", { name: "Sign in", level: 1 }).waitFor();
    await newcomer.context.close();
    await button("Switch Company account on").click();
    await page.getByText("Switched on", { exact: true }).waitFor();
  });

  test("people who came by it are listed, and one is unlinked so that another account can take the place", async () => {
    await button("People by Company account").click();
    await page.getByText("Known there as ada").waitFor();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await page.getByRole("button", { name: /^Unlink ada/iu }).click();
    await page.getByText("make sure first that it is the same person", { exact: false }).waitFor();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await dialogButton("Unlink").click();
    await page.getByText("Known there as vera").waitFor();
    await page.getByText("Known there as ada").waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  test("a connection that signs with our own key gets another one, beside the former", async () => {
    await call(page, "POST", "/o/acme/v1/sso-connections", { kind: "oidc", name: "Signing" });
    const { issuer } = ground.provider;
    await change(await connectionNamed("Signing"), {
      settings: { issuer, clientId: "signing", tokenAuth: "private_key_jwt" },
    });
    const keys = async (): Promise<number> =>
      [(await connectionNamed("Signing")).settings["publicKeys"]].flat().length;
    expect(await keys()).toBe(1);
    await openSecurity();
    await button("Set up Signing").click();
    await page.getByText("/jwks.json", { exact: false }).waitFor();
    await more().click();
    await dialogButton("Make a new key").click();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await dialogButton("Make it").click();
    await page.getByText("The one before it stays published.").waitFor();
    expect(await keys()).toBe(2);
    // The form goes on with the version that the new key made.
    await dialogButton("Save").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await call(page, "POST", `/o/acme/v1/sso-connections/${(await connectionNamed("Signing")).id}/end`, {
      offBoard: false,
    });
  });
});

describe("a setup link", () => {
  proves("IAM-7");

  test("lets somebody without an account set a draft up, and takes nothing away that the page does not show", async () => {
    await call(page, "POST", "/o/acme/v1/sso-connections", { kind: "oidc", name: "Subsidiary" });
    await change(await connectionNamed("Subsidiary"), {
      settings: { issuer: "https://old.example", clientId: "x", tokenAuth: "client_secret_post", ...byHand },
    });
    await openSecurity();
    await button("A link to set Subsidiary up").click();
    const link = await page.locator("[data-secret]").innerText();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await button("I have kept it").click();
    const holder = await ground.elsewhere(360);
    await holder.page.goto(link);
    await holder.page.getByRole("heading", { name: "Single sign-on for Acme" }).waitFor();
    expect(await complaintsInLightAndDark(holder.page)).toEqual([]);
    await holder.page.getByText("More", { exact: true }).click();
    expect(await holder.page.getByLabel("Scopes").inputValue()).toBe("openid email profile");
    expect(await complaintsInLightAndDark(holder.page)).toEqual([]);
    await holder.page.getByLabel("Issuer").fill("no address");
    await holder.page.getByRole("textbox", { name: "Client secret" }).fill(clientSecret);
    await holder.page.getByRole("button", { name: "It is ready" }).click();
    await faulty(holder.page).waitFor();
    expect(await complaintsInLightAndDark(holder.page)).toEqual([]);
    await holder.page.getByLabel("Issuer").fill("https://login.subsidiary.example");
    await holder.page.getByRole("button", { name: "It is ready" }).click();
    await holder.page.getByRole("heading", { name: "It is set up" }).waitFor();
    expect((await connectionNamed("Subsidiary")).settings).toEqual({
      issuer: "https://login.subsidiary.example",
      clientId: "x",
      tokenAuth: "client_secret_post",
      ...byHand,
    });
    await holder.page.goto("/");
    await holder.page.goto(link);
    await holder.page.getByRole("heading", { name: "This link is not valid any more" }).waitFor();
    expect(await complaintsInLightAndDark(holder.page)).toEqual([]);
    expect(holder.faults).toEqual([]);
    await holder.context.close();
  });
});

describe("a SAML provider", () => {
  proves("IAM-7");

  test("is set up from its parts, and a save that changes nothing keeps what the form does not show", async () => {
    const { certificate, entityId } = await newIdp();
    await openSecurity();
    await button("Add an identity provider").click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Old portal");
    await page.getByRole("radio", { name: "SAML 2.0" }).check();
    await dialogButton("Go on").click();
    await page.getByRole("heading", { name: "Set up Old portal" }).waitFor();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await page.getByLabel("Entity id").fill(entityId);
    await page.getByLabel("Sign-on address").fill("https://idp.example/sso");
    const certificates = page.getByRole("textbox", { name: "Certificates (PEM)" });
    await certificates.fill("no certificate");
    await dialogButton("Save").click();
    await faulty(page).waitFor();
    expect(await certificates.getAttribute("aria-invalid")).toBe("true");
    await certificates.fill(certificate);
    await dialogButton("Save").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const byApi = { skewSeconds: 90, allowsUnsolicited: true, attributes: { email: "mail" } };
    await change(await connectionNamed("Old portal"), { settings: byApi });
    const before = await connectionNamed("Old portal");
    await openSecurity();
    await button("Set up Old portal").click();
    await page.getByText("good until", { exact: false }).waitFor();
    await more().click();
    expect(await page.getByLabel("Seconds by which the clocks may differ").inputValue()).toBe("90");
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await dialogButton("Save").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const after = await connectionNamed("Old portal");
    expect(after.settings).toEqual(before.settings);
    expect(after.settings).toMatchObject(byApi);
    await button("Set up Old portal").click();
    await more().click();
    await page.getByLabel("People may begin at the provider's own page").uncheck();
    await page.getByLabel("Attribute with the groups").fill("memberOf");
    await page.getByLabel("Seconds by which the clocks may differ").fill("300");
    await dialogButton("Save").click();
    await faulty(page).waitFor();
    await page.getByLabel("Seconds by which the clocks may differ").fill("120");
    await dialogButton("Save").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const { allowsUnsolicited: _, ...left } = before.settings;
    expect((await connectionNamed("Old portal")).settings).toEqual({
      ...left,
      skewSeconds: 120,
      attributes: { email: "mail", groups: "memberOf" },
    });
  });

  test("is ended when its name is typed", async () => {
    await button("End Old portal").click();
    expect(await dialogButton("End it").isDisabled()).toBe(true);
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await page.getByLabel("Type Old portal to confirm").fill("Old portal");
    await dialogButton("End it").click();
    await page.getByText("Ended Old portal").waitFor();
    await button("End Old portal").waitFor({ state: "detached" });
    expect((await connections()).map(({ name }) => name)).toEqual(["Company account", "Subsidiary"]);
  });
});

describe("demanding single sign-on", () => {
  proves("IAM-7");

  test("takes a trial of the settings as they are now", async () => {
    await openSecurity();
    await button("Require it").click();
    await page.getByText("Nobody: choose an owner with a second factor first").waitFor();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await dialogButton("Require it").click();
    await page.getByText("try a connection out yourself first", { exact: false }).waitFor();
    await dialogButton("Leave it as it is").click();
    await button("Try Company account out").click();
    await atProvider(page, "vera");
    await page.getByText("The connection works").waitFor();
  });

  test("takes an owner who gets in without it, and that one a second factor", async () => {
    await button("Require it").click();
    await dialogButton("Require it").click();
    await page.getByText("name an owner with a second factor", { exact: false }).waitFor();
    await dialogButton("Leave it as it is").click();
    await page.getByRole("checkbox", { name: vera.name }).click();
    await page.getByText("only an owner with a second factor", { exact: false }).waitFor();
    await withSecondFactor();
    await openSecurity();
    await page.getByRole("checkbox", { name: vera.name }).click();
    await page.getByRole("checkbox", { name: vera.name, checked: true }).waitFor();
  });

  test("closes every other way in from the next request on, until it is taken back", async () => {
    await button("Require it").click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.innerText()).toContain(vera.name);
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await dialogButton("Require it").click();
    await page.getByText("Required of everybody").waitFor();
    expect(await call(page, "GET", "/o/acme/v1/sso-enforcement")).toMatchObject({ enforced: true });
    await button("Switch Company account off").click();
    await dialogButton("Switch it off").click();
    await page.getByText("this is the last way in by it", { exact: false }).waitFor();
    await dialogButton("Leave it on").click();
    await button("Allow other ways").click();
    expect(await complaintsInLightAndDark(page)).toEqual([]);
    await dialogButton("Allow them").click();
    await page.getByText("Not required", { exact: true }).waitFor();
    expect(office.faults).toEqual([]);
  });

  async function withSecondFactor(): Promise<void> {
    const made = (await call(page, "POST", "/auth/totp")) as { id: string; secret: string };
    const { backupCodes } = (await call(page, "POST", "/auth/totp/confirm", {
      id: made.id,
      code: await generate({ secret: made.secret }),
      name: "Phone",
    })) as { backupCodes: string[] }; // as: the doors' declared answers
    await call(page, "POST", "/auth/prove", { backupCode: backupCodes[0] });
  }
});

/** Runs in the page: a minute is over, and its window comes to the front. */
function lookAgain(): void {
  const now = Date.now.bind(Date);
  Date.now = () => now() + 60_000;
  dispatchEvent(new Event("visibilitychange"));
}
