import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openAdministration, type Administration } from "../server/foundation/database/index.ts";
import { client, type Client } from "../tests/client.ts";
import { rivalFigures } from "./import-rivals.ts";
import { contactLine, contactsCsvHeader, seeded } from "./make-contacts-csv.ts";
import { usageOf, usageOfTree } from "./process-tree.ts";

/**
 * Imports contacts into a fresh installation with its embedded PostgreSQL, as `npm start` runs it, through its own HTTP
 * door: `tsx bench/import.ts [ROWS | FILE.csv] [--dedupe skip] [--check] [--undo] [--no-rivals]`.
 */

const { positionals, values: asked } = parseArgs({
  allowPositionals: true,
  options: {
    dedupe: { type: "string", default: "skip" },
    check: { type: "boolean", default: false },
    undo: { type: "boolean", default: false },
    "no-rivals": { type: "boolean", default: false },
  },
});

const working = new Set(["checking", "running", "undoing"]);
const folder = mkdtempSync(path.join(tmpdir(), "ringfence-bench-import-"));
// So that the embedded server, which never runs as root, may pass.
chmodSync(folder, 0o711);
const server = spawn(process.execPath, [...nodeOptions(), "server/cli/ringfence.mjs", "start"], {
  env: {
    ...process.env,
    PORT: "0",
    RINGFENCE_DATA: folder,
    RINGFENCE_IMPORT_BYTES_MAX: "2GiB",
    RINGFENCE_LOG_LEVEL: process.env["BENCH_LOG"] ?? "error",
  },
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  await measure(await setupLinkOf(server));
} finally {
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true, force: true });
}

function nodeOptions(): string[] {
  return (process.env["BENCH_NODE_OPTIONS"] ?? "").split(" ").filter(Boolean);
}

function setupLinkOf({ stdout }: ChildProcess): Promise<URL> {
  let said = "";
  return new Promise((resolve, reject) => {
    stdout?.on("data", (bytes: Buffer) => {
      said += bytes.toString("utf8");
      if (process.env["BENCH_LOG"] !== undefined) process.stderr.write(bytes);
      const link = /http\S+\/setup#token=\S+/.exec(said)?.[0];
      if (link !== undefined) resolve(new URL(link));
    });
    stdout?.once("end", () => reject(new Error(`the server ended:\n${said}`)));
  });
}

async function measure(link: URL): Promise<void> {
  const { postmaster, db } = await openCluster();
  const browser = client({ origin: link.origin });
  const setup = await browser.post("/auth/setup", {
    token: link.hash.replace("#token=", ""),
    organization: {
      name: "Bench",
      slug: "bench",
      locale: "de-AT",
      timeZone: "Europe/Vienna",
      currency: "EUR",
    },
    person: { name: "Bench", email: "bench@seller.example", password: "correct horse battery staple" },
  });
  if (setup.status >= 300) throw new Error(setup.text);
  const uploaded = await upload(link.origin, browser);
  if (asked.check) await phase(browser, uploaded, "check", postmaster);
  await browser.patch(`/o/bench/v1/imports/${uploaded.id}`, { dedupe: asked.dedupe });
  const walBefore = await walBytes(db);
  const rows = await phase(browser, uploaded, "start", postmaster);
  console.log(`  write-ahead log per row: ${Math.round(((await walBytes(db)) - walBefore) / rows)} bytes`);
  if (!asked["no-rivals"]) await rivalFigures(db, postmaster, rows);
  if (asked.undo) await phase(browser, uploaded, "undo", postmaster);
  await db.close();
}

async function walBytes(db: Administration): Promise<number> {
  const [row] = await db.query("select wal_bytes from pg_stat_wal");
  return Number(row?.["wal_bytes"]);
}

