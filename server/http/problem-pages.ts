import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { problems } from "../../contract/problem.ts";
import { markdownToHtml } from "./small-markdown.ts";
import { escapeHtml, smallPage } from "./small-pages.ts";

/** Serves the page to which each problem's `type` leads, read once from `docs/problems`. */
export function serveProblemPages(app: FastifyInstance, directory: string | null): void {
  const contents = new Map(
    Object.entries(problems).map(([key, { title }]) => [key, contentOf(directory, key, title)]),
  );
  const pages: readonly [string, string][] = Object.entries(problems).map(([key, { status, title }]) => [
    key,
    `<li><a href="/problems/${key}">${escapeHtml(title)}</a> (${status})</li>`,
  ]);
  const list = `<h1>When we say no</h1><ul>${pages.map(([, item]) => item).join("")}</ul>`;
  for (const [key, content] of contents) {
    app.get(`/problems/${key}`, (_request, reply) => {
      const { html, policy } = smallPage(titleOf(key), content);
      return reply.header("content-security-policy", policy).type("text/html; charset=utf-8").send(html);
    });
  }
  app.get("/problems", (_request, reply) => {
    const { html, policy } = smallPage("When we say no", list);
    return reply.header("content-security-policy", policy).type("text/html; charset=utf-8").send(html);
  });
}

function titleOf(key: string): string {
  return new Map<string, { readonly title: string }>(Object.entries(problems)).get(key)?.title ?? key;
}

/** A page that is not written yet says at least what the problem is. */
function contentOf(directory: string | null, key: string, title: string): string {
  const bare = `<h1>${escapeHtml(title)}</h1>`;
  if (directory === null) return bare;
  try {
    return markdownToHtml(readFileSync(join(directory, `${key}.md`), "utf8"));
  } catch {
    return bare;
  }
}
