import { setTimeout as pause } from "node:timers/promises";
import { type Answer, client, type Client } from "./client.ts";
import { type RunningProduct, startProduct } from "./running-product.ts";

/** One step of the first run, and how long after the start it was done. */
export interface Reached {
  readonly step: string;
  readonly seconds: number;
}

export interface FirstRun {
  readonly reached: readonly Reached[];
  readonly product: RunningProduct;
  readonly browser: Client;
  /** The contact as the API shows it at the end. */
  readonly contact: Readonly<Record<string, unknown>>;
}

const csv = `First Name,Last Name,Email,Phone,Company
Ada,Lovelace,ada@example.org,+43 660 1234567,Analytical Engines
Grace,Hopper,grace@example.org,,Navy
`;

/**
 * What the README promises a new user, over HTTP: start, open the link, name an organization, import a file, see the
 * contact. The caller stops the product.
 */
export async function firstRun(): Promise<FirstRun> {
  const started = performance.now();
  const product = await startProduct(["npm", "start"]);
  const reached: Reached[] = [];
  const note = (step: string): void => {
    reached.push({ step, seconds: (performance.now() - started) / 1000 });
  };
  try {
    const [, token = ""] = await product.hears(/\/setup#token=([\w-]+)/);
    const browser = client({ origin: product.origin });
    const page = await browser.get("/setup", { headers: { accept: "text/html" } });
    if (page.status !== 200 || !page.text.includes("<script"))
      throw new Error(`the first page answered ${page.status}`);
    note("a usable page");
    await setUp(browser, token);
    note("an organization of one's own");
    await importFile(browser);
    note("the import has run");
    const found = good(await browser.get("/o/first-steps/v1/contacts?q=lovelace"));
    const [contact] = found.json.items;
    if (contact === undefined) throw new Error("the contact that was imported is not there");
    note("an imported contact");
    return { reached, product, browser, contact };
  } catch (error) {
    await product.stop();
    throw error;
  }
}

async function setUp(browser: Client, token: string): Promise<void> {
  good(
    await browser.post("/auth/setup", {
      token,
      organization: { name: "First Steps", locale: "en-GB", timeZone: "Europe/London", currency: "GBP" },
      person: { name: "Mary Shaw", email: "mary@example.org", password: "a hedge between two gardens" },
    }),
  );
}

async function importFile(browser: Client): Promise<void> {
  const at = "/o/first-steps/v1/imports";
  const upload = await browser.post(`${at}?fileName=contacts.csv`, undefined, {
    raw: csv,
    headers: { "content-type": "text/csv" },
  });
  const { id } = good(upload).json;
  good(await browser.post(`${at}/${id}/start`));
  for (let tries = 0; tries < 600; tries += 1) {
    const { state, created } = good(await browser.get(`${at}/${id}`)).json;
    if (state === "done" && created === 2) return;
    if (state !== "running") throw new Error(`the import is ${state} with ${created} contacts`);
    await pause(50);
  }
  throw new Error("the import did not end");
}

function good(answer: Answer): Answer {
  if (answer.status >= 300) throw new Error(`${answer.status}: ${answer.text}`);
  return answer;
}
