import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { openBrowser, openWindow } from "../tests/browser/browser.ts";
import { call, setUp } from "../tests/browser/people.ts";
import { startServer } from "../tests/browser/running-server.ts";
import { median, quantile } from "./process-cpu.ts";

/**
 * Scrolls the console's list of contacts in Chromium, drawn by the processor alone, through all pages of it, and says how
 * long frames took: `npm run bench scroll [rows]`. At 60 frames a second one takes 16.7 ms.
 */

const [rows = 10_000] = process.argv.slice(2).map(Number);
const scrollMs = 15_000;
const frameMs = 1000 / 60;

const server = await startServer();
const browser = await openBrowser();
try {
  const { page } = await openWindow(browser, server.origin);
  await setUp(page, server.setupLink, "Acme");
  await importContacts(page);
  await page.goto("/o/acme/contacts");
  await page.locator('[role="row"]').nth(5).waitFor();
  await page.locator('[role="grid"]').hover();
  const { frames, longest, seen } = await page.evaluate(scrollThrough, scrollMs);
  const within = frames.filter((frame) => frame <= frameMs * 1.5).length / frames.length;
  console.log(
    `${rows} rows, ${seen} of them scrolled past in ${scrollMs / 1000} s: ${(1000 / median(frames)).toFixed(0)} frames/s (median),` +
      ` p95 ${quantile(frames, 0.95).toFixed(1)} ms, p99 ${quantile(frames, 0.99).toFixed(1)} ms, worst ${longest.toFixed(0)} ms;` +
      ` ${(within * 100).toFixed(1)} % of frames came in time (bar: 60 frames/s)`,
  );
} finally {
  await browser.close();
  await server.stop();
}

async function importContacts(page: Page): Promise<void> {
  const csv = await contactsCsv(rows);
  const id = await page.evaluate(async (text) => {
    const { token } = (await (await fetch("/auth/csrf")).json()) as { token: string };
    const headers = { "content-type": "text/csv", "x-csrf-token": token };
    const answer = await fetch("/o/acme/v1/imports", { method: "POST", headers, body: text });
    return ((await answer.json()) as { id: string }).id;
  }, csv);
  await call(page, "POST", `/o/acme/v1/imports/${id}/start`);
  for (;;) {
    const { state } = (await call(page, "GET", `/o/acme/v1/imports/${id}`)) as { state: string };
    if (state === "done") return;
    if (state !== "running") throw new Error(`the import is ${state}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

async function contactsCsv(count: number): Promise<string> {
  const file = fileURLToPath(new URL("make-contacts-csv.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", file, String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) text += String(chunk);
  return text;
}

/** In the page: scrolls on with every frame, as fast as a hard turn of a wheel, and back from the end. */
async function scrollThrough(
  milliseconds: number,
): Promise<{ frames: number[]; longest: number; seen: number }> {
  const pixelsPerSecond = 6000;
  const box = [document.querySelector('[role="grid"]'), ...document.querySelectorAll('[role="grid"] *')].find(
    (element) => element !== null && element.scrollHeight > element.clientHeight + 100,
  );
  const scroller = box ?? document.scrollingElement;
  if (scroller === null) throw new Error("nothing scrolls here");
  const rowHeight = document.querySelectorAll('[role="row"]')[2]?.clientHeight ?? 40;
  const frames: number[] = [];
  let direction = 1;
  let travelled = 0;
  const begin = performance.now();
  let before = begin;
  for (;;) {
    const now = await new Promise<number>(requestAnimationFrame);
    const frame = now - before;
    before = now;
    if (frame > 0) frames.push(frame);
    if (now - begin > milliseconds) break;
    const at = scroller.scrollTop;
    scroller.scrollTop = at + (direction * pixelsPerSecond * Math.min(frame, 50)) / 1000;
    travelled += Math.abs(scroller.scrollTop - at);
    // At the end of what is loaded the next page comes; at the very end it goes back.
    if (scroller.scrollTop === at && frame > 0 && frames.length % 120 === 0) direction = -direction;
  }
  return { frames, longest: Math.max(...frames), seen: Math.round(travelled / rowHeight) };
}
