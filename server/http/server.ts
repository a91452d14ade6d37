import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { deriveKey, uuidv7 } from "../foundation/ids/index.ts";
import type { Log } from "../foundation/log/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import type { Blocks, Limiter } from "../kernel/limits/index.ts";
import { blockadeOf } from "./blockade.ts";
import { cappedBody } from "./capped-body.ts";
import { compileOnce } from "./compile-schemas.ts";
import { clientFinder } from "./clients.ts";
import { clientErrorAnswer } from "./client-error.ts";
import type { Dialect } from "./dialect.ts";
import { serveConsole } from "./console.ts";
import type { AccessCheck } from "./credential.ts";
import { csrfGuard } from "./csrf.ts";
import { csrfRoute } from "./csrf-route.ts";
import { doorOf } from "./door.ts";
import { explainInvalid } from "./explain-invalid.ts";
import type { Floor, IsClaimed } from "./floor.ts";
import type { Gate } from "./gate.ts";
import { hangerUp } from "./hang-up.ts";
import { serveHealth, type Probe } from "./health.ts";
import { parseJson } from "./json-body.ts";
import { knownDigests } from "./known-digests.ts";
import { promisedRates, type Rates } from "./limits.ts";
import { mountAll, type Mounted, mountsOf } from "./mount.ts";
import { nowhereOf } from "./nowhere.ts";
import { openApi } from "./open-api.ts";
import { problemWriter } from "./problem-answer.ts";
import { serveProblemPages } from "./problem-pages.ts";
import { parseQuery } from "./query.ts";
import { refusalOf } from "./refuse.ts";
import { reporterOf } from "./report.ts";
import type { Route } from "./route.ts";
import { type EdgeRule, edgeRules, type EdgeRules } from "./edge-rules.ts";
import { watchServed } from "./served.ts";
import { securityHeaders } from "./security-headers.ts";

export interface ServerOptions {
  readonly routes: readonly Route[];
  readonly kernel: Gate;
  readonly limiter: Limiter;
  readonly log: Log;
  /** The origin that people type, without a slash at its end. */
  readonly publicUrl: string;
  readonly version: string;
  /** 32 bytes; the keys of CSRF tokens and of address digests are derived from it. */
  readonly secret: Buffer;
  /** Addresses or ranges whose `X-Forwarded-For` is believed; none unless given. */
  readonly trustedProxies?: readonly string[];
  readonly rates?: Rates;
  /** Addresses that are turned away for a while because of what they sent; nobody is unless given. */
  readonly blocks?: Blocks | null;
  /** Addresses or ranges that are never blocked, besides loopback and the trusted proxies. */
  readonly neverBlocked?: readonly string[];
  readonly probes?: readonly Probe[];
  /** Whether a signed token is one of ours; none is unless given. */
  readonly isAccessToken?: AccessCheck;
  /** Until it says yes, only setup is served; yes unless given. */
  readonly isClaimed?: IsClaimed;
  /** The built console; null serves the API alone. */
  readonly consoleDirectory?: string | null;
  /** `docs/problems`. */
  readonly problemsDirectory?: string | null;
}

export interface Server {
  /** Accepts connections and says where; port 0 takes any free one. */
  listen(at: {
    readonly host: string;
    readonly port: number;
  }): Promise<{ readonly url: string; readonly port: number }>;
  /** Runs one request through all stages without a socket, for tests. */
  readonly inject: FastifyInstance["inject"];
  /** Accepts nothing more, lets what is under way finish for so long, then hangs up. */
  close(withinMs?: number): Promise<void>;
  /** What is served, for whoever stands in front of it. */
  readonly edge: EdgeRules;
  /** Every declared route at every address, for tests and documents. */
  readonly routes: readonly Mounted[];
}

const closeMs = 20_000;
const releaseMs = 5_000;

/** Builds the server: every stage for every route, from declarations alone. It accepts nothing before `listen`. */
export async function buildServer(options: ServerOptions): Promise<Server> {
  let closing = false;
  let rules: readonly EdgeRule[] = [];
  const busy = new Set<Socket>();
  const floor = floorOf(options, busy, { isClosing: () => closing, rules: () => rules });
  const app = await appOf(floor);
  const served = watchServed(app);
  await compileOnce(app);
  const hangUp = hangerUp(app.server, busy);
  const routes = [csrfRoute, ...options.routes];
  const mounted = routes.flatMap(mountsOf);
  mountAll(app, mounted, floor);
  serveDocument(
    app,
    openApi(routes, { title: "Ringfence", version: options.version, publicUrl: options.publicUrl }),
  );
  serveHealth(app, options.probes ?? [], floor.isClosing);
  serveProblemPages(app, options.problemsDirectory ?? null);
  serveConsole(app, options.consoleDirectory ?? null, floor.nowhere);
  await app.ready();
  const edge = edgeRules(served(), floor.rates);
  rules = edge.rules;
  const releasing = setInterval(() => floor.blockade.release(), releaseMs).unref();
  return {
    routes: mounted,
    edge,
    inject: app.inject.bind(app),
    listen: (at) => listen(app, at),
    async close(withinMs = closeMs) {
      closing = true;
      clearInterval(releasing);
      const stopTheClock = hangUp(withinMs);
      await app.close().finally(stopTheClock);
    },
  };
}

