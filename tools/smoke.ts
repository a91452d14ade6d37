import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { root } from "./steps.ts";

// Starts the product as the README says, in an empty folder on a free port, asks whether it lives and shows a page,
// and stops it again.

const secondsAllowed = 60;
const folder = mkdtempSync(join(tmpdir(), "ringfence-smoke-"));
const port = await freePort();
const started = performance.now();
const child = spawn("npm", ["start"], {
  cwd: root,
  env: { ...process.env, RINGFENCE_DATA: join(folder, "data"), PORT: String(port) },
  stdio: ["ignore", "pipe", "pipe"],
  detached: true,
});
const said: Buffer[] = [];
child.stdout.on("data", (chunk: Buffer) => said.push(chunk));
child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
const ended = new Promise<number | null>((resolve) => child.once("close", resolve));

try {
  await untilAlive();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const page = await fetch(`http://127.0.0.1:${port}/`, { headers: { accept: "text/html" } });
  const html = await page.text();
  if (!page.ok || !html.includes("<script"))
    throw new Error(`the first page answered ${page.status} without a page`);
  console.log(`alive after ${seconds} s, and the first page is there`);
} catch (error) {
  console.error(Buffer.concat(said).toString("utf8"));
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await stop();
  rmSync(folder, { recursive: true, force: true });
}

async function untilAlive(): Promise<void> {
  for (let tries = 0; tries < secondsAllowed * 4; tries += 1) {
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}`);
    const answer = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => null);
    if (answer?.ok === true) return;
    await pause(250);
  }
  throw new Error(`no answer from /livez within ${secondsAllowed} s`);
}

/** Ends the whole process group, the way a terminal does; a server that ignores that is a failure. */
async function stop(): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  process.kill(-child.pid, "SIGINT");
  const inTime = await Promise.race([ended.then(() => true), pause(20_000, false, { ref: false })]);
  if (inTime) return;
  process.kill(-child.pid, "SIGKILL");
  console.error("it did not stop within 20 s");
  process.exitCode = 1;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
