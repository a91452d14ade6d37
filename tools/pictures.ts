import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { startProduct } from "../tests/running-product.ts";
import { chromiumPath } from "./chromium.ts";
import { root } from "./steps.ts";

// `npm run pictures` starts the product with its demo, signs in as a new user would, and takes the README's pictures of the
// list of contacts, in light and dark. The demo is the same every time, so a picture changes only with the console.

const shades = ["light", "dark"] as const;
const folder = join(root, "docs/pictures");

const executablePath = chromiumPath();
if (executablePath === null) throw new Error("no Chromium: install it, or name one with CHROMIUM_PATH");
mkdirSync(folder, { recursive: true });
const product = await startProduct(["npm", "start", "--", "--demo"]);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
try {
  const [, email = "", password = ""] = await product.hears(/e-mail\s+(\S+)\s+password\s+(\S+)/);
  for (const colorScheme of shades) {
    const context = await browser.newContext({
      baseURL: product.origin,
      viewport: { width: 1440, height: 860 },
      colorScheme,
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    await signIn(page, email, password);
    await page.goto("/o/demo-larkfield/contacts?sort=-updatedAt");
    await page.getByText("@").first().waitFor();
    // Fonts and the last of the rows.
    await page.waitForTimeout(1_500);
    await page.screenshot({ path: join(folder, `contacts-${colorScheme}.png`) });
    console.log(`wrote docs/pictures/contacts-${colorScheme}.png`);
    await context.close();
  }
} finally {
  await browser.close();
  await product.stop();
}

async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: false }).first().fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/o\/|\/organizations/);
}
