import type { FastifyReply, FastifyRequest } from "fastify";
import { newToken } from "../foundation/ids/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import type { Charge } from "../kernel/limits/index.ts";
import type { Caller } from "../kernel/tenancy/index.ts";
import { Abandonment } from "./abandonment.ts";
import type { Asked, KeptCookie, Respond } from "./asked.ts";
import type { Client } from "./clients.ts";
import { cookieValue, dropCookie, preSessionCookie, sessionCookie, setCookie } from "./cookies.ts";
import type { Credential } from "./credential.ts";
import { bindingOf, preSessionBinding, type CsrfGuard } from "./csrf.ts";
import type { ConditionHeader } from "./route.ts";
import { type SmallPage, smallPage } from "./small-pages.ts";

const withheld = new Set(["cookie", "x-csrf-token"]);
/** As long as the kernel lets a session live at most; an organization's shorter limits are its own to judge. */
const sessionSeconds = 7 * 86_400;
const preSessionSeconds = 3600;
const credentialCookies = new Set<string>([sessionCookie, preSessionCookie]);

/**
 * One request and its answer on their way through the stages, and what the handler sees of them.
 *
 * A class, for once: there is one per request, and methods on a prototype cost nothing until they are called.
 */
export class Exchange implements Asked, Respond {
  readonly client: Client;
  readonly abandonment = new Abandonment();
  credential: Credential | null = null;
  /** An open door may be one for signed callbacks, whose proof stands in `Authorization`; no other handler reads it. */
  open = false;
  digest = "";
  /** What has been charged so far, for the `RateLimit-Policy` header. */
  charges: readonly Charge[] | null = null;
  /** The declared address of a request that no route takes for its method alone. */
  address: string | null = null;
  /** Why the request was turned away; null while it was not. */
  refusedAs: Problem | null = null;
  /** The `ETag` that the handler set. */
  tag: string | null = null;
  /** Where the handler sends the browser. */
  redirectTo: string | null = null;
  /** The token of the session that the handler has started. */
  started: string | null = null;
  #kept: Map<KeptCookie, string> | null = null;
  /** The page that the handler answers with. */
  shownPage: SmallPage | null = null;
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  readonly #csrf: CsrfGuard;
  #signal: AbortSignal | null = null;

  constructor(request: FastifyRequest, reply: FastifyReply, client: Client, csrf: CsrfGuard) {
    this.#request = request;
    this.#reply = reply;
    this.#csrf = csrf;
    this.client = client;
  }

  get ip(): string {
    return this.client.ip;
  }

  get network(): string {
    return this.client.networkKey;
  }

  get id(): string {
    return this.#request.id;
  }

  get device(): string {
    const name = this.#request.headers["user-agent"] ?? "";
    return name.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
  }

  get contentType(): string | null {
    return this.#request.headers["content-type"] ?? null;
  }