/** What is known of the server itself only later. */
interface Later {
  readonly isClosing: () => boolean;
  readonly rules: () => readonly EdgeRule[];
}

function floorOf(options: ServerOptions, busy: Set<Socket>, { isClosing, rules }: Later): Floor {
  const { kernel, limiter, log, publicUrl, secret, rates = promisedRates } = options;
  const { trustedProxies = [], neverBlocked = [] } = options;
  const base = {
    log,
    known: knownDigests(),
    clientOf: clientFinder(trustedProxies, neverBlocked, deriveKey(secret, "address digests"), rates),
    headers: Object.entries(securityHeaders(publicUrl)),
    write: problemWriter(publicUrl),
  };
  return {
    ...base,
    kernel,
    limiter,
    rates,
    csrf: csrfGuard(deriveKey(secret, "csrf"), publicUrl),
    isAccessToken: options.isAccessToken ?? (() => false),
    blockade: blockadeOf(options.blocks ?? null, base),
    report: reporterOf({ log }),
    busy,
    isClaimed: options.isClaimed ?? (() => true),
    isClosing,
    nowhere: nowhereOf(rules),
    dialects: dialectsOf(options.routes),
  };
}

function dialectsOf(routes: readonly Route[]): Dialect[] {
  return [...new Set(routes.flatMap((route) => (route.kind === "protocol" ? [route.dialect] : [])))];
}

async function appOf(floor: Floor): Promise<FastifyInstance> {
  // Loaded for a server only: commands enter rooms too, and build none.
  const { fastify } = await import("fastify");
  const door = doorOf(floor);
  const refuse = refusalOf(floor);
  const app = fastify({
    logger: false,
    trustProxy: false,
    requestIdHeader: false,
    genReqId: uuidv7,
    return503OnClosing: false,
    forceCloseConnections: "idle",
    requestTimeout: 300_000,
    keepAliveTimeout: 65_000,
    http: { headersTimeout: 15_000, maxHeaderSize: 16_384 },
    routerOptions: {
      caseSensitive: true,
      ignoreTrailingSlash: false,
      maxParamLength: 300,
      querystringParser: parseQuery,
    },
    schemaErrorFormatter: explainInvalid,
    clientErrorHandler: clientErrorAnswer(floor),
    frameworkErrors: (error, request, reply) =>
      door(request, reply, (earlier) => {
        reply.raw.once("finish", () => floor.report(request, reply));
        refuse(earlier ?? error, request, reply);
      }),
  });
  app.decorateRequest("exchange");
  app.decorateRequest("turnedAway", false);
  app.addHook("onRequest", door);
  app.addHook("onResponse", (request, reply, done) => {
    if (request.turnedAway) {
      done();
      return;
    }
    floor.busy.delete(request.raw.socket);
    floor.report(request, reply);
    done();
  });
  app.setErrorHandler(refuse);
  app.setNotFoundHandler(() => {
    throw new Problem("not-found");
  });
  takeBodies(app, floor.dialects);
  return app;
}

/** JSON is parsed strictly; whatever else a route was declared to take arrives as a stream with a cap. */
function takeBodies(app: FastifyInstance, dialects: readonly Dialect[]): void {
  app.removeAllContentTypeParsers();
  const json = ["application/json", ...dialects.flatMap(({ mediaTypes }) => mediaTypes)];
  app.addContentTypeParser([...new Set(json)], { parseAs: "buffer" }, (_request, bytes: Buffer, done) => {
    try {
      done(null, parseJson(bytes));
    } catch (thrown) {
      done(thrown instanceof Error ? thrown : new Error("unreadable", { cause: thrown }));
    }
  });
  app.addContentTypeParser("*", (request, payload: Readable, done) => {
    done(null, cappedBody(payload, request.routeOptions.bodyLimit ?? 0));
  });
}

function serveDocument(app: FastifyInstance, document: Record<string, unknown>): void {
  const text = JSON.stringify(document);
  app.get("/openapi.json", (_request, reply) => reply.type("application/json; charset=utf-8").send(text));
}

async function listen(
  app: FastifyInstance,
  at: { host: string; port: number },
): Promise<{ url: string; port: number }> {
  const url = await app.listen(at);
  return { url, port: Number(new URL(url).port) };
}
