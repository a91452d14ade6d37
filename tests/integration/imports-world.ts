import { request } from "node:http";
import { Readable } from "node:stream";
import type { Client } from "pg";
import { importJobs } from "../../server/features/imports/index.ts";
import { openPool, type Pool } from "../../server/foundation/database/index.ts";
import { startWorker, type Worker } from "../../server/jobs/index.ts";
import type { Json } from "../client.ts";
import type { Member, Organization } from "../installed-database.ts";
import { testServer, type TestServer } from "../server.ts";

/** An organization with the ways to import into it, and to look at what came of it. */
export interface Importer extends Organization {
  readonly browser: TestServer extends { browserOf(token: string): infer C } ? C : never;
  /** Sends a file; the answer, whatever it is. */
  send(
    file: Body,
    query?: Readonly<Record<string, string>>,
    as?: Member,
  ): Promise<{ status: number; json: Json }>;
  /** Sends a file and gives the import. */
  upload(file: Body, query?: Readonly<Record<string, string>>): Promise<Json>;
  act(id: string, what: "check" | "start" | "cancel" | "undo"): Promise<Json>;
  /** Sends, changes, checks (when asked), starts and waits for the end. */
  run(file: Body, wish?: { dedupe?: string; of?: string; check?: boolean; mapping?: Json }): Promise<Json>;
  shown(id: string): Promise<Json>;
  ended(id: string): Promise<Json>;
  errors(id: string): Promise<string>;
  /** Every row of the organization's records and of what search knows of them, without version and time of change. */
  records(): Promise<Json>;
  contacts(): Promise<Json[]>;
}

export type Body = string | Buffer | Readable;

export interface ImportsWorld {
  readonly server: TestServer;
  readonly db: Client;
  readonly pool: Pool;
  readonly worker: Worker;
  importer(slug: string): Promise<Importer>;
  /** Another worker, with a lease of its own. */
  startWorker(rowsPerBatch?: number): Worker;
  stop(): Promise<void>;
}

/** The whole product, with a worker whose batches are small, so that files of a few rows have several. */
export async function importsWorld(
  rowsPerBatch = 3,
  settings: Readonly<Record<string, string>> = {},
): Promise<ImportsWorld> {
  const server = await testServer(settings);
  const db = await server.database.connectAsSuperuser();
  const pool = openPool({
    connectionString: server.database.dsnFor("worker"),
    max: 8,
    applicationName: "imports test",
    statementTimeoutMs: 60_000,
    transactionTimeoutMs: 62_000,
  });
  const start = (rows = rowsPerBatch): Worker =>
    startWorker({ pool, jobs: importJobs({ rowsPerBatch: rows }), idleMs: 50, concurrency: 4 });
  const worker = start();
  return {
    server,
    db,
    pool,
    worker,
    importer: async (slug) => importerOf(server, db, await server.organization(slug)),
    startWorker: start,
    stop: async () => {
      await worker.stop();
      await pool.close();
      await server.stop();
    },
  };
}

function importerOf(
  server: TestServer,
  db: Client,
  organization: Awaited<ReturnType<TestServer["organization"]>>,
): Importer {
  const { browser, slug, id: tenant } = organization;
  const at = (path: string): string => `/o/${slug}/v1${path}`;
  const shown = async (id: string): Promise<Json> => (await browser.get(at(`/imports/${id}`))).json;
  const good = ({ status, json }: { status: number; json: Json }): Json => {
    if (status >= 300) throw new Error(JSON.stringify(json));
    return json;
  };
  const importer: Importer = {
    ...organization,
    send: (file, query = {}, as = organization.owner) =>
      sendFile(server.origin, server.browserOf(as.token), at("/imports"), file, query),
    upload: async (file, query) => good(await importer.send(file, query)),
    act: async (id, what) => good(await browser.post(at(`/imports/${id}/${what}`))),
    run: async (file, { dedupe, of, check = false, mapping } = {}) => {
      const { id } = await importer.upload(file, of === undefined ? {} : { resource: of });
      if (dedupe !== undefined || mapping !== undefined)
        good(await browser.patch(at(`/imports/${id}`), { dedupe, mapping }));
      if (check) await importer.act(id, "check").then(() => importer.ended(id));
      await importer.act(id, "start");
      return importer.ended(id);
    },
    shown,
    ended: async (id) => {
      for (let tries = 0; tries < 600; tries += 1) {
        const now = await shown(id);
        if (!["uploading", "checking", "running", "undoing"].includes(now.state)) return now;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`it goes on and on: ${JSON.stringify(await shown(id))}`);
    },
    errors: async (id) => (await browser.get(at(`/imports/${id}/errors.csv`))).text,
    records: async () => recordsOf(db, tenant),
    contacts: async () =>
      (
        await db.query("select * from app.contact where tenant_id = $1 order by external_id, email, id", [
          tenant,
        ])
      ).rows,
  };
  return importer;
}

async function recordsOf(db: Client, tenant: string): Promise<Json> {
  const rows = async (text: string): Promise<Json[]> => (await db.query(text, [tenant])).rows;
  const plain = (table: string): string =>
    `select to_jsonb(t) - 'version' - 'updated_at' as row from app.${table} t where tenant_id = $1 order by id`;
  return {
    contacts: await rows(plain("contact")),
    accounts: await rows(plain("account")),
    contactTokens: await rows(
      "select token, record_id from app.contact_token where tenant_id = $1 order by 1, 2",
    ),
    accountTokens: await rows(
      "select token, record_id from app.account_token where tenant_id = $1 order by 1, 2",
    ),
  };
}

async function sendFile(
  origin: string,
  browser: ReturnType<TestServer["browserOf"]>,
  path: string,
  file: Body,
  query: Readonly<Record<string, string>>,
): Promise<{ status: number; json: Json }> {
  const token = await browser.csrf();
  const headers = {
    "content-type": "text/csv",
    "x-csrf-token": token,
    "sec-fetch-site": "same-origin",
    cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${origin}${path}?${new URLSearchParams(query).toString()}`,
      { method: "POST", headers },
      (incoming) => {
        let text = "";
        incoming.setEncoding("utf8").on("data", (piece: string) => (text += piece));
        incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, json: JSON.parse(text) }));
      },
    );
    outgoing.on("error", reject);
    if (file instanceof Readable) {
      file.on("error", () => outgoing.destroy());
      file.pipe(outgoing);
    } else outgoing.end(file);
  });
}

/** Cells as a line of CSV. */
export function csv(...rows: readonly (readonly string[])[]): string {
  return (
    rows
      .map((cells) =>
        cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(","),
      )
      .join("\r\n") + "\r\n"
  );
}

/** Rows with an id and an address of their own. */
export function people(count: number, from = 0): string[][] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(from + index);
    return [
      `id-${number}`,
      `First${number}`,
      `Last${number}`,
      `p${number}@example.com`,
      `Company ${Number(number) % 7}`,
    ];
  });
}

export const peopleHeader = ["Record ID", "First Name", "Last Name", "Email", "Company Name"];
