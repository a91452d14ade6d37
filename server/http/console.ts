import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance, FastifyReply } from "fastify";
import { newToken } from "../foundation/ids/index.ts";
import type { Nowhere } from "./nowhere.ts";
import { consolePolicy } from "./security-headers.ts";
import { smallPage } from "./small-pages.ts";

/** The addresses at which the console's own router takes over. */
const consoleUrls = [
  "/",
  "/sign-in",
  "/reset-password",
  "/magic-link",
  "/confirm-email",
  "/unlock",
  "/restore",
  "/sso-setup",
  "/security",
  "/setup",
  "/setup/*",
  "/invitation/*",
  "/organizations",
  "/organizations/*",
  "/account",
  "/account/*",
  "/o/:organization",
  "/o/:organization/*",
];
const noncePlaceholder = "__NONCE__";

/**
 * Serves the built console: its page with a nonce of its own in every answer, its hashed assets for ever.
 *
 * Where it has not been built, a page says so, and the API works all the same.
 */
export function serveConsole(app: FastifyInstance, directory: string | null, nowhere: Nowhere): void {
  const index = directory === null ? null : join(directory, "index.html");
  const page =
    index !== null && existsSync(index) ? readFileSync(index, "utf8").split(noncePlaceholder) : null;
  const send = (reply: FastifyReply): FastifyReply =>
    page === null ? sendUnbuilt(reply) : sendPage(reply, page);
  for (const url of consoleUrls) app.get(url, (_request, reply) => send(reply));
  // What looks like the API and is not declared must not answer 200 with a page.
  for (const url of ["/o/:organization/v1", "/o/:organization/v1/*"])
    app.all(url, { config: { refused: true } }, (request, reply) => {
      throw nowhere(request, reply);
    });
  if (directory !== null && page !== null) serveFiles(app, directory);
}

function sendPage(reply: FastifyReply, page: readonly string[]): FastifyReply {
  const nonce = newToken();
  reply.header("content-security-policy", consolePolicy(nonce));
  return reply.type("text/html; charset=utf-8").send(page.join(nonce));
}

function sendUnbuilt(reply: FastifyReply): FastifyReply {
  const { html, policy } = smallPage(
    "The console is not built",
    "<h1>The console is not built</h1><p>This server answers its API, but the console's files are missing. " +
      "Build them with <code>npm run build</code> and start it again.</p>",
  );
  reply.code(503).header("content-security-policy", policy).header("retry-after", "60");
  return reply.type("text/html; charset=utf-8").send(html);
}

function serveFiles(app: FastifyInstance, directory: string): void {
  const assets = join(directory, "assets");
  const preCompressed = existsSync(assets) && readdirSync(assets).some((name) => /\.(?:br|gz)$/.test(name));
  void app.register(import("@fastify/static"), {
    root: existsSync(assets) ? assets : directory,
    prefix: "/assets/",
    serve: existsSync(assets),
    index: false,
    dotfiles: "ignore",
    redirect: false,
    // One door for each file that is there at the start: no path is ever joined to a folder's name.
    wildcard: false,
    cacheControl: false,
    preCompressed,
    setHeaders: (reply) => void reply.header("cache-control", "public, max-age=31536000, immutable"),
  });
  const files = readdirSync(directory, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && /^[\w-]+\.(?:ico|png|svg|txt|webmanifest|json)$/.test(entry.name),
  );
  for (const { name } of files) {
    app.get(`/${name}`, (_request, reply) => {
      reply.header("cache-control", "public, max-age=3600");
      return reply.sendFile(name, directory, { cacheControl: false });
    });
  }
}
