import type { Browser, Page } from "playwright-core";
import { type NameServer, nameServer } from "../name-server.ts";
import { type OpenProvider, openProvider } from "../open-provider.ts";
import { openBrowser, openWindow, type Watched } from "./browser.ts";
import { setUp, vera } from "./people.ts";
import { startServer, type RunningServer } from "./running-server.ts";

/** The running product beside a certified OpenID provider and a name server, all on this machine, and an owner's window. */
export interface SsoGround {
  readonly server: RunningServer;
  readonly browser: Browser;
  readonly provider: OpenProvider;
  readonly names: NameServer;
  /** The owner's window; it may be sent to the provider. */
  readonly office: Watched;
  /** A window of somebody else's. */
  elsewhere(width?: number): Promise<Watched>;
  /** Registers the connection with this callback at the provider, as its administrator does. */
  register(callbackUrl: string, more?: Readonly<Record<string, unknown>>): void;
  stop(): Promise<void>;
}

export const clientSecret = "a secret of the client";

/** Starts all of it; the organization is Acme, and `vera` owns it. */
export async function ssoGround(): Promise<SsoGround> {
  const names = await nameServer();
  const clients: Record<string, unknown>[] = [];
  const accounts = {
    vera: { email: vera.email, email_verified: true, name: vera.name },
    ada: { email: "ada@acme.example", email_verified: true, name: "Ada" },
  };
  const provider = await openProvider({ clients: () => clients, accounts });
  const settings = { RINGFENCE_EGRESS_NETWORKS: "127.0.0.1", RINGFENCE_DNS_SERVERS: names.address };
  const [server, browser] = await Promise.all([startServer({ settings }), openBrowser()]);
  const elsewhere = async (width = 1440): Promise<Watched> => {
    const window = await openWindow(browser, server.origin, { elsewhere: provider.issuer, width });
    // The provider's own pages want a font from far away.
    await window.context.route(/^https:/u, (route) => route.abort());
    return window;
  };
  const office = await elsewhere();
  await setUp(office.page, server.setupLink, "Acme");
  return {
    server,
    browser,
    provider,
    names,
    office,
    elsewhere,
    register: (callbackUrl, more = { client_id: "ringfence", client_secret: clientSecret }) =>
      void clients.push({
        redirect_uris: [callbackUrl],
        response_types: ["code"],
        grant_types: ["authorization_code"],
        ...more,
      }),
    stop: async () => {
      await browser.close();
      await server.stop();
      await provider.stop();
      await names.stop();
    },
  };
}

/** Signs in on the provider's own pages, and says yes to whatever they ask. */
export async function atProvider(page: Page, account: string): Promise<void> {
  await page.getByPlaceholder("Enter any login").fill(account);
  await page.getByPlaceholder("and password").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  const consent = page.getByRole("button", { name: "Continue" });
  // It is asked for once; a page of ours has a main part, and the provider's have none.
  await consent.or(page.getByRole("main")).first().waitFor();
  if (await consent.isVisible()) await consent.click();
}
