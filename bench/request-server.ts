import { fastify, type FastifyInstance } from "fastify";
import pg from "pg";
import { crmDoors } from "../server/features/crm/index.ts";
import { contact } from "../server/features/crm/contact.ts";
import { openPool, type Row, type Statement } from "../server/foundation/database/index.ts";
import { uuidv7 } from "../server/foundation/ids/index.ts";
import { answerSchema } from "../server/http/closed-schema.ts";
import { resourceRoutes } from "../server/http/index.ts";
import { shownSchema, statementsOf, type ListWish } from "../server/kernel/resource/index.ts";
import { uncountedServer } from "./uncounted-server.ts";

/**
 * Three servers of `bench/request`, each in a process of its own: `secured` is the product's, `bare` the same framework with
 * the same options, the same executor, statements and answer schema, and nothing that judges anybody; `plain` the same with
 * node-postgres as it comes, in place of our executor.
 * `tsx bench/request-server.ts secured API_DSN AUTH_DSN` or `… bare SUPERUSER_DSN`; says its port as JSON.
 */

const [mode = "", first = "", second = ""] = process.argv.slice(2);
const limits = { statementTimeoutMs: 10_000, transactionTimeoutMs: 12_000 };

async function secured(): Promise<number> {
  const api = openPool({ connectionString: first, max: 8, applicationName: "bench secured", ...limits });
  const auth = openPool({ connectionString: second, max: 3, applicationName: "bench auth", ...limits });
  const { server } = await uncountedServer(crmDoors.flatMap(resourceRoutes), { api, auth });
  return (await server.listen({ host: "127.0.0.1", port: 0 })).port;
}

/** Whose rows are asked for: found once for each slug, since nobody is checked. */
const tenants = new Map<string, string>();

type Ask = (statement: Statement) => Promise<readonly Row[]>;

async function bare(): Promise<number> {
  const pool = openPool({ connectionString: first, max: 8, applicationName: "bench bare", ...limits });
  return unguardedServer(
    fastify({
      logger: false,
      trustProxy: false,
      requestIdHeader: false,
      genReqId: uuidv7,
      forceCloseConnections: "idle",
      requestTimeout: 300_000,
      keepAliveTimeout: 65_000,
      http: { headersTimeout: 15_000, maxHeaderSize: 16_384 },
      routerOptions: { caseSensitive: true, ignoreTrailingSlash: false, maxParamLength: 300 },
    }),
    async (statement) => (await pool.batch([statement]))[0]?.rows ?? [],
  );
}

async function plain(): Promise<number> {
  const pool = new pg.Pool({ connectionString: first, max: 8, application_name: "bench plain" });
  const names = new Map<string, string>();
  return unguardedServer(fastify({ logger: false }), async ({ text, values }) => {
    const name = names.get(text) ?? `s${names.size}`;
    names.set(text, name);
    return (await pool.query<Row>({ name, text, values: [...values] })).rows;
  });
}

async function unguardedServer(app: FastifyInstance, ask: Ask): Promise<number> {
  for (const { slug, id } of await ask({ text: "select slug, id from kernel.tenant", values: [] }))
    tenants.set(String(slug), String(id));
  const statements = statementsOf(contact);
  const shown = shownSchema(contact);
  const nullableText = { type: ["string", "null"] };
  const list = {
    type: "object",
    properties: { items: { type: "array", items: answerSchema(shown) }, next: nullableText },
  };
  app.get<{ Params: { organization: string; id: string } }>(
    "/o/:organization/v1/contacts/:id",
    { schema: { response: { 200: answerSchema(shown) } } },
    async ({ params }, reply) => {
      const [record] = await ask(unguarded(statements.read(params.id), params.organization));
      if (record === undefined) return reply.code(404).send();
      reply.header("etag", `"v${String(record["version"])}"`);
      return record;
    },
  );
  app.get<{ Params: { organization: string }; Querystring: { limit?: string } }>(
    "/o/:organization/v1/contacts",
    { schema: { response: { 200: list } } },
    async ({ params, query }) => {
      const limit = Number(query.limit ?? 50);
      const wish: ListWish = {
        limit,
        after: null,
        sort: "-createdAt",
        q: null,
        tag: null,
        filters: {},
        archived: false,
      };
      const rows = await ask(unguarded(statements.list(wish), params.organization));
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      return {
        items,
        next: rows.length > limit && last !== undefined ? statements.cursorAfter(last, wish) : null,
      };
    },
  );
  return Number(new URL(await app.listen({ host: "127.0.0.1", port: 0 })).port);
}

const unguardedTexts = new Map<string, string>();

/** The same statement on the copies without row security; the organization stands where a program without it would put it. */
function unguarded({ text, values }: Statement, organization: string): Statement {
  let rewritten = unguardedTexts.get(text);
  if (rewritten === undefined) {
    rewritten = text
      .replaceAll("app.", "bare.")
      .replaceAll(" where o.id = r.", " where o.tenant_id = r.tenant_id and o.id = r.")
      .replace(" where r.", ` where r.tenant_id = $${values.length + 1} and r.`);
    unguardedTexts.set(text, rewritten);
  }
  return { text: rewritten, values: [...values, tenants.get(organization) ?? null] };
}

process.once("SIGTERM", () => process.exit(0));
const servers: Readonly<Record<string, () => Promise<number>>> = { secured, bare, plain };
const port = await servers[mode]?.();
console.error(JSON.stringify({ port }));
