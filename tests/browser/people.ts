import { expect } from "vitest";
import type { Page } from "playwright-core";
import type { RunningServer } from "./running-server.ts";

export const vera = {
  name: "Vera Molnár",
  email: "vera@acme.example",
  password: "lantern otter velvet orbit 71",
} as const;

/** Opens the one-time link and makes the first organization with its owner, as a person would. */
export async function setUp(page: Page, link: string, organization: string): Promise<void> {
  await page.goto(link);
  const name = page.getByLabel("Name");
  await name.first().fill(organization);
  await name.nth(1).fill(vera.name);
  await page.getByLabel("E-mail").fill(vera.email);
  await page.getByRole("textbox", { name: "Password" }).fill(vera.password);
  await page.getByRole("button", { name: "Set up" }).click();
  await page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
}

/** Signs in with e-mail and password; ends on the first page of an organization. */
export async function signIn(
  page: Page,
  person: { readonly email: string; readonly password: string } = vera,
): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByRole("textbox", { name: "Password" }).fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
  // A browser that is new to the person's account is asked once more before anything dangerous.
  await call(page, "POST", "/auth/prove", { password: person.password });
  await page.reload();
  await page.getByRole("heading", { name: "Contacts", level: 1 }).waitFor();
}

/** Calls a door with this window's session, as the console itself does; answers with the parsed body. */
export async function call(
  page: Page,
  method: string,
  path: string,
  body?: object,
  version?: number,
): Promise<unknown> {
  const answer = await page.evaluate(
    async (asked) => {
      const { token } = (await (await fetch("/auth/csrf")).json()) as { token: string };
      const headers: Record<string, string> = { "x-csrf-token": token };
      if (asked.body !== undefined) headers["content-type"] = "application/json";
      if (asked.version !== undefined) headers["if-match"] = `"v${asked.version}"`;
      const response = await fetch(asked.path, {
        method: asked.method,
        headers,
        ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === "" ? null : (JSON.parse(text) as unknown) };
    },
    { method, path, body, version },
  );
  expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
}

/** Makes a contact through the API and answers with its id and version. */
export async function makeContact(
  page: Page,
  organization: string,
  contact: object,
): Promise<{ readonly id: string; readonly version: number }> {
  return (await call(page, "POST", `/o/${organization}/v1/contacts`, contact)) as {
    id: string;
    version: number;
  }; // as: the door's declared answer
}

/** The link in an organization's newest invitation, as its operator hands it on where there is no relay. */
export async function invitationLink(server: RunningServer, organization: string): Promise<string> {
  const said = await server.command("outbox", "--organization", organization, "--json");
  const link = /https?:\/\/[^\s"\\]+\/invitation\/accept#token=[\w-]+/u.exec(said)?.[0];
  if (link === undefined) throw new Error(`no invitation waits in ${organization}`);
  return link;
}