  get signal(): AbortSignal {
    if (this.#signal !== null) return this.#signal;
    const controller = new AbortController();
    if (this.abandonment.aborted) controller.abort();
    this.abandonment.addEventListener("abort", () => controller.abort());
    this.#signal = controller.signal;
    return this.#signal;
  }

  header(name: string): string | null {
    const key = name.toLowerCase();
    if (withheld.has(key) || (key === "authorization" && !this.open)) return null;
    const value = this.#request.headers[key];
    return typeof value === "string" ? value : null;
  }

  cookie(name: KeptCookie): string | null {
    demandNoCredential(name);
    return cookieValue(this.#request.headers.cookie, name);
  }

  keepCookie(
    name: KeptCookie,
    value: string,
    maxAgeSeconds: number,
    from: "own-site" | "any-site" = "own-site",
  ): void {
    demandNoCredential(name);
    this.#kept ??= new Map();
    this.#kept.set(name, value);
    this.#addCookies([setCookie(name, value, maxAgeSeconds, from === "any-site" ? "None" : "Lax")]);
  }

  page(title: string, content: string): void {
    this.shownPage = smallPage(title, content, "a form");
  }

  /** What the browser holds under this name once it has this answer. */
  keeps(name: KeptCookie): string | null {
    return this.#kept?.get(name) ?? this.cookie(name);
  }

  /** Gives the browser nothing after all: what the handler handed out was refused since. */
  withholdCookies(): void {
    this.#reply.removeHeader("set-cookie");
  }

  redirect(url: string): void {
    this.redirectTo = url;
    this.#reply.header("location", url);
  }

  #addCookies(lines: readonly string[]): void {
    const before = [this.#reply.getHeader("set-cookie") ?? []].flat().map(String);
    const names = new Set(lines.map((line) => line.split("=")[0]));
    this.#reply.removeHeader("set-cookie");
    this.#reply.header("set-cookie", [...before.filter((line) => !names.has(line.split("=")[0])), ...lines]);
  }

  ifMatch(): number {
    this.#demandDeclared("If-Match");
    const tag = this.#request.headers["if-match"];
    if (tag === undefined) throw new Problem("version-missing");
    const version = /^"v(\d{1,15})"$/.exec(tag)?.[1];
    if (version === undefined) {
      throw new Problem("bad-request", {
        detail: 'If-Match holds one version as it was sent in ETag, such as "v7".',
      });
    }
    return Number(version);
  }

  idempotencyKey(): string | null {
    this.#demandDeclared("Idempotency-Key");
    const key = this.#request.headers["idempotency-key"];
    if (key === undefined) return null;
    if (typeof key === "string" && /^[\x21-\x7e]{1,200}$/.test(key)) return key;
    throw new Problem("bad-request", {
      detail: "Idempotency-Key holds 1 to 200 printable characters without spaces.",
    });
  }

  #demandDeclared(header: ConditionHeader): void {
    const { config, url } = this.#request.routeOptions;
    if (config.conditions?.includes(header) !== true) throw new Error(`${url}: ${header} is not declared`);
  }

  etag(version: number): void {
    this.tag = `"v${version}"`;
    this.#reply.header("etag", this.tag);
  }

  location(path: `/${string}`): void {
    this.#reply.header("location", path);
  }

  startSession(token: string): void {
    this.started = token;
    this.#addCookies([setCookie(sessionCookie, token, sessionSeconds), dropCookie(preSessionCookie)]);
  }

  endSession(): void {
    this.#reply.header("set-cookie", [dropCookie(sessionCookie), dropCookie(preSessionCookie)]);
    this.#reply.header("clear-site-data", '"cache"');
  }

  cacheFor(seconds: number): void {
    if (!this.open)
      throw new Error(`${this.#request.routeOptions.url}: what is guarded is not kept by others`);
    this.#reply.header("cache-control", `public, max-age=${seconds}`);
  }

  csrfToken(): string {
    const binding = bindingOf(this.#request.headers);
    if (binding !== null) return this.#csrf.tokenFor(binding);
    const value = newToken();
    this.#reply.header("set-cookie", setCookie(preSessionCookie, value, preSessionSeconds));
    return this.#csrf.tokenFor(preSessionBinding(value));
  }

  /** Who asks, for the kernel; null when no credential was shown. */
  caller(organization: string | null): Caller | null {
    if (this.credential === null) return null;
    const { tokenHash } = this.credential;
    return { tokenHash, organization, requestId: this.id, ip: this.ip, device: this.device };
  }
}

function demandNoCredential(name: string): void {
  if (credentialCookies.has(name)) throw new Error(`${name} is not a handler's to touch`);
}

declare module "fastify" {
  interface FastifyRequest {
    /** Set by the door, before any other stage. */
    exchange: Exchange;
  }
  interface FastifyContextConfig {
    /** What the route was declared to act on. */
    conditions?: readonly ConditionHeader[];
  }
}
