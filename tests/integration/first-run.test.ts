import { expect, test } from "vitest";
import { firstRun } from "../first-run.ts";
import { proves } from "../proves.ts";

proves("OPS-12");

test("two commands lead from a fresh checkout to an imported contact, and the server stops when it is told to", async () => {
  const { reached, product, browser, contact } = await firstRun();
  try {
    for (const { step, seconds } of reached) console.info(`${seconds.toFixed(1)} s  ${step}`);
    expect(reached.map(({ step }) => step)).toEqual([
      "a usable page",
      "an organization of one's own",
      "the import has run",
      "an imported contact",
    ]);
    expect(contact).toMatchObject({ firstName: "Ada", phone: "+436601234567", email: "ada@example.org" });
    const { json } = await browser.get("/auth/me");
    expect(json.organizations).toMatchObject([{ name: "First Steps", roles: ["owner"], demo: false }]);
    expect(product.said()).not.toMatch(/password/i);
  } finally {
    await product.stop();
  }
}, 180_000);
