import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { chromiumPath } from "../../tools/chromium.ts";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const axeRules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"];

export interface Complaint {
  readonly rule: string;
  readonly where: string;
  readonly why: string;
}

/** Debian's Chromium, without anything that would reach out of this machine. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath() ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What must not happen: violations of the policy, requests to elsewhere, errors in the page. */
  readonly faults: string[];
}

interface Looks {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
  /** The browser's own language and zone. */
  readonly locale?: string;
  readonly timezoneId?: string;
  /** How many pixels of the screen one pixel of the page takes: 2 is what 200 % zoom does. */
  readonly zoom?: number;
  /** Shows at once what would otherwise come in slowly. */
  readonly motionless?: boolean;
  /** The origin of somebody else's server that this window may be sent to, and what its pages ask for. */
  readonly elsewhere?: string;
}

/** A person's own window: cookies of its own, and an ear for everything that must not happen. */
export async function openWindow(browser: Browser, origin: string, looks: Looks = {}): Promise<Watched> {
  const {
    width = 1440,
    colorScheme = "light",
    locale,
    timezoneId,
    zoom = 1,
    motionless = false,
    elsewhere,
  } = looks;
  const context = await browser.newContext({
    viewport: { width: width / zoom, height: (width < 500 ? 740 : 900) / zoom },
    deviceScaleFactor: zoom,
    ...(locale === undefined ? {} : { locale }),
    ...(timezoneId === undefined ? {} : { timezoneId }),
    colorScheme,
    reducedMotion: motionless ? "reduce" : "no-preference",
    baseURL: origin,
    acceptDownloads: true,
  });
  context.setDefaultTimeout(12_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    const text = message.text();
    if (/Content Security Policy|Refused to/u.test(text)) faults.push(`policy: ${text}`);
    else if (message.type() === "error" && !text.startsWith("Failed to load resource"))
      faults.push(`console: ${text}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (elsewhere !== undefined && [url, request.frame().url()].some((at) => at.startsWith(elsewhere)))
      return;
    if (!url.startsWith(`${origin}/`) && !/^(?:blob|data):/u.test(url)) faults.push(`outside: ${url}`);
  });
  return { page, context, faults };
}

/** What axe finds on the page as it stands, one line per rule and place; `only` narrows it to some rules. */
export async function complaints(page: Page, only?: readonly string[]): Promise<Complaint[]> {
  await page.evaluate(motionEnded);
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeSource);
  const found: unknown = await page.evaluate(
    whatAxeFinds,
    only === undefined ? axeRules : { type: "rule", values: only },
  );
  return found as Complaint[]; // as: what the function returns in the page
}

/** The same of a page in light colours, and after that of its colours in the dark; it is light again then. */
export async function complaintsInLightAndDark(page: Page): Promise<Complaint[]> {
  const found = await complaints(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator("html[data-mantine-color-scheme=dark]").waitFor();
  const inDark = await complaints(page, ["color-contrast", "link-in-text-block"]);
  await page.emulateMedia({ colorScheme: "light" });
  await page.locator("html[data-mantine-color-scheme=light]").waitFor();
  return [...found, ...inDark];
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** Runs in the page, which tells only the faults: all that axe has looked at takes longer to carry over than to find. */
async function whatAxeFinds(what: object): Promise<Complaint[]> {
  const { axe } = globalThis as unknown as {
    axe: { run(where: Document, how: object): Promise<AxeResult> };
  }; // as: the script that was just put there
  const { violations } = await axe.run(document, { runOnly: what, resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = "" }) => ({
      rule: id,
      where: html.slice(0, 160),
      why: failureSummary.split("\n").at(1)?.trim() ?? "",
    })),
  );
}

/** Animations half-way through would be judged by their half-way colours. What never ends is not waited for. */
async function motionEnded(): Promise<void> {
  const moving = (): Animation[] =>
    document
      .getAnimations()
      .filter(
        ({ effect, playState }) => effect?.getTiming().iterations !== Infinity && playState === "running",
      );
  // What has only just been drawn begins to move with the next frames.
  do {
    await Promise.allSettled(moving().map(({ finished }) => finished));
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  } while (moving().length > 0);
}
