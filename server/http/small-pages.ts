import { newToken } from "../foundation/ids/index.ts";
import { pagePolicy } from "./security-headers.ts";

/** A finished page and the policy that lets its one style sheet through. */
export interface SmallPage {
  readonly html: string;
  readonly policy: string;
}

/** A small readable page without script, in light and dark; `content` is HTML that is safe already. */
export function smallPage(title: string, content: string, holding: "text" | "a form" = "text"): SmallPage {
  const nonce = newToken();
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body><main>${content}</main></body>
</html>
`;
  return { html, policy: pagePolicy(nonce, holding === "a form" ? "'self'" : "'none'") };
}

/** Text made harmless in HTML, in attributes too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const style = `
:root { color-scheme: light dark; --ink: #1a1d21; --paper: #ffffff; --soft: #f1f3f5; --link: #1456a8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --paper: #16181b; --soft: #24282d; --link: #8ab8f0; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.6 system-ui, sans-serif; }
main { max-width: 40rem; margin: 0 auto; padding: 3rem 1.25rem; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.2rem; margin-top: 2rem; }
a { color: var(--link); } code, pre { background: var(--soft); border-radius: 0.25rem; font-size: 0.9em; }
code { padding: 0.1em 0.3em; } pre { padding: 0.75rem 1rem; overflow-x: auto; } pre code { padding: 0; }
`;