/** The embedded server as its superuser, for reading its process ids and for the rivals. */
async function openCluster(): Promise<{ postmaster: number; db: Administration }> {
  const home = path.join(folder, "postgres");
  const password = readFileSync(path.join(home, "superuser.password"), "utf8").trim();
  // Written by our own supervisor.
  const { port } = JSON.parse(readFileSync(path.join(home, "cluster.json"), "utf8")) as { port: number };
  const db = await openAdministration(`postgres://postgres:${password}@127.0.0.1:${port}/ringfence`);
  const [place] = await db.query("select current_setting('data_directory') as directory");
  const file = path.join(String(place?.["directory"]), "postmaster.pid");
  return { postmaster: Number(readFileSync(file, "utf8").split("\n")[0]), db };
}

interface Uploaded {
  readonly id: string;
  readonly bytes: number;
}

async function upload(origin: string, browser: Client): Promise<Uploaded> {
  const started = performance.now();
  const token = await browser.csrf();
  const [wanted = "100000"] = positionals;
  const body = /^\d+$/.test(wanted) ? Readable.from(lines(Number(wanted))) : createReadStream(wanted);
  const size = /^\d+$/.test(wanted) ? "" : `, ${(statSync(wanted).size / 1e6).toFixed(0)} MB`;
  const headers = {
    "content-type": "text/csv",
    "x-csrf-token": token,
    "sec-fetch-site": "same-origin",
    cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
  };
  const answer = await new Promise<string>((resolve, reject) => {
    const outgoing = request(`${origin}/o/bench/v1/imports`, { method: "POST", headers }, (incoming) => {
      let text = "";
      incoming
        .setEncoding("utf8")
        .on("data", (piece: string) => (text += piece))
        .on("end", () => resolve(text));
    });
    outgoing.on("error", reject);
    body.pipe(outgoing);
  });
  // What our own server answers.
  const { id, bytes } = JSON.parse(answer) as Partial<Uploaded>;
  if (id === undefined || bytes === undefined) throw new Error(answer);
  console.log(`upload${size}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return { id, bytes };
}

function* lines(rows: number): Generator<string> {
  const random = seeded(1);
  yield contactsCsvHeader;
  for (let index = 0; index < rows; index += 1) yield contactLine(index, random, 0);
}

async function phase(
  browser: Client,
  { id }: Uploaded,
  act: "check" | "start" | "undo",
  postmaster: number,
): Promise<number> {
  const node = server.pid ?? 0;
  const before = { database: usageOfTree(postmaster), node: usageOf(node) };
  const started = performance.now();
  let peak = { database: 0, node: 0 };
  let shown = (await browser.post(`/o/bench/v1/imports/${id}/${act}`)).json;
  if (shown?.state === undefined) throw new Error(JSON.stringify(shown));
  while (working.has(shown.state)) {
    await sleep(250);
    shown = (await browser.get(`/o/bench/v1/imports/${id}`)).json;
    peak = {
      database: Math.max(peak.database, usageOfTree(postmaster).bytes),
      node: Math.max(peak.node, usageOf(node).bytes),
    };
    if (process.stderr.isTTY) process.stderr.write(`\r${act} ${shown.rowsDone} rows `);
  }
  const seconds = (performance.now() - started) / 1000;
  const rows = Number(shown.rowsTotal);
  const perRow = (after: number, earlier: number): string => ((after - earlier) / rows).toFixed(1);
  const now = { database: usageOfTree(postmaster), node: usageOf(node) };
  console.log(
    `${act}: ${rows} rows in ${seconds.toFixed(1)} s, ${Math.round(rows / seconds)} rows/s, state ${shown.state}, ` +
      `created ${shown.created}, updated ${shown.updated}, skipped ${shown.skipped}, failed ${shown.failed}\n` +
      `  CPU per row: database ${perRow(now.database.cpu, before.database.cpu)} µs, node ${perRow(now.node.cpu, before.node.cpu)} µs; ` +
      `peak private memory: database ${megabytes(peak.database)}, node ${megabytes(peak.node)}`,
  );
  return rows;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
